"""The console in a real browser, as somebody who is logged in."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Browser, ConsoleMessage, Page

from commerce_agent.models import Operator
from tests.chromium import DESKTOP

AXE = Path(__file__).parent.parent / "vendor" / "axe.min.js"
PICTURES = "https://lamps.example/"
"""Where a feed of these tests says that its pictures are; nobody answers there."""


def open_session(operator: Operator) -> str:
    """The key of a session in which somebody is logged in."""
    session = SessionStore()
    session[SESSION_KEY] = str(operator.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = operator.get_session_auth_hash()
    session.create()
    return str(session.session_key)


@contextmanager
def open_page(browser: Browser, *, shop: str, visitor: Operator) -> Iterator[Page]:
    """A page of somebody; whatever the browser complains of, and whatever is asked of another host, is a failure."""
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error" and not str(message.location.get("url")).startswith(PICTURES):
            complaints.append(message.text)

    context = browser.new_context(viewport=DESKTOP, base_url=shop)  # type: ignore[arg-type]
    session = {"name": settings.SESSION_COOKIE_NAME, "value": open_session(visitor), "url": shop}
    context.add_cookies([session])  # type: ignore[list-item]
    page = context.new_page()
    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request",
        lambda r: None if r.url.startswith((shop, "data:", PICTURES)) else complaints.append(r.url),
    )
    yield page
    context.close()
    assert complaints == []
