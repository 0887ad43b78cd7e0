"""What becomes of the talk when the line does not hold: cut, doubled, closed to sockets, the server gone."""

import json
import re
from pathlib import Path

from django.core import signing
from playwright.sync_api import Browser, BrowserContext, WebSocketRoute, expect

from catalog.models import Merchant
from commerce_agent.chat.proof_of_work import count_noughts
from tests.browser.conftest import PANEL, OpenPage
from tests.browser.stage import Stage
from tests.browser.test_widget import say
from tests.chat.serving import serving
from tests.running import find_free_port

SOCKET = re.compile("/ws/chat/")


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
            if kind in {"delta", "done"} and not cut:
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
    assert cut
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
    chromium: Browser, merchant: Merchant, stage: Stage, tmp_path: Path
) -> None:
    port = find_free_port()
    # A page of its own, for a browser complains of what it cannot reach.
    page = chromium.new_page(viewport=PANEL)
    with serving(port=port, log=tmp_path / "first.log") as base:
        page.goto(f"{base}/w/{merchant.key}/")
        say(page, "before")
    expect(page.locator("#banner")).to_have_text("Connection lost. Reconnecting …")
    page.locator("#words").fill("meanwhile")
    page.locator("#words").press("Enter")
    expect(page.locator(".mine").nth(1)).to_have_attribute("data-state", "waiting")

    with serving(port=port, log=tmp_path / "second.log"):
        page.evaluate("dispatchEvent(new Event('focus'))")
        expect(page.locator(".reply:not(.busy)")).to_have_count(2, timeout=20_000)

        expect(page.locator(".bubble")).to_have_text(["before", "meanwhile"])
        assert stage.count_said() == 2
    page.close()
