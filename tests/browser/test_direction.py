"""The chat is read the way the shop's page is, whichever way that page says so."""

import pytest
from playwright.sync_api import expect

from catalog.models import Merchant
from commerce_agent.models import WidgetLook
from tests.browser.conftest import OpenPage, Site
from tests.browser.test_widget import DESKTOP, open_chat


@pytest.mark.parametrize("css", ["html{direction:rtl}", "body{direction:rtl}"], ids=["page", "body"])
def test_the_chat_is_read_as_the_shops_page(open_page: OpenPage, site: Site, css: str) -> None:
    site.css = css
    page = open_page(site.origin, viewport=DESKTOP)
    chat = open_chat(page)

    expect(chat.locator("html")).to_have_attribute("dir", "rtl")
    expect(chat.locator("html")).to_have_attribute("lang", "en")
    box = page.locator("iframe").bounding_box()
    # The end of a line that is read from the right is on the left.
    assert box is not None
    assert box["x"] < DESKTOP["width"] / 2


def test_a_page_that_is_read_from_the_left_has_a_chat_that_is(open_page: OpenPage, site: Site) -> None:
    page = open_page(site.origin, viewport=DESKTOP)
    chat = open_chat(page)

    expect(chat.locator("html")).to_have_attribute("dir", "ltr")
    box = page.locator("iframe").bounding_box()
    assert box is not None
    assert box["x"] > DESKTOP["width"] / 2


def test_what_the_shop_has_chosen_comes_before_what_its_page_is(
    open_page: OpenPage, site: Site, merchant: Merchant
) -> None:
    WidgetLook.objects.create(merchant=merchant, direction="ltr")
    site.css = "html{direction:rtl}"
    chat = open_chat(open_page(site.origin, viewport=DESKTOP))

    expect(chat.locator("html")).to_have_attribute("dir", "ltr")
