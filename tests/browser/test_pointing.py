"""Replying to a card, a picture, when things were read, and servers that take less than this one."""

import json
import re

from playwright.sync_api import Page, WebSocketRoute, expect

from catalog.models import Merchant
from tests.browser import scenes
from tests.browser.conftest import OpenPage
from tests.browser.stage import Stage
from tests.browser.test_widget import say

SOCKET = re.compile("/ws/chat/")


def open_talk(
    open_page: OpenPage, running_shop: str, merchant: Merchant, *, without: tuple[str, ...] = ()
) -> tuple[Page, list[dict[str, object]]]:
    """The chat after one answer, and the messages it has sent; its server offers nothing of `without`."""
    said: list[dict[str, object]] = []

    def offer_less(shopper: WebSocketRoute) -> None:
        server = shopper.connect_to_server()

        def pass_on(text: str | bytes) -> None:
            frame = json.loads(text)
            for name in without:
                frame.pop(name, None)
            shopper.send(json.dumps(frame))

        def note(text: str | bytes) -> None:
            said.extend(frame for frame in (json.loads(text),) if frame["t"] == "msg")
            server.send(text)

        server.on_message(pass_on)
        shopper.on_message(note)

    page = open_page("about:blank")
    page.context.route_web_socket(SOCKET, offer_less)
    page.goto(f"{running_shop}/w/{merchant.key}/")
    say(page, "hello")
    return page, said


def test_a_message_replies_to_the_card_that_was_pressed(
    open_page: OpenPage, running_shop: str, merchant: Merchant, stage: Stage
) -> None:
    page, said = open_talk(open_page, running_shop, merchant)
    # The words, the turn and the reply come before them.
    place = 4
    stage.append(scenes.CARDS)
    quote = page.locator("#about")
    page.get_by_role("button", name="Ask about this: Kettle").click()
    expect(quote).to_have_text("Kettle")
    expect(page.locator("#words")).to_be_focused()
    expect(page.locator("#words")).to_have_accessible_description("Kettle")
    quote.get_by_role("button", name="Close").click()
    expect(quote).to_be_hidden()
    say(page, "About nothing")

    page.get_by_role("button", name="Ask about this: Stoneware teapot, ash").click()
    say(page, "How big is it?")
    expect(quote).to_be_hidden()
    expect(page.locator(".mine").last.locator("p:visible")).to_have_text(
        ["Stoneware teapot, ash", "How big is it?"]
    )
    say(page, "And now?")
    replied = [frame.get("reply_to") for frame in said]
    assert replied == [None, None, {"seq": place, "sku": "TEA-1"}, None]

    # Every tab shows it, and the next page too.
    page.reload()
    expect(page.locator(".mine .quote")).to_have_text(["Stoneware teapot, ash"])


def test_a_server_that_takes_less_is_asked_for_no_more(
    open_page: OpenPage, running_shop: str, merchant: Merchant, stage: Stage
) -> None:
    page, said = open_talk(open_page, running_shop, merchant, without=("caps", "token"))
    stage.append(scenes.CARDS)
    expect(page.locator(".card")).to_have_count(4)
    expect(page.get_by_role("button", name=re.compile("Ask about this"))).to_have_count(0)
    page.locator("#more").click()
    expect(page.locator("#menu button")).to_have_text(
        ["Talk to a person", "New conversation", "Delete this conversation"]
    )
    assert {"context", "reply_to"}.isdisjoint(*said)


def test_a_card_says_when_its_price_and_stock_were_read(
    open_page: OpenPage, running_shop: str, merchant: Merchant, stage: Stage
) -> None:
    page, _ = open_talk(open_page, running_shop, merchant)
    stage.append(scenes.ONE_CARD)
    page.locator("summary").click()
    read = page.locator("details .hint")
    expect(read).to_have_text(re.compile(r"^Price and stock checked: Sunday, March 1, \d+:\d\d"))
    stage.append(scenes.SOLD_OUT)
    expect(read).to_have_text(re.compile("^Price and stock checked: Today, "))


def test_a_picture_is_shown_large(
    open_page: OpenPage, running_shop: str, merchant: Merchant, stage: Stage
) -> None:
    page, _ = open_talk(open_page, running_shop, merchant)
    stage.append(scenes.PICTURE)
    figure = page.get_by_role("figure")
    expect(figure).to_have_text("Stoneware teapot, ash")
    expect(figure.get_by_role("link")).to_have_attribute("href", f"{running_shop}/p/teapot")
    # What cannot be drawn leaves a sign in its place.
    expect(figure.locator(".pic.none svg")).to_have_count(1)
