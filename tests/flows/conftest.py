"""Scripts run as the command runs them: real stores, real pipeline, a merchant of their own."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml
from django.core.management import call_command

from catalog.ids import MerchantId
from catalog.merchants import delete_merchant
from catalog.models import Merchant
from commerce_agent.demo.seeding import seed_shop
from conversations.models import Conversation
from tests.flows.recordings import OPENED, make_lamp_shop

Steps = list[dict[str, Any]]
Converse = Callable[..., Steps]

SCRIPTS = Path(__file__).parent.parent / "scripts"
LAMP_SHOP: dict[str, Any] = {
    "feed": str(SCRIPTS / "lamps.tsv"),
    "policies": [
        {
            "name": "returns",
            "title": "Returns",
            "text": "Send it back within 60 days.",
            "terms": {"window_days": 60},
            "applies_to": "store",
            "version": 1,
        }
    ],
}
SHARED = Path(__file__).parents[3] / "shared"


@pytest.fixture
def converse(database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Converse:
    """Run a script (a path, or its turns) and return one object a step; it must leave nothing behind."""

    def run(script: Path | list[dict[str, Any]], *, planner: str = "builtin", **more: Any) -> Steps:
        if not isinstance(script, Path):
            path = tmp_path / "script.yaml"
            path.write_text(yaml.safe_dump({"turns": script, **more}, allow_unicode=True))
            script = path
        before = (Merchant.objects.count(), Conversation.objects.count())
        capsys.readouterr()
        call_command("converse", str(script), "--json", "--planner", planner)
        steps = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert (Merchant.objects.count(), Conversation.objects.count()) == before
        return steps

    return run


@pytest.fixture
def lamps(database: str) -> Iterator[MerchantId]:
    """A lamp shop of the test's own."""
    merchant = make_lamp_shop()
    yield merchant
    delete_merchant(merchant=merchant)


@pytest.fixture
def demo_shop(database: str) -> Iterator[MerchantId]:
    """A copy of the demo shop, with its policies, promotions, shoppers and their orders."""
    key = f"export-{uuid4().hex[:12]}"
    seed_shop(clock=lambda: OPENED, key=key)
    merchant = MerchantId(str(Merchant.objects.get(key=key).id))
    yield merchant
    delete_merchant(merchant=merchant)


def say(*texts: str) -> list[dict[str, Any]]:
    """Turns that only talk."""
    return [{"say": text} for text in texts]
