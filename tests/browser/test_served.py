"""What shoppers download: its weight, and that it works as production serves it."""

import gzip
import html
import re
import urllib.request

import pytest

from catalog.models import Merchant
from commerce_agent.models import WidgetLook
from tests.browser.conftest import OpenPage, Site
from tests.browser.serving import list_served, serve_collected
from tests.browser.test_widget import DESKTOP, open_chat, say
from tests.running import ROOT

HEAVIEST = {
    "corners": "square",
    "typeface": "rounded",
    "scheme": "dark",
    "direction": "rtl",
}
"""A look in which nothing is the chat's own; its colour is the script tag's."""


def measure(content: bytes) -> int:
    return len(gzip.compress(content, 9))


def fetch_raw(address: str) -> bytes:
    """The bytes that come over the line to a browser, still packed."""
    asked = urllib.request.Request(address, headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(asked, timeout=30) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        return bytes(answer.read())


@pytest.mark.parametrize("look", [{}, HEAVIEST], ids=["own look", "themed"])
@pytest.mark.parametrize("language", ["de", "en", "es", "fr"])
def test_it_weighs_less_than_its_budget(
    running_shop: str, merchant: Merchant, language: str, look: dict[str, str]
) -> None:
    # The page names the sites that may embed it.
    sites = ["https://www.bramble-and-sons.example", "https://bramble-and-sons.example"]
    Merchant.objects.filter(pk=merchant.pk).update(allowed_origins=sites)
    WidgetLook.objects.create(merchant=merchant, **look)
    tag = "&tag=ff6600" if look else ""
    frame = fetch_raw(f"{running_shop}/w/{merchant.key}/?lang={language}{tag}")
    styles = re.findall(r'"(style\.css\?[^"]+)"', html.unescape(gzip.decompress(frame).decode()))
    assert len(styles) == bool(look)
    packed = [frame, *(fetch_raw(f"{running_shop}/w/{merchant.key}/{style}") for style in styles)]
    served = sum(map(len, packed)) + sum(measure(text.encode()) for text in list_served().values())

    # The loader keeps to its budget as it is written, too.
    for loader in (list_served()["loader.js"].encode(), (ROOT / "static/loader.js").read_bytes()):
        assert measure(loader) <= 3 * 1024
    assert served <= 22 * 1024


def test_it_works_as_production_serves_it(open_page: OpenPage, site: Site) -> None:
    page = open_page("about:blank", viewport=DESKTOP)
    serve_collected(page)
    page.goto(site.origin)
    chat = open_chat(page)
    say(chat, "hello")

    radius = chat.locator(".bubble").evaluate("bubble => getComputedStyle(bubble).borderTopLeftRadius")
    assert radius == "22px"
