"""Where code acts for every merchant: each place, and its purpose, stands here."""

import ast
from pathlib import Path

from tests.architecture.sources import PACKAGES
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
        "orders whose answer was lost, of all shops",
        "people who went away, of all shops",
        "shops that scripts have left behind",
        "the journal's months, which all shops share",
        "turns that nobody finished, of all shops",
        "what ran out, of all shops",
        "which addresses are due, of all shops",
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
                "0016_merchants_apart.py",
            }, path
