"""Where code acts for every merchant: each place, and its purpose, stands here."""

import ast
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from asgiref.sync import sync_to_async

from catalog.models import OrderAttempt
from commerce_agent import tasks
from commerce_agent.isolation import acting
from commerce_agent.isolation.acting import get_told
from commerce_agent.isolation.connections import Pool
from commerce_agent.setup import inside
from tests.architecture.sources import PACKAGES
from tests.conversations.state.talking import NOON
from tests.isolation.conftest import Shop
from tests.running import ROOT

PLACES = {
    "catalog/tasks.py": {
        "offers that run out, of all shops",
        "reservations that ran out, of all shops",
        "what was counted of all shops' connectors",
    },
    "commerce_agent/models/operator.py": {"which shops somebody works for"},
    "commerce_agent/setup/inside.py": {"whoever runs a command on this machine"},
    "commerce_agent/setup/shop.py": {"the first start, which stocks the demo shop"},
    "commerce_agent/staff/reach.py": {"the platform's own staff at the console"},
    "commerce_agent/tasks.py": {
        "conversations of all shops, for the audit's search",
        "which orders' answers were lost, of all shops",
        "people who went away, of all shops",
        "shops that scripts have left behind",
        "the journal's months, which all shops share",
        "turns that nobody finished, of all shops",
        "what ran out, of all shops",
        "which addresses are due, of all shops",
        "which messages to shops are due, of all shops",
        "which shops have events waiting",
        "whose conversation it is",
    },
    "commerce_agent/webhooks/application.py": {"whose webhook key it is"},
    "conversations/api/access.py": {"whose API key it is"},
    "commerce_agent/isolation/management/commands/migrate.py": {"migrations, which concern all shops"},
}


def list_purposes(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "acting_for_platform":
            (purpose,) = node.args
            assert isinstance(purpose, ast.Constant), (
                f"{path}: the purpose is written out, so that it can be found"
            )
            found.add(str(purpose.value))
    return found


def test_whoever_acts_for_all_is_listed_with_the_purpose() -> None:
    found = {
        str(path.relative_to(ROOT)): purposes
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        if (purposes := list_purposes(path))
    }
    assert found == PLACES


def test_nobody_tells_the_database_in_another_way() -> None:
    """The setting's name is in one module, and what it holds is told by connections alone."""
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            text = path.read_text()
            assert "commerce_agent.acting" not in text or path.parts[-2:] == ("isolation", "acting.py"), path
            assert "set_config('{SETTING}'" not in text or path.name in {
                "connections.py",
                "policies.py",
                "0016_merchants_apart.py",
                "0017_narrower_ways_of_the_owner.py",
                "0023_openings_by_mark.py",
                "0026_openings_by_mark_alone.py",
            }, path


async def test_what_finds_out_whose_it_is_goes_on_for_that_shop_alone(
    pool: Pool, ours: Shop, theirs: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    acted: list[str] = []
    monkeypatch.setattr(tasks.background, "run", lambda _: acted.append(get_told()) or 0)
    await sync_to_async(tasks.compress_conversation)(ours.conversation)
    assert acted == [f"{{{ours.merchant}}}"]

    for shop in (ours, theirs):
        await OrderAttempt.objects.acreate(
            merchant_id=shop.merchant, token=shop.conversation, origin=shop.conversation, at=NOON
        )
    settled: dict[str, str] = {}

    async def settle(attempt: Any, *, at: object) -> bool:
        settled[attempt.origin] = get_told()
        return False

    confirmations = SimpleNamespace(settle=settle)
    platform = SimpleNamespace(pool=pool, clock=tasks.read_clock, confirmations=confirmations)
    await tasks._settle(cast("tasks.Platform", platform))
    await OrderAttempt.objects.filter(merchant_id__in=(ours.merchant, theirs.merchant)).adelete()

    assert {name: settled[name] for name in (ours.conversation, theirs.conversation)} == {
        shop.conversation: f"{{{shop.merchant}}}" for shop in (ours, theirs)
    }


@pytest.mark.parametrize(("command", "told"), [("merchant_api", acting.NOBODY), ("purge", acting.PLATFORM)])
def test_a_command_that_serves_strangers_begins_with_nobody(
    database: str, command: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    acted: list[str] = []
    monkeypatch.setattr(inside, "execute_from_command_line", lambda _: acted.append(get_told()))
    nobody = acting._told.set(acting.NOBODY)
    try:
        assert inside.main([command]) == 0
    finally:
        acting._told.reset(nobody)
    assert acted == [told]
