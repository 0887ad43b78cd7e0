"""What a card, a table and a line of a cart state changes while it is looked at."""

import re
from collections.abc import Callable

import msgspec
import pytest
from playwright.sync_api import Page, expect

from catalog.models import Merchant
from conversations.events.carts import ProposalMade, ProposalResolved
from conversations.events.facts import Amount
from conversations.events.messages import CardsShown, NoticeGiven, TableShown
from conversations.ids import EntityRef
from tests.browser import scenes
from tests.browser.conftest import OpenPage, Site
from tests.browser.scenes import KETTLE, TEAPOT, usd
from tests.browser.stage import Stage
from tests.browser.test_widget import DESKTOP, open_chat, say

COMPARED = TableShown(
    part="compared",
    columns=("", "Teapot", "Kettle"),
    rows=(("Price", "$64.00", "$49.90"), ("Stock", "In stock", "Only 2 left"), ("Volume", "1.2 l", "0.9 l")),
    refs=(TEAPOT, KETTLE),
)


def reprice(price: str, before: str | None, *, text: str = "") -> NoticeGiven:
    list_price: Amount | None = None if before is None else usd(before)
    return NoticeGiven(notice="price.changed", ref=TEAPOT, text=text, price=usd(price), list_price=list_price)


def restock(ref: EntityRef, stock: int | None, availability: str) -> NoticeGiven:
    return NoticeGiven(notice="stock.changed", ref=ref, text="", stock=stock, availability=availability)


@pytest.fixture
def page(open_page: OpenPage, running_shop: str, merchant: Merchant) -> Page:
    page = open_page(f"{running_shop}/w/{merchant.key}/")
    say(page, "teapots")
    return page


@pytest.mark.parametrize(
    ("price", "before", "shown"),
    [
        ("60.00", "80.00", "Now$60.00Before$80.0025% off"),
        ("64.00", "100.00", "Now$64.00Before$100.0036% off"),
        ("45.00", "90.00", "Now$45.00Before$90.0050% off"),
        ("64.00", "66.00", "Now$64.00Before$66.00"),
        ("80.00", None, "Now$80.00"),
    ],
    ids=["price alone", "list price alone", "both", "hardly cut", "sale over"],
)
def test_a_card_has_the_price_and_the_one_before_it_as_they_are(
    page: Page, stage: Stage, price: str, before: str | None, shown: str
) -> None:
    stage.append(scenes.ONE_CARD)
    cost = page.locator("[data-sku=TEA-1] .price")
    expect(cost).to_have_text("Now$64.00Before$80.0020% off")

    stage.append(reprice(price, before, text="Stoneware teapot: another price."))

    expect(cost).to_have_text(shown)
    expect(page.locator(".notice")).to_have_text("Update: Stoneware teapot: another price.")


def test_what_changes_without_a_word_is_shown_and_neither_said_nor_counted(
    open_page: OpenPage, site: Site, stage: Stage
) -> None:
    page = open_page(site.origin, viewport=DESKTOP)
    chat = open_chat(page)
    say(chat, "teapots")
    stage.append(scenes.CARDS, COMPARED, scenes.CART)
    teapot, kettle = (chat.locator(f".card[data-sku={sku}]") for sku in ("TEA-1", "KET-1"))
    line = chat.locator(".cart [data-sku=KET-1]")
    expect(kettle.locator(".stock")).to_have_text("Only 2 left")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Open the chat")).to_be_focused()
    # Noted as it is said, however short the time.
    chat.locator("#spoken").evaluate(
        "spoken => { window.said = []; new MutationObserver(() => said.push(spoken.textContent))"
        ".observe(spoken, { childList: true }); }"
    )

    stage.append(
        reprice("64.00", "100.00"),
        restock(TEAPOT, None, "preorder"),
        restock(EntityRef("variant", "TEA-2"), 0, "out_of_stock"),
        restock(KETTLE, 4, "in_stock"),
    )

    expect(kettle.locator(".stock")).to_have_text("Only 4 left")
    expect(line.locator(".left")).to_have_text("Only 4 left")
    expect(chat.locator(".cart [data-sku=TEA-1] .costs")).to_have_text("")
    stage.append(restock(KETTLE, 50, "in_stock"))
    expect(kettle.locator(".stock")).to_have_text("In stock")
    expect(kettle.locator(".stock")).to_have_attribute("data-level", "in_stock")
    expect(line.locator(".left")).to_have_text("")
    for again in (False, True):
        if again:
            page.reload()
            open_chat(page)
        expect(teapot.locator(".price")).to_have_text("Now$64.00Before$100.0036% off")
        expect(teapot.locator(".stock")).to_have_text("For pre-order")
        expect(kettle.locator(".stock")).to_have_text("In stock")
        expect(chat.locator(".versions [data-of=TEA-2]")).to_have_text("Moss Sold out")
        expect(chat.locator(".table tr")).to_have_text(
            ["TeapotKettle", "Price$64.00$49.90", "StockFor pre-orderIn stock", "Volume1.2 l0.9 l"]
        )
        expect(chat.locator(".notice")).to_have_count(0)
        if not again:
            assert chat.locator("#spoken").evaluate("() => said") == []
            assert page.get_by_role("button", name="unread").count() == 0


def test_a_table_has_the_price_of_now_and_a_line_keeps_it_when_stock_comes_in(
    page: Page, stage: Stage
) -> None:
    stage.append(COMPARED, scenes.CART)
    stage.append(scenes.CHEAPER, restock(KETTLE, 50, "in_stock"), scenes.SOLD_OUT)

    expect(page.locator(".table tr")).to_have_text(
        ["TeapotKettle", "Price$64.00$39.90", "StockSold outIn stock", "Volume1.2 l0.9 l"]
    )
    expect(page.locator(".cart [data-sku=KET-1] .costs")).to_have_text("Now $39.90")


def test_a_table_that_does_not_say_of_what_it_is_stays_as_it_was(page: Page, stage: Stage) -> None:
    stage.append(scenes.TABLE)
    stage.append(scenes.CHEAPER)
    expect(page.locator(".notice")).to_have_count(1)

    expect(page.locator(".table tr")).to_have_text(["TeapotKettle", "Price$64.00$49.90", "Volume1.2 l0.9 l"])


@pytest.mark.parametrize(
    ("prices", "told"),
    [
        ([("64.00", "80.00")], ""),
        ([("64.00", "100.00")], ""),
        ([("60.00", "80.00")], "Now $60.00"),
        ([("60.00", "80.00"), ("64.00", "80.00")], ""),
    ],
    ids=["the same", "list price alone", "another", "another and back"],
)
def test_a_line_says_only_what_is_another_price_than_its_own(
    page: Page, stage: Stage, prices: list[tuple[str, str]], told: str
) -> None:
    stage.append(scenes.ONE_CARD, scenes.CART)
    stage.append(scenes.propose())
    for price, before in prices:
        stage.append(reprice(price, before))
    # What comes last has been heard once the kettle's line says it.
    stage.append(scenes.CHEAPER)
    slips = page.locator(".slip")
    expect(slips.locator("[data-sku=KET-1] .costs")).to_have_text(["Now $39.90"] * 2)

    expect(slips.locator("[data-sku=TEA-1] .costs")).to_have_text([told] * 2)


def test_a_cart_that_was_ordered_stays_as_it_was_bought(page: Page, stage: Stage) -> None:
    stage.append(scenes.CART)
    stage.append(scenes.propose(), scenes.accept())
    expect(page.locator(".proposal .outcome")).to_have_text("Order confirmedOrder N-1042")
    stage.append(scenes.CART, scenes.DEARER, scenes.SOLD_OUT, scenes.CHEAPER)

    carts = page.locator(".cart [data-sku=TEA-1]")
    expect(carts.locator(".costs")).to_have_text(["", "Now $66.00"])
    expect(carts.locator(".left")).to_have_text(["", "Sold out"])


@pytest.mark.parametrize("kind", ["declined", "a change"])
def test_a_cart_of_which_nothing_was_ordered_goes_on(page: Page, stage: Stage, kind: str) -> None:
    stage.append(scenes.CART)
    if kind == "a change":
        ended = ProposalResolved(id="cancel-1", status="accepted", text="It is cancelled.", order="N-1042")
        stage.append(scenes.propose_to_cancel(), ended)
    else:
        stage.append(scenes.propose(), ProposalResolved(id="offer-1", status="declined", text="Not ordered."))
    stage.append(scenes.DEARER)

    expect(page.locator(".cart [data-sku=TEA-1] .costs")).to_have_text("Now $66.00")


def test_a_card_with_an_old_reading_says_so_until_all_of_it_is_read_anew(page: Page, stage: Stage) -> None:
    card = msgspec.structs.replace(scenes.CARDS.cards[0], as_of="As of 2 days ago.")
    stage.append(CardsShown(part="one", cards=(card,)))
    age = page.locator(".card > .hint")
    expect(age).to_have_text("As of 2 days ago.")

    stage.append(restock(TEAPOT, 4, "in_stock"))
    expect(page.locator(".card .stock")).to_have_text("Only 4 left")
    expect(age).to_have_text("As of 2 days ago.")

    stage.append(reprice("60.00", "80.00"))
    expect(page.locator(".card strong")).to_have_text("$60.00")
    expect(age).to_have_text("")
    expect(page.locator(".card details .hint")).to_have_text(re.compile("^Price and stock"))


@pytest.mark.parametrize(
    "propose", [scenes.propose_to_cancel, scenes.propose_to_send_elsewhere, scenes.propose_to_exchange]
)
def test_what_was_ordered_and_is_to_be_changed_takes_no_news_of_the_shop(
    page: Page, stage: Stage, propose: Callable[[], ProposalMade]
) -> None:
    stage.append(scenes.CART)
    stage.append(propose())
    stage.append(scenes.DEARER, scenes.SOLD_OUT, scenes.CHEAPER)
    # The cart is no part of the order, and has heard of it all.
    expect(page.locator(".cart [data-sku=TEA-1] .left")).to_have_text("Sold out")
    expect(page.locator(".cart [data-sku=KET-1] .costs")).to_have_text("Now $39.90")

    told = page.locator(".proposal .lines .news")
    expect(told).to_have_text(["", "", "", ""])
