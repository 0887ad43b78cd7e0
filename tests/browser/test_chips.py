"""Buttons of versions that sell out and come back while they are looked at."""

from playwright.sync_api import expect

from catalog.models import Merchant
from conversations.events.messages import NoticeGiven
from conversations.ids import EntityRef
from tests.browser import scenes
from tests.browser.conftest import OpenPage
from tests.browser.stage import Stage
from tests.browser.test_widget import say

MOSS = EntityRef("variant", "TEA-2")


def test_a_button_goes_and_comes_back_and_nothing_is_said(
    open_page: OpenPage, running_shop: str, merchant: Merchant, stage: Stage
) -> None:
    page = open_page(f"{running_shop}/w/{merchant.key}/")
    say(page, "teapots")
    stage.append(scenes.ONE_CARD)
    chip = page.locator(".versions [data-of='TEA-2']")
    expect(chip).to_be_enabled()
    for stock, availability in ((0, "out_of_stock"), (3, "in_stock")):
        stage.append(
            NoticeGiven(notice="stock.changed", ref=MOSS, text="", stock=stock, availability=availability)
        )
        expect(chip).to_be_enabled(enabled=bool(stock))
        expect(chip).to_have_text("Moss" if stock else "Moss Sold out")
    assert page.locator(".notice").count() == 0

    chip.click()
    expect(page.locator(".bubble").last).to_have_text("Stoneware teapot, Moss")
    expect(page.locator(".mine").last).to_have_attribute("data-state", "sent")
    assert stage.count_said() == 2
