"""In a shop with goods to sell: an order with the keyboard alone, and what the page shows."""

import uuid
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from catalog.models import Merchant, Order
from commerce_agent.demo.seeding import seed_shop
from tests.browser.conftest import OpenPage, Site
from tests.browser.test_widget import DESKTOP, get_launcher, open_by_keyboard, say


@pytest.fixture
def merchant(database: str) -> Merchant:
    """The demo shop, which has goods to sell."""
    key = f"buy-{uuid.uuid4().hex[:12]}"
    seed_shop(clock=lambda: datetime.now(UTC), key=key)
    return Merchant.objects.get(key=key)


def type_line(page: Page, text: str) -> None:
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def test_the_keyboard_alone_orders(open_page: OpenPage, site: Site, merchant: Merchant) -> None:
    page = open_page(site.origin, viewport=DESKTOP)
    chat = open_by_keyboard(page)
    answered = chat.locator(".reply:not(.busy)")
    for number, line in enumerate(("Show me the Moth 350", "Add the coral one to my cart", "Check out"), 1):
        type_line(page, line)
        expect(answered).to_have_count(number)
    confirm = chat.get_by_role("button", name="Confirm order")
    expect(confirm).not_to_have_attribute("aria-disabled", "true")

    for _ in range(12):
        page.keyboard.press("Shift+Tab")
        if confirm.evaluate("button => button === document.activeElement"):
            break
    page.keyboard.press("Enter")

    expect(chat.locator(".outcome")).to_contain_text("Order confirmed")
    expect(chat.locator(".outcome")).to_be_focused()
    assert Order.objects.filter(merchant=merchant).latest("placed_at").lines.count() == 1


def test_the_pages_product_is_what_this_means(open_page: OpenPage, site: Site, merchant: Merchant) -> None:
    page = open_page(site.origin, viewport=DESKTOP)
    expect(get_launcher(page)).to_be_visible()
    page.evaluate("ShopChat.context({ product: 'MOTH350', url: location.href })")
    get_launcher(page).click()
    chat = page.frame_locator("iframe")
    say(chat, "How much is this?")

    expect(chat.locator(".said")).to_contain_text("Moth 350")
