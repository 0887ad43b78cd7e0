"""Replying to a card, a picture, when things were read, and servers that take less than this one."""

import json
import re
from collections.abc import Sequence

import msgspec
from playwright.sync_api import Page, Route, WebSocketRoute, expect

from catalog.models import Merchant
from conversations.events.messages import Card, CardsShown
from conversations.ids import EntityRef
from tests.browser import scenes
from tests.browser.conftest import OpenPage
from tests.browser.stage import Stage
from tests.browser.test_widget import say

SOCKET = re.compile("/ws/chat/")
PICTURES = ("/teapot.webp", "https://cdn.example/teapot.webp")


def open_talk(
    open_page: OpenPage,
    running_shop: str,
    merchant: Merchant,
    *,
    without: Sequence[str] = (),
    refusing: Sequence[dict[str, str]] = (),
) -> tuple[Page, list[dict[str, object]]]:
    """The chat after one answer, and the messages it has sent; its server offers nothing of `without`, and gives each
    of the refusals, one after the other, to what names something that was shown.
    """
    refusals = list(refusing)
    said: list[dict[str, object]] = []

    def offer_less(shopper: WebSocketRoute) -> None:
        server = shopper.connect_to_server()

        def pass_on(text: str | bytes) -> None:
            frame = json.loads(text)
            for name in without:
                frame.pop(name, None)
            shopper.send(json.dumps(frame))

        def note(text: str | bytes) -> None:
            frame = json.loads(text)
            said.extend([frame] if frame["t"] == "msg" else [])
            if ("reply_to" in frame or frame["t"] == "action") and refusals:
                shopper.send(json.dumps({"t": "error", "cid": frame["cid"], **refusals.pop(0)}))
            else:
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
    quote.get_by_role("button", name="Do not ask about this").click()
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


def test_what_failed_is_said_again_as_it_was(
    open_page: OpenPage, running_shop: str, merchant: Merchant, stage: Stage
) -> None:
    gone = {"code": "not_shown", "text": "That is not shown any more."}
    pressed = {"code": "not_offered", "text": "That cannot be chosen any more."}
    refusing = [{"code": "bad_frame", "text": "?"}, gone, pressed]
    page, said = open_talk(open_page, running_shop, merchant, refusing=refusing)
    stage.append(scenes.CARDS)
    page.get_by_role("button", name="Ask about this: Kettle").click()
    page.locator("#words").fill("How big is it?")
    page.locator("#words").press("Enter")
    mine = page.locator(".mine").last
    for told, quotes in (("Not sent.", 1), (gone["text"], 0)):
        expect(mine.locator(".fate span")).to_have_text(told)
        # What is not shown any more is replied to no more.
        expect(mine.locator(".quote")).to_have_count(quotes)
        mine.get_by_role("button", name="Try again").click()

    expect(mine).to_have_attribute("data-state", "sent")
    of = {"seq": 4, "sku": "KET-1"}
    assert [frame.get("reply_to") for frame in said[1:]] == [of, of, None]
    assert {frame["text"] for frame in said[1:]} == {"How big is it?"}

    stage.append(scenes.QUICK)
    page.get_by_role("button", name="Something smaller").click()
    mine = page.locator(".mine").last
    expect(mine.locator(".fate span")).to_have_text(pressed["text"])
    mine.get_by_role("button", name="Try again").click()
    expect(mine).to_have_attribute("data-state", "sent")
    assert said[-1]["text"] == "Something smaller"


def test_a_quote_waits_for_words_that_are_typed_and_goes_with_its_talk(
    open_page: OpenPage, running_shop: str, merchant: Merchant, stage: Stage
) -> None:
    page, said = open_talk(open_page, running_shop, merchant)
    stage.append(scenes.CARDS)
    page.get_by_role("button", name="Ask about this: Kettle").click()
    page.locator("#more").click()
    page.get_by_role("button", name="Talk to a person").click()
    expect(page.locator(".notice")).to_have_count(1)
    expect(page.locator("#about")).to_have_text("Kettle")

    page.locator("#more").click()
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator("#welcome")).to_be_visible()
    expect(page.locator("#about")).to_be_hidden()
    expect(page.locator("#title")).to_have_text("")
    say(page, "hello again")
    assert ["reply_to" in frame for frame in said] == [False, False, False]


def test_what_waits_is_fitted_to_the_server_that_takes_it(
    open_page: OpenPage, running_shop: str, merchant: Merchant, stage: Stage
) -> None:
    lacking: list[str] = []
    page, said = open_talk(open_page, running_shop, merchant, without=lacking)
    stage.append(scenes.CARDS)
    page.get_by_role("button", name="Ask about this: Kettle").click()
    page.context.set_offline(True)
    page.locator("#words").fill("How big is it?")
    page.locator("#words").press("Enter")
    mine = page.locator(".mine").last
    expect(mine).to_have_attribute("data-state", "waiting")
    expect(mine.locator(".quote")).to_have_text("Kettle")
    lacking.append("caps")
    page.context.set_offline(False)

    expect(mine).to_have_attribute("data-state", "sent")
    assert [(frame["text"], "reply_to" in frame) for frame in said[1:]] == [("How big is it?", False)]
    # It is told as it was taken.
    expect(mine.locator(".quote")).to_have_count(0)


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
    # What was read of one of the two says nothing of the other.
    stage.append(scenes.SOLD_OUT)
    expect(page.locator(".card")).to_have_class(re.compile("gone"))
    expect(read).to_have_text(re.compile("^Price and stock checked: Sunday, March 1, "))
    stage.append(scenes.DEARER)
    expect(read).to_have_text(re.compile("^Price and stock checked: Today, "))


def test_a_picture_is_shown_large(
    open_page: OpenPage, running_shop: str, merchant: Merchant, stage: Stage
) -> None:
    merchant.shop_url = running_shop
    merchant.save()
    page, _ = open_talk(open_page, running_shop, merchant)
    stage.append(scenes.PICTURE)
    figure = page.get_by_role("figure")
    expect(figure).to_have_text("Stoneware teapot, ash")
    expect(figure.get_by_role("link")).to_have_attribute("href", f"{running_shop}/p/teapot")
    # What cannot be drawn leaves a sign in its place.
    expect(figure.locator(".pic svg")).to_have_count(1)


def test_a_card_leads_into_the_shops_own_sites(
    open_page: OpenPage, running_shop: str, merchant: Merchant, stage: Stage
) -> None:
    merchant.shop_url, merchant.allowed_origins = "https://shop.example/en/", ["https://www.shop.example"]
    merchant.save()

    def answer(route: Route) -> None:
        route.fulfill(
            body="<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>",
            content_type="image/svg+xml",
        )

    page = open_page("about:blank")
    page.route("https://*/**", answer)
    page.goto(f"{running_shop}/w/{merchant.key}/")
    say(page, "teapots")
    addresses = {
        "rooted": "/p/teapot",
        "listed": "https://www.shop.example/p/thé",
        "foreign": "https://evil.example/p/teapot",
        "lookalike": "https://shop.example.evil.example/",
        "half": "//evil.example/p/teapot",
        "script": "javascript:alert(1)",
        "none": "",
    }
    cards = [Card(ref=EntityRef("variant", sku), title=sku, url=url) for sku, url in addresses.items()]
    pictured = [msgspec.structs.replace(cards[0], image=image) for image in PICTURES]
    stage.append(
        CardsShown(part="linked", cards=tuple(cards)), CardsShown(part="seen", cards=tuple(pictured))
    )

    linked = page.locator(".rail").first
    expect(linked.locator(".card")).to_have_count(len(addresses))
    expect(linked.locator("a")).to_have_text(["rooted", "listed"])
    assert linked.locator("a").evaluate_all("all => all.map((one) => one.href)") == [
        "https://shop.example/p/teapot",
        "https://www.shop.example/p/th%C3%A9",
    ]
    assert linked.locator("img").count() == 0
    # Feeds name the servers of others for their pictures.
    images = page.locator(".rail").nth(1).locator("img")
    expect(images).to_have_count(2)
    assert images.evaluate_all("all => all.map((one) => one.src)") == [
        "https://shop.example/teapot.webp",
        "https://cdn.example/teapot.webp",
    ]
