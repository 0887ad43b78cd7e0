"""A script that cannot run says which step and why, and leaves nothing."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command

from catalog.models import Merchant
from conversations.models import Conversation
from tests.flows.conftest import SCRIPTS


@pytest.mark.parametrize(
    ("script", "said"),
    [
        pytest.param({"turns": [{"shout": "hi"}]}, "step 1", id="unknown-step"),
        pytest.param(
            {"turns": [{"say": "hi", "advance": 3}]}, "step 1: give exactly one", id="two-steps-in-one"
        ),
        pytest.param({"turns": [{"advance": -1}]}, "0 or more", id="back-in-time"),
        pytest.param(
            {"turns": [{"event": {"kind": "stock.changed"}}]}, "needs sku and quantity", id="no-sku"
        ),
        pytest.param({"turns": [], "feed": "nowhere.tsv"}, "there is no file", id="no-feed"),
        pytest.param(
            {"turns": [{"event": {"kind": "stock.changed", "sku": "NONE", "quantity": 1}}]},
            "NONE",
            id="unknown-sku",
        ),
        pytest.param(
            {"turns": [{"event": {"kind": "price.changed", "sku": "MEADOW-G", "price": "cheap"}}]},
            "no price",
            id="no-price",
        ),
        pytest.param({"turns": [{"confirm": "latest"}]}, "no open proposal", id="nothing-to-confirm"),
        pytest.param(
            {"turns": [{"event": {"kind": "connector.down", "connector": "moon"}}]}, "moon", id="connector"
        ),
        pytest.param(
            {"turns": [{"shopper": {"id": "s-1"}}, {"shopper": {"id": "s-2"}}]},
            "step 2: shopper: .* is another shopper's",
            id="another-shopper",
        ),
        pytest.param(
            {"turns": [{"shopper": {"id": "s-1", "orders": [{"lines": [{"sku": "NONE"}]}]}}]},
            "the shop has no 'NONE'",
            id="an-order-of-nothing",
        ),
    ],
)
def test_the_mistake_is_named(database: str, tmp_path: Path, script: dict[str, Any], said: str) -> None:
    path = tmp_path / "script.yaml"
    path.write_text(yaml.safe_dump({"feed": str(SCRIPTS / "lamps.tsv"), **script}))
    before = (Merchant.objects.count(), Conversation.objects.count())

    with pytest.raises(CommandError, match=said):
        call_command("converse", str(path))

    assert (Merchant.objects.count(), Conversation.objects.count()) == before
