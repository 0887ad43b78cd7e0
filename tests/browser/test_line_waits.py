"""When a line that was lost is tried again, and when one that looks well is asked whether it is. No clock runs here."""

import pytest
from playwright.sync_api import Page, expect

from catalog.models import Merchant
from tests.browser.conftest import OpenPage
from tests.browser.lines import Line, stop_clock

REFUSED, RESTARTED, TOO_MANY = 4403, 4012, 4029
SEEN_AGAIN = "document.dispatchEvent(new Event('visibilitychange'))"
OUT_OF_THE_CACHE = "dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))"
BACK = pytest.mark.parametrize("back", [SEEN_AGAIN, OUT_OF_THE_CACHE], ids=["seen again", "out of the cache"])
HEAR = """() => {
    const region = document.querySelector("#spoken");
    window.spoken = [];
    const note = () => region.textContent && spoken.push(region.textContent);
    new MutationObserver(note).observe(region, { childList: true, characterData: true, subtree: true });
}"""
LONGEST_CHANCE = "Math.random = () => 1;"
"""Each wait is as long as it may be."""


@pytest.fixture
def line(open_page: OpenPage, running_shop: str, merchant: Merchant) -> Line:
    """A line that stands."""
    page = open_page("about:blank")
    page.add_init_script(LONGEST_CHANCE)
    stop_clock(page)
    line = Line(page)
    page.goto(f"{running_shop}/w/{merchant.key}/")
    line.expect("hello")
    line.say("welcome", head=0)
    expect(page.locator("#words")).to_be_editable()
    return line


def write(page: Page, text: str) -> None:
    page.locator("#words").fill(text)
    page.locator("#words").press("Enter")


def test_who_came_too_often_stays_away_for_half_a_minute(line: Line) -> None:
    page = line.page
    write(page, "hello")
    expect(page.locator(".mine")).to_have_attribute("data-state", "sending")

    line.close(TOO_MANY)
    expect(page.locator(".mine")).to_have_attribute("data-state", "waiting")
    page.clock.run_for(29_999)
    expect(page.locator("#banner")).to_have_text("Connection lost. Reconnecting …")
    assert line.count_sockets() == 1

    page.clock.run_for(1)
    line.expect("hello", number=2)
    line.say("welcome", head=0)
    expect(page.locator("#banner")).to_have_text("")
    expect(page.locator(".mine")).to_have_attribute("data-state", "sending")
    # What was not acknowledged is said again, as the same message.
    line.expect("msg", number=2)
    assert len({frame["cid"] for frame in line.heard if frame["t"] == "msg"}) == 1


def test_a_lost_line_is_tried_ever_less_often_but_each_half_minute(line: Line) -> None:
    page = line.page
    for tries, wait in enumerate((500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000), 1):
        line.close(RESTARTED)
        page.clock.run_for(wait - 1)
        assert line.count_sockets() == tries
        page.clock.run_for(1)
        line.expect("hello", number=tries + 1)


@BACK
def test_a_page_that_is_back_asks_whether_its_line_stands(line: Line, back: str) -> None:
    page = line.page
    assert line.count("ping") == 0
    page.evaluate(back)
    line.expect("ping")

    # What it has missed it asks for.
    line.say("pong", head=3)
    line.expect("hello", number=2)
    line.say("welcome", head=0)

    # Where nobody answers, the line is given up.
    page.evaluate(back)
    line.expect("ping", number=2)
    page.clock.run_for(9_999)
    assert line.count_sockets() == 1
    page.clock.run_for(501)
    line.expect("hello", number=3)
    assert line.count_sockets() == 2


@BACK
def test_a_page_that_is_back_does_not_wait_to_try_a_lost_line(line: Line, back: str) -> None:
    line.close(RESTARTED)
    assert line.count_sockets() == 1

    line.page.evaluate(back)
    line.expect("hello", number=2)


@pytest.mark.parametrize(
    "back",
    [SEEN_AGAIN, OUT_OF_THE_CACHE, "dispatchEvent(new Event('focus'))", "dispatchEvent(new Event('online'))"],
)
def test_who_was_sent_away_stays_away_though_the_page_is_back(line: Line, back: str) -> None:
    page = line.page
    line.close(TOO_MANY)
    page.clock.run_for(10_000)
    page.evaluate(back)
    # A network that comes and goes makes it no shorter either.
    page.evaluate("dispatchEvent(new Event('offline'))")
    page.evaluate(back)
    page.clock.run_for(19_999)
    assert line.count_sockets() == 1

    page.clock.run_for(1)
    line.expect("hello", number=2)
    line.say("welcome", head=0)
    expect(page.locator("#banner")).to_have_text("")

    # The next time it is only lost, and tried at once.
    line.close(RESTARTED)
    page.evaluate(back)
    line.expect("hello", number=3)


def test_a_stop_without_a_line_says_that_it_waits_and_is_sent_with_the_next(line: Line) -> None:
    page = line.page
    line.say("turn", seq=1, turn=9)
    line.close(RESTARTED)
    page.get_by_role("button", name="Stop the reply").click()
    page.clock.run_for(100)
    expect(page.locator(".stage")).to_have_text("Waiting for the connection")
    expect(page.locator("#spoken")).to_have_text("The assistant is replying Waiting for the connection ")
    assert line.count("stop") == 0

    page.clock.run_for(400)
    line.expect("hello", number=2)
    line.say("welcome", head=1)
    line.expect("stop")
    # It may have been lost on the way; once it is acknowledged it is sent no more.
    line.close(RESTARTED)
    page.clock.run_for(1_000)
    line.expect("hello", number=3)
    line.say("welcome", head=1)
    line.expect("stop", number=2)
    stops = [frame for frame in line.heard if frame["t"] == "stop"]
    assert stops[0] == stops[1] == {"t": "stop", "cid": stops[0]["cid"], "turn": 9}
    line.say("ack", cid=stops[0]["cid"], head=1)
    line.close(RESTARTED)
    page.clock.run_for(2_000)
    line.expect("hello", number=4)
    line.say("welcome", head=1)
    line.say("done", seq=2, turn=9, text="It is", status="stopped")
    expect(page.locator(".said")).to_have_text("It isStopped.")
    assert line.count("stop") == 2


@pytest.mark.parametrize("says_bye", [True, False])
def test_what_is_said_to_a_chat_that_is_refused_says_so(line: Line, says_bye: bool) -> None:
    page = line.page
    line.say("turn", seq=1, turn=9)
    write(page, "hello")
    if says_bye:
        line.say("bye", code=REFUSED, retry=False, text="This chat is switched off.")
    line.close(REFUSED)
    page.clock.run_for(100)
    gone = "The chat is not available right now."
    expect(page.locator("#banner")).to_have_text(gone)
    expect(page.locator("#words")).to_be_disabled()
    expect(page.locator(".mine .fate span")).to_have_text(gone)
    page.get_by_role("button", name="Stop the reply").click()
    expect(page.locator(".stage")).to_have_text(gone)

    # Nothing calls it back.
    for back in (SEEN_AGAIN, OUT_OF_THE_CACHE, "dispatchEvent(new Event('online'))"):
        page.evaluate(back)
    page.clock.run_for(120_000)
    assert line.count_sockets() == 1


def test_a_reply_is_spoken_when_it_begins_and_once_as_a_whole(line: Line) -> None:
    page = line.page
    page.evaluate(HEAR)
    line.say("turn", seq=1, turn=9)
    page.clock.run_for(100)
    for off, text in ((0, "It is "), (6, "in stock.")):
        line.say("delta", turn=9, part="text", off=off, text=text)
    expect(page.locator(".said")).to_have_text("It is in stock.")
    page.clock.run_for(1_000)
    for _ in "twice":
        line.say("done", seq=2, turn=9, text="It is in stock.", status="ok")
    expect(page.locator("#log")).to_have_attribute("aria-busy", "false")
    page.clock.run_for(1_000)

    assert page.evaluate("spoken") == ["The assistant is replying ", "Assistant said: It is in stock. "]


def test_a_page_that_goes_or_that_is_new_asks_nothing(line: Line) -> None:
    page = line.page
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: false }))")
    page.evaluate("Object.defineProperty(document, 'hidden', { value: true, configurable: true })")
    page.evaluate(SEEN_AGAIN)
    assert line.count("ping") == 0

    page.evaluate("delete document.hidden")
    page.evaluate(SEEN_AGAIN)
    line.expect("ping")
