"""Whose loader brings the widget is counted, the shop's site is noted, and nothing else of what a client says."""

import re

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from commerce_agent.chat.clients import LOADER_VERSION, note_client
from commerce_agent.chat.fields import Client
from commerce_agent.chat.merchants import Shop
from conversations.ids import MerchantId
from tests.running import ROOT

SHOP = Shop(
    id=MerchantId("m-1"),
    key="shop",
    name="Shop",
    currency="USD",
    locale="en",
    shop_url="",
    origins=("https://shop.example",),
)


def count(loader: str) -> float:
    return REGISTRY.get_sample_value("commerce_chat_hellos_total", {"loader": loader}) or 0.0


def test_the_loader_says_the_version_that_is_known() -> None:
    loader = (ROOT / "static/loader.js").read_text()
    assert re.findall(r't: "init", v: "(.*?)"', loader) == [LOADER_VERSION]


@pytest.mark.parametrize(
    ("client", "loader", "site"),
    [
        (
            Client(v=LOADER_VERSION, page="https://shop.example/p/1?mail=a@b.example"),
            "current",
            "https://shop.example",
        ),
        (Client(v="0", page="https://shop.example"), "other", "https://shop.example"),
        (Client(v="my words", page="https://shop.example.evil.example/"), "other", ""),
        (None, "none", ""),
    ],
)
def test_only_what_is_known_is_noted(client: Client | None, loader: str, site: str) -> None:
    before = count(loader)
    with capture_logs() as logs:
        note_client(client, shop=SHOP)

    assert count(loader) == before + 1
    assert logs == [{"event": "chat.hello", "log_level": "info", "loader": loader, "site": site}]
