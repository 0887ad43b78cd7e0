"""The widget's static files as production serves them."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, Route

from commerce_agent.settings.storage import LEAN, make_served
from tests.running import ROOT


def list_served() -> dict[str, str]:
    """What production serves of the widget, by the address at which tests find it."""

    def read(name: str) -> str:
        return (ROOT / "static" / name).read_text()

    return {name: make_served(name, read=read) for name in LEAN}


def serve_collected(page: Page) -> None:
    """Has the page get the static files as production serves them, and no others."""
    page.route("**/static/**", lambda route: route.abort())
    for name, text in list_served().items():
        assert not re.search(r"^\s*/\*|^import |^export ", text, re.MULTILINE)
        kind = "text/css" if name.endswith(".css") else "text/javascript"
        page.route(f"**/static/{name}", answer_with(text, kind=kind))


def answer_with(body: str, *, kind: str) -> Callable[[Route], None]:
    return lambda route: route.fulfill(body=body, content_type=kind)
