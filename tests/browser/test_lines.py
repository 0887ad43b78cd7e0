"""What becomes of the talk when the line does not hold: cut, doubled, closed to sockets, the server gone."""

import json
import re
from pathlib import Path

from django.core import signing
from playwright.sync_api import Browser, BrowserContext, Page, WebSocketRoute, expect

from catalog.models import Merchant
from commerce_agent.chat.proof_of_work import count_noughts
from tests.browser.conftest import PANEL, OpenPage
from tests.browser.lines import SOCKET
from tests.browser.relaying import relaying
from tests.browser.stage import Stage
from tests.browser.test_widget import say
from tests.chat.serving import serving
from tests.running import find_free_port
from tests.waiting import wait_until

SLOW_SUMS = """
    const own = crypto.subtle.digest.bind(crypto.subtle);
    const wait = new Promise((go) => (window.go = go));
    crypto.subtle.digest = async (...what) => {
        window.reckons = true;
        await wait;
        return own(...what);
    };
"""
NOTE_DELAYS = """
    const own = setTimeout;
    window.delays = [];
    window.setTimeout = (act, delay, ...more) => {
        delays.push(delay);
        return own(act, delay, ...more);
    };
"""


def test_a_socket_that_dies_in_mid_answer_loses_no_word(
    open_page: OpenPage, running_shop: str, merchant: Merchant, stage: Stage
) -> None:
    page = open_page(f"{running_shop}/w/{merchant.key}/")
    expect(page.locator("#words")).to_be_editable()
    cut: list[str] = []
    told: list[str] = []

    def cut_once(shopper: WebSocketRoute) -> None:
        server = shopper.connect_to_server()

        def pass_on(text: str | bytes) -> None:
            frame = json.loads(text)
            kind = frame["t"]
            if kind == "done":
                told.append(frame["text"])
            if kind == "delta" and not cut:
                cut.append(kind)
                shopper.close(code=4000)
            else:
                shopper.send(text)

        server.on_message(pass_on)

    page.context.route_web_socket(SOCKET, cut_once)
    page.reload()
    say(page, "What is your return policy?")

    expect(page.locator(".reply")).to_have_count(1)
    expect(page.locator(".bubble")).to_have_text("What is your return policy?")
    assert cut == ["delta"]
    assert re.findall(r"\w+", page.locator(".said").inner_text()) == re.findall(r"\w+", told[-1])
    assert stage.count_said() == 1


def test_frames_that_come_twice_are_shown_once(
    open_page: OpenPage, running_shop: str, merchant: Merchant
) -> None:
    page = open_page("about:blank")
    double(page.context)
    page.goto(f"{running_shop}/w/{merchant.key}/")
    say(page, "hello")
    say(page, "hello again")

    expect(page.locator(".bubble")).to_have_text(["hello", "hello again"])
    expect(page.locator(".reply")).to_have_count(2)


def double(context: BrowserContext) -> None:
    def pass_on(shopper: WebSocketRoute) -> None:
        server = shopper.connect_to_server()

        def twice(text: str | bytes) -> None:
            shopper.send(text)
            if json.loads(text)["t"] != "welcome":
                shopper.send(text)

        server.on_message(twice)

    context.route_web_socket(SOCKET, pass_on)


def test_who_says_a_lot_reckons_before_going_on(
    open_page: OpenPage, running_shop: str, merchant: Merchant, stage: Stage
) -> None:
    answers: list[str] = []
    task = signing.dumps({"bits": 8})

    def ask_once(shopper: WebSocketRoute) -> None:
        server = shopper.connect_to_server()

        def pass_on(text: str | bytes) -> None:
            frame = json.loads(text)
            if frame["t"] == "msg":
                answers.append(frame.pop("answer", ""))
            if answers == [""]:
                refusal = {"t": "error", "code": "step_up", "text": task, "cid": frame["cid"]}
                shopper.send(json.dumps({**refusal, "retry_after": 0.0}))
            else:
                server.send(json.dumps(frame))

        shopper.on_message(pass_on)

    page = open_page("about:blank")
    page.context.route_web_socket(SOCKET, ask_once)
    page.goto(f"{running_shop}/w/{merchant.key}/")
    say(page, "hello")

    assert answers[0] == ""
    assert answers[1].startswith(f"{task}:")
    assert count_noughts(answers[1]) >= 8
    assert stage.count_said() == 1


def test_what_was_left_while_it_was_reckoned_is_not_sent(
    open_page: OpenPage, running_shop: str, merchant: Merchant, stage: Stage
) -> None:
    sent: list[dict[str, object]] = []

    def ask_once(shopper: WebSocketRoute) -> None:
        server = shopper.connect_to_server()

        def pass_on(text: str | bytes) -> None:
            frame = json.loads(text)
            sent.append(frame)
            if frame.get("text") == "left behind":
                refusal = {"t": "error", "code": "step_up", "text": signing.dumps({"bits": 1})}
                shopper.send(json.dumps({**refusal, "cid": frame["cid"], "retry_after": 0.0}))
            else:
                server.send(text)

        shopper.on_message(pass_on)

    page = open_page("about:blank")
    page.add_init_script(SLOW_SUMS)
    page.context.route_web_socket(SOCKET, ask_once)
    page.goto(f"{running_shop}/w/{merchant.key}/")
    say(page, "hello")
    page.locator("#words").fill("left behind")
    page.locator("#words").press("Enter")
    wait_until(lambda: bool(page.evaluate("window.reckons")), what="the widget to reckon")
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="New conversation").click()
    page.evaluate("go()")
    say(page, "hello again")

    assert all("t" in frame for frame in sent)
    assert [frame["text"] for frame in sent if frame["t"] == "msg"] == ["hello", "left behind", "hello again"]
    assert stage.count_said() == 2


def test_a_line_that_is_lost_as_soon_as_it_stands_is_tried_ever_less_often(
    open_page: OpenPage, running_shop: str, merchant: Merchant
) -> None:
    hellos: list[str] = []

    def welcome_and_close(shopper: WebSocketRoute) -> None:
        def answer(text: str | bytes) -> None:
            hellos.append(str(text))
            shopper.send(json.dumps({"t": "welcome", "head": 0}))
            shopper.close(code=4012)

        shopper.on_message(answer)

    page = open_page("about:blank")
    page.add_init_script(NOTE_DELAYS)
    page.context.route_web_socket(SOCKET, welcome_and_close)
    page.goto(f"{running_shop}/w/{merchant.key}/")
    page.evaluate("() => { window.hurry = setInterval(() => dispatchEvent(new Event('online')), 50); }")

    # Half of 500 ms that were doubled five times; only the waits between tries are no whole numbers.
    longest = "Math.max(...delays.filter((delay) => delay % 1))"
    wait_until(lambda: page.evaluate(longest) >= 500 * 2**5 / 2, what="a longer wait")
    assert len(hellos) >= 5


def test_what_was_seen_of_another_talk_is_not_taken_for_seen(
    open_page: OpenPage, running_shop: str, merchant: Merchant
) -> None:
    sent: list[dict[str, object]] = []
    sockets: list[WebSocketRoute] = []

    def play(shopper: WebSocketRoute) -> None:
        sockets.append(shopper)

        def answer(text: str | bytes) -> None:
            sent.append(json.loads(text))
            if sent[-1]["t"] == "hello":
                shopper.send(json.dumps({"t": "welcome", "head": 0, "conversation": True, "read": 40}))

        shopper.on_message(answer)

    page = open_page("about:blank")
    page.context.route_web_socket(SOCKET, play)
    page.goto(f"{running_shop}/w/{merchant.key}/")
    expect(page.locator("#banner")).to_have_text("")
    wait_until(lambda: pump(page) and bool(sent), what="a hello")
    sockets[0].send(json.dumps({"t": "welcome", "head": 1, "conversation": True, "reset": True}))
    said = {"t": "person", "seq": 1, "at": "2026-11-20T12:00:00Z", "name": "Mara", "text": "Hello."}
    sockets[0].send(json.dumps(said))

    read = {"t": "read", "seq": 1}
    wait_until(lambda: pump(page) and read in sent, what="the news to be read")


def pump(page: Page) -> bool:
    """What came from the browser is told to the test only while it asks the browser something."""
    return bool(page.evaluate("true"))


def test_where_no_socket_gets_through_plain_requests_do(
    open_page: OpenPage, running_shop: str, merchant: Merchant, stage: Stage
) -> None:
    page = open_page("about:blank")
    page.context.route_web_socket(SOCKET, lambda shopper: shopper.close(code=4000))
    page.goto(f"{running_shop}/w/{merchant.key}/")
    say(page, "hello")
    say(page, "hello again")
    page.reload()

    expect(page.locator(".bubble")).to_have_text(["hello", "hello again"])
    expect(page.locator("#banner")).to_have_text("")
    assert stage.count_said() == 2


def test_a_server_that_comes_back_has_every_word(
    chromium: Browser, running_shop: str, merchant: Merchant, stage: Stage, tmp_path: Path
) -> None:
    """What comes back is another process, which knows of the talk what the journal has."""
    port = find_free_port()
    # A page of its own, for a browser complains of what it cannot reach.
    page = chromium.new_page(viewport=PANEL)
    with serving(port=port, log=tmp_path / "web.log") as base:
        page.goto(f"{base}/w/{merchant.key}/")
        say(page, "before")
    expect(page.locator("#banner")).to_have_text("Connection lost. Reconnecting …")
    page.locator("#words").fill("meanwhile")
    page.locator("#words").press("Enter")
    expect(page.locator(".mine").nth(1)).to_have_attribute("data-state", "waiting")

    with relaying(port=port, base=running_shop):
        page.evaluate("dispatchEvent(new Event('focus'))")
        expect(page.locator(".reply:not(.busy)")).to_have_count(2)

        expect(page.locator(".bubble")).to_have_text(["before", "meanwhile"])
        assert stage.count_said() == 2
        page.close()
