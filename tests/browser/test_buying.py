"""In a shop with goods to sell: an order with the keyboard alone, and what the page shows."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from playwright.sync_api import Page, expect

from catalog.models import Merchant, Order
from commerce_agent.demo.seeding import seed_shop
from commerce_agent.management.commands import screenshots
from tests.browser.conftest import OpenPage, Site
from tests.browser.test_widget import DESKTOP, get_launcher, open_by_keyboard, say


@pytest.fixture(scope="module")
def merchant(database: str) -> Merchant:
    """The demo shop, which has goods to sell."""
    key = f"buy-{uuid.uuid4().hex[:12]}"
    seed_shop(clock=lambda: datetime.now(UTC), key=key)
    return Merchant.objects.get(key=key)


def test_pictures_for_the_readme_are_taken_by_a_command(
    chromium_path: str, running_shop: str, merchant: Merchant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screenshots, "TALK", screenshots.TALK[:1])

    def take() -> None:
        call_command(
            "screenshots",
            str(tmp_path),
            "--url",
            running_shop,
            "--merchant",
            merchant.key,
            "--look",
            "desktop",
        )
        connection.close()

    # Playwright has the main thread's event loop already.
    with ThreadPoolExecutor(1) as beside:
        beside.submit(take).result(60)

    taken = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert set(taken) == {"desktop-welcome.webp", "desktop-goods.webp"}
    assert all(picture[8:12] == b"WEBP" for picture in taken.values())


def test_the_command_says_what_is_missing(database: str, chromium_path: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no shop 'nobody'"):
        call_command("screenshots", str(tmp_path), "--merchant", "nobody")
    assert list(tmp_path.iterdir()) == []


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
