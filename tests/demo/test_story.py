"""The first story, through a real browser, web server and worker: find, ask, narrow, sell out, come back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Frame, Page, expect

from catalog.models import Merchant
from tests.waiting import wait_until

pytestmark = pytest.mark.browser

ANSWERS_WITHIN = 15_000
HEARS_WITHIN = 10_000


@pytest.fixture
def page(browser: Browser, running_shop: str, running_worker: Path, shop: Merchant) -> Iterator[Page]:
    """A shopper on the shelf of running shoes; no error may appear on the page or in the chat."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    opened.goto(f"{running_shop}/shop/running-shoes/", wait_until="load")
    yield opened
    context.close()
    assert complaints == []


def open_chat(page: Page) -> Frame:
    """Opens the chat by the page's own API and answers its frame, ready for words."""
    page.evaluate("window.ShopChat.open()")

    def find_frame() -> Frame | None:
        page.evaluate("0")  # lets Playwright take in new frames
        return next((frame for frame in page.frames if "/w/demo/" in frame.url), None)

    frame = wait_until(find_frame, what="the chat's frame")
    assert frame is not None
    expect(frame.locator("#words")).to_be_editable()
    return frame


def say(chat: Frame, text: str) -> str:
    """Says something, waits for the finished answer and returns its words."""
    before = chat.locator(".reply:not(.busy)").count()
    chat.fill("#words", text)
    chat.press("#words", "Enter")
    expect(chat.locator(".reply:not(.busy)")).to_have_count(before + 1, timeout=ANSWERS_WITHIN)
    return chat.locator(".reply").last.locator(".said").inner_text()


def list_cards(chat: Frame) -> dict[str, float]:
    """SKU and price in dollars of each card of the last answer that has cards."""
    cards = chat.locator(".reply:has(.card)").last.locator(".card").all()
    return {
        str(card.get_attribute("data-sku")): float(card.locator(".price strong").inner_text().strip("$"))
        for card in cards
    }


def test_a_shopper_finds_asks_narrows_and_hears_that_it_sold_out(
    page: Page, running_shop: str, shop: Merchant
) -> None:
    chat = open_chat(page)

    answer = say(chat, "I'm looking for running shoes under $100")
    first = list_cards(chat)
    assert "under $100" in answer
    [blue] = [sku for sku in first if "-BLUE-" in sku]
    assert len(first) >= 4
    assert max(first.values()) < 100

    policy = say(chat, "what's the return policy on the blue one?")
    assert "within 90 days" in policy
    assert "Halden Tempo 3" in policy

    say(chat, "show me something lighter")
    lighter = list_cards(chat)
    assert lighter
    assert max(lighter.values()) < 100
    assert {sku.split("-")[0] for sku in lighter} <= {"DASH", "LARK", "PLOVER", "METRO"}

    floor = page.context.new_page()
    floor.goto(f"{running_shop}/shop-floor/?q={blue}")
    floor.get_by_role("button", name=f"Sell out {blue}", exact=True).click()
    expect(floor.get_by_role("status")).to_have_text(f"{blue} now has 0 in stock. Open chats hear of it.")
    notice = chat.locator(".notice", has_text="sold out")
    expect(notice).to_have_count(1, timeout=HEARS_WITHIN)
    assert "Tempo 3" in notice.inner_text()

    told = chat.locator(".said").all_inner_texts()
    page.reload(wait_until="load")
    again = open_chat(page)
    expect(again.locator(".reply")).to_have_count(3, timeout=ANSWERS_WITHIN)
    assert again.locator(".said").all_inner_texts() == told
    expect(again.locator(".notice", has_text="sold out")).to_have_count(1)
    expect(again.locator(f'.card[data-sku="{blue}"] .stock').first).to_have_attribute(
        "data-level", "out_of_stock"
    )
