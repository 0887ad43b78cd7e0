"""A real Chromium, a shop's own site on another origin, and a stage on which events appear in the journal."""

import threading
import uuid
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from catalog.models import Merchant
from tests.browser.serving import serve_collected
from tests.browser.stage import Stage
from tests.chromium import EXPECT_MILLISECONDS, NONE_FOUND, find_chromium, open_chromium

PHONE = {"width": 390, "height": 844}
PANEL = {"width": 400, "height": 680}
STRICT = (
    "default-src 'none'; script-src {chat}; style-src 'self'; frame-src {chat};"
    " img-src data:;"
    " require-trusted-types-for 'script'"
)

OPEN_ROOTS = """
    const own = Element.prototype.attachShadow;
    window.modes = [];
    Element.prototype.attachShadow = function (how) {
        modes.push(how.mode);
        return own.call(this, { ...how, mode: "open" });
    };
"""
"""The loader's root is closed to everybody; a test has to see into it."""

OpenPage = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    path = find_chromium()
    if path is None:
        pytest.skip(NONE_FOUND)
    return path


@pytest.fixture(scope="package")
def chromium(chromium_path: str) -> Iterator[Browser]:
    """One browser for these tests only: its event loop runs in the main thread, where async tests want theirs."""
    with open_chromium(chromium_path) as browser:
        yield browser


@pytest.fixture
def merchant(database: str) -> Merchant:
    return Merchant.objects.create(key=f"t-{uuid.uuid4().hex[:12]}", name="Bramble & Sons")


@pytest.fixture
def stage(merchant: Merchant) -> Stage:
    """Puts events into the journal of this shop's conversation, through the conversation service."""
    return Stage(merchant=str(merchant.pk))


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[OpenPage]:
    """Opens pages; at the end, no console message and no script error may have appeared on any of them."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        complaints.append(f"{message.type}: {message.text} ({message.location.get('url')})")

    def open_one(url: str, *, context: BrowserContext | None = None, **options: object) -> Page:
        if context is None:
            context = chromium.new_context(**{"viewport": PANEL, **options})
            context.add_init_script(OPEN_ROOTS)
            context.set_default_timeout(EXPECT_MILLISECONDS)
            contexts.append(context)
        page = context.new_page()
        page.on("console", listen)
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.goto(url)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def as_served(open_page: OpenPage) -> Page:
    """A page that gets the widget's files as production serves them, with nothing opened in it."""
    page = open_page("about:blank", color_scheme="light")
    serve_collected(page)
    return page


@pytest.fixture
def widget(as_served: Page, running_shop: str, merchant: Merchant) -> Page:
    """The chat by itself, from the files that production serves."""
    as_served.goto(f"{running_shop}/w/{merchant.key}/")
    return as_served


class Site:
    """A merchant's own site: one page, and the headers that the test chooses."""

    def __init__(self, *, server: ThreadingHTTPServer) -> None:
        self._server = server
        self.origin = f"http://localhost:{server.server_port}"
        self.policy = ""
        self.css = ""
        self.embed = ""
        self.lang = "en"

    @property
    def page(self) -> str:
        return (
            f"<!doctype html><html lang='{self.lang}'><head><title>Shop</title><link rel='icon' href='data:,'>"
            "<meta name='viewport' content='width=device-width, initial-scale=1'>"
            "<link rel='stylesheet' href='/shop.css'></head>"
            f"<body><main><h1>Shop</h1></main>{self.embed}</body></html>"
        )


@pytest.fixture
def site(running_shop: str, merchant: Merchant) -> Iterator[Site]:
    """A shop's site on an origin of its own, with the widget embedded by its one script tag."""
    places: list[Site] = []

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_css = self.path == "/shop.css"
            body = (places[0].css if is_css else places[0].page).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/css" if is_css else "text/html; charset=utf-8")
            if places[0].policy:
                self.send_header("Content-Security-Policy", places[0].policy)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    server.daemon_threads = True
    places.append(Site(server=server))
    source = f"{running_shop}/static/loader.js"
    places[0].embed = f"<script async src='{source}' data-key='{merchant.key}'></script>"
    places[0].policy = STRICT.format(chat=running_shop)
    merchant.allowed_origins = [places[0].origin]
    merchant.save()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield places[0]
    server.shutdown()
    server.server_close()
