"""More of the widget's states against axe's rules: what is newer or remembered, a press and its excuses, banners."""

import json
from typing import Literal

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from catalog.models import Merchant
from tests.browser import scenes
from tests.browser.conftest import OpenPage, Site
from tests.browser.stage import Stage
from tests.browser.test_accessibility import list_violations, require_none
from tests.browser.test_lines import SOCKET
from tests.browser.test_memory import AROUND, NAME, SEEN, SIZE
from tests.browser.test_widget import DESKTOP, get_launcher, open_chat, say

TELL_AS_WISHED = """
    window.watches = [];
    window.IntersectionObserver = class {
        constructor(see) {
            watches.push((entry) => see([entry]));
        }
        observe() {}
        unobserve() {}
    };
"""
"""What a button's watch tells stays what the test has told, whatever size the page is given."""
COVERED = "watches.forEach((tell) => tell({ isIntersecting: true, isVisible: false }))"
FAR = "watches.forEach((tell) => tell({}))"
SEEN_WHOLE = "watches.forEach((tell) => tell({ isIntersecting: true, isVisible: true }))"


class Line:
    """The way to the server: notes what is pressed instead of passing it on, and is cut or refused as the test says."""

    def __init__(self) -> None:
        self.pressed: list[str] = []
        self.is_cut = False
        self.is_refused = False
        self.sockets: list[WebSocketRoute] = []

    def open(self, shopper: WebSocketRoute) -> None:
        if self.is_refused:
            shopper.send(json.dumps({"t": "bye", "code": 4403, "retry": False, "text": "?"}))
        if self.is_refused or self.is_cut:
            shopper.close(code=4000)
            return
        self.sockets.append(shopper)
        server = shopper.connect_to_server()

        def pass_on(text: str | bytes) -> None:
            frame = json.loads(text)
            if frame["t"] == "confirm":
                self.pressed.append(frame["cid"])
            else:
                server.send(text)

        shopper.on_message(pass_on)

    def cut(self) -> None:
        self.is_cut = True
        for socket in self.sockets:
            socket.close(code=4000)


def test_what_is_newer_and_what_is_remembered_pass_axe(widget: Page, stage: Stage) -> None:
    say(widget, "hello")
    stage.append(*[scenes.NEW_TERMS] * 24)
    expect(widget.locator(".notice")).to_have_count(24)
    widget.locator("#scroller").evaluate("(scroller) => scroller.scrollTo(0, 0)")
    newer = widget.get_by_role("button", name="New messages")
    stage.append(scenes.CHEAPER)
    expect(newer).to_be_visible()
    require_none(widget, "newer")
    expect(newer).to_be_visible()

    stage.whisper({"t": "memories", "cid": "c", "kept": [SIZE, SEEN], **AROUND})
    expect(widget.get_by_role("dialog", name=NAME).get_by_role("listitem")).to_have_count(2)
    require_none(widget, "remembered")


def test_slips_of_changes_pass_axe(widget: Page, stage: Stage) -> None:
    say(widget, "I have changed my mind")
    slips = (
        (scenes.propose_to_cancel(), "Cancel order N-1042"),
        (scenes.propose_to_send_elsewhere(), "Send order N-1042 to"),
        (scenes.propose_to_exchange(), "Exchange from order N-1042"),
    )
    for offer, title in slips:
        stage.append(offer)
        slip = widget.get_by_role("group", name=title)
        slip.locator(".solid").scroll_into_view_if_needed()
        expect(slip.locator(".solid")).not_to_have_attribute("aria-disabled", "true")
        require_none(widget, title)
        expect(slip.locator(".solid")).to_be_attached()


def test_a_stop_that_waits_for_the_line_passes_axe(offer: Page, line: Line, stage: Stage) -> None:
    stage.whisper({"t": "delta", "turn": 9, "part": "text", "off": 0, "text": "It is"})
    stage.whisper({"t": "turn", "turn": 9})
    stop = offer.get_by_role("button", name="Stop the reply")
    expect(stop).to_be_visible()
    line.cut()
    expect(offer.locator("#banner")).to_have_text("Connection lost. Reconnecting …")
    stop.click()
    expect(offer.locator(".reply.busy .stage")).to_have_text("Waiting for the connection")
    require_none(offer, "a stop that waits")
    expect(offer.locator(".reply.busy .stage")).to_have_text("Waiting for the connection")


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture
def offer(as_served: Page, running_shop: str, merchant: Merchant, stage: Stage, line: Line) -> Page:
    """The chat with an offer in it."""
    widget = as_served
    widget.add_init_script(TELL_AS_WISHED)
    widget.context.route_web_socket(SOCKET, line.open)
    widget.goto(f"{running_shop}/w/{merchant.key}/")
    say(widget, "I take both")
    stage.append(scenes.propose())
    expect(widget.get_by_role("button", name="Confirm order")).to_be_visible()
    return widget


def test_what_is_said_of_a_press_that_does_not_count_passes_axe(offer: Page) -> None:
    excuse = offer.locator(".proposal > .news")
    for told, text in ((COVERED, "Something covers this button."), (FAR, "Too early. Press again.")):
        offer.evaluate(told)
        offer.get_by_role("button", name="Confirm order").click(force=True)
        expect(excuse).to_have_text(text)
        require_none(offer, text)
        expect(excuse).to_have_text(text)


def test_a_press_and_a_line_that_does_not_hold_pass_axe(offer: Page, line: Line, stage: Stage) -> None:
    confirm, outcome = offer.get_by_role("button", name="Confirm order"), offer.locator(".outcome")
    offer.evaluate(SEEN_WHOLE)
    confirm.click()
    expect(outcome).to_have_text("Sending …")
    told = {"code": "press_again", "text": "That took too long. Please press again.", "retry_after": 5.0}
    stage.whisper({"t": "error", "cid": line.pressed[0], **told})
    expect(outcome).to_have_text("That took too long. Please press again.")
    require_none(offer, "press again")

    offer.evaluate(SEEN_WHOLE)
    confirm.click()
    line.cut()
    expect(outcome).to_have_text("Waiting for the connection")
    expect(offer.locator("#banner")).to_have_text("Connection lost. Reconnecting …")
    require_none(offer, "pressed and waiting, with the line lost")
    expect(outcome).to_have_text("Waiting for the connection")

    line.is_refused = True
    expect(offer.locator("#banner")).to_have_text("The chat is not available right now.")
    require_none(offer, "refused")


def test_a_talk_in_the_shops_own_page_passes_axe(open_page: OpenPage, site: Site, stage: Stage) -> None:
    page = open_page(site.origin, viewport=DESKTOP, reduced_motion="reduce")
    chat = open_chat(page)
    say(chat, "hello")
    stage.append(scenes.CARDS, scenes.TABLE, scenes.CART, scenes.propose(), scenes.CHEAPER, scenes.PERSON)
    expect(chat.locator(".notice")).to_have_count(2)
    frame = next(frame for frame in page.frames if "/w/" in frame.url)
    for ground, theme in (("#ffffff", "light"), ("#14181c", "dark")):
        page.evaluate("(ground) => { document.body.style.background = ground; ShopChat.close(); }", ground)
        page.evaluate("ShopChat.open()")
        expect(chat.locator("html")).to_have_attribute("data-theme", theme)
        assert list_violations(frame) == [], theme


MOVING = """() => {
    const all = [...document.querySelectorAll("*")];
    const asked = all.filter((one) => /[1-9]/.test(getComputedStyle(one).transitionDuration));
    return [document.getAnimations().length, asked.length];
}"""
"""How much moves right now, and how much would on a change."""


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_nothing_moves_for_whom_motion_disturbs(
    open_page: OpenPage, site: Site, stage: Stage, motion: Literal["reduce", "no-preference"]
) -> None:
    page = open_page(site.origin, viewport=DESKTOP, reduced_motion=motion)
    chat = open_chat(page)
    say(chat, "hello")
    stage.append(scenes.CARDS, scenes.QUICK, scenes.propose())
    stage.whisper({"t": "status", "turn": 99, "stage": "searching"})
    stage.whisper({"t": "snapshot", "since": 99})
    expect(chat.locator(".dots i")).to_have_count(3)
    chat.locator(".about").first.hover()
    frame = next(one for one in page.frames if "/w/" in one.url)
    moving, would = frame.evaluate(MOVING)
    launcher = get_launcher(page).evaluate("one => getComputedStyle(one).transitionDuration")
    panel = page.locator(".panel").evaluate("one => getComputedStyle(one).transitionDuration")

    if motion == "reduce":
        assert (moving, would, launcher, panel) == (0, 0, "0s", "0s")
    else:
        assert moving >= 3
        assert would > 0
        assert (launcher, panel) == ("0.18s", "0.18s")
