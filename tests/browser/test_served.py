"""What shoppers download: its weight, and that it works as production serves it."""

import gzip
import html
import re
import urllib.request
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route

from catalog.models import Merchant
from commerce_agent.models import WidgetLook
from commerce_agent.settings.storage import LEAN, make_served
from tests.browser.conftest import OpenPage, Site
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


def list_served() -> dict[str, str]:
    """What production serves of the widget, by the address at which tests find it."""

    def read(name: str) -> str:
        return (ROOT / "static" / name).read_text()

    return {name: make_served(name, read=read) for name in LEAN}


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


def serve_collected(page: Page) -> None:
    """Has the page get the static files as production serves them, and no others."""
    page.route("**/static/**", lambda route: route.abort())
    for name, text in list_served().items():
        assert not re.search(r"^\s*/\*|^import |^export ", text, re.MULTILINE)
        kind = "text/css" if name.endswith(".css") else "text/javascript"
        page.route(f"**/static/{name}", answer_with(text, kind=kind))


def answer_with(body: str, *, kind: str) -> Callable[[Route], None]:
    return lambda route: route.fulfill(body=body, content_type=kind)
