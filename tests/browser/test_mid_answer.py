"""What is seen of an answer while it is being given: after a reload, and when nothing new was said."""

import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from catalog.models import Merchant
from tests.agent.messages_api import MessagesApi, Reply, running_messages_api
from tests.browser.conftest import OpenPage
from tests.browser.lines import Line
from tests.browser.stage import Stage
from tests.chat.serving import serving
from tests.running import find_free_port

WHOLE = "Let me see. Let me think. Which of our lamps do you like best, and for which room?"
SO_FAR = "Let me see. Let me think."
AT = "2026-11-20T12:00:00Z"


@pytest.fixture(scope="module")
def api() -> Iterator[MessagesApi]:
    """A Claude of the tests' own."""
    with running_messages_api() as api:
        yield api


@pytest.fixture(scope="module")
def claude_shop(database: str, api: MessagesApi, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of a web server that asks it."""
    more = {"DJANGO_SETTINGS_MODULE": "tests.chat.claude_settings", "ANTHROPIC_BASE_URL": api.url}
    log = tmp_path_factory.mktemp("claude-web") / "web.log"
    with serving(port=find_free_port(), log=log, **more) as base:
        yield base


def test_a_reload_in_mid_answer_shows_what_was_said_and_then_the_rest(
    open_page: OpenPage, claude_shop: str, api: MessagesApi, merchant: Merchant, stage: Stage
) -> None:
    held = threading.Event()
    api.replies = [Reply(text=WHOLE, held=held, pause_after=40)]
    page = open_page(f"{claude_shop}/w/{merchant.key}/")
    running = page.locator(".reply.busy .said")
    try:
        page.locator("#words").fill("a lamp")
        page.locator("#words").press("Enter")
        expect(running).to_have_text(SO_FAR)
        page.reload()
        expect(running).to_have_text(SO_FAR)
    finally:
        held.set()

    expect(page.locator(".reply:not(.busy) .said")).to_have_text(WHOLE)
    expect(page.locator(".reply")).to_have_count(1)
    expect(page.locator(".bubble")).to_have_text("a lamp")
    assert stage.count_said() == 1
    assert len(api.requests) == 1


def test_what_is_said_once_more_is_not_drawn_once_more(
    open_page: OpenPage, running_shop: str, merchant: Merchant
) -> None:
    page = open_page("about:blank")
    line = Line(page)
    page.goto(f"{running_shop}/w/{merchant.key}/")
    line.expect("hello")
    line.say("welcome", head=0)
    line.say("user", seq=1, at=AT, cid="1", text="a lamp")
    line.say("turn", seq=2, at=AT, turn=1)
    line.say("delta", turn=1, part="text", off=0, text=SO_FAR)
    said = page.locator(".reply.busy .said")
    expect(said).to_have_text(SO_FAR)
    page.evaluate("window.drawn = document.querySelector('.said').firstChild")

    for _ in "12":
        line.say("delta", turn=1, part="text", off=0, text=SO_FAR)
    line.say("status", turn=1, stage="searching")
    expect(page.locator(".stage")).not_to_contain_text("Thinking")
    assert page.evaluate("drawn.isConnected")

    line.say("delta", turn=1, part="text", off=0, text=WHOLE)
    expect(said).to_have_text(WHOLE)
    assert not page.evaluate("drawn.isConnected")
