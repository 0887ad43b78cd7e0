"""Phones with a notch and a bar for gestures."""

from playwright.sync_api import expect

from tests.browser.conftest import PHONE, OpenPage, Site
from tests.browser.test_widget import open_chat


def test_a_phones_panel_keeps_clear_of_notch_and_bar(open_page: OpenPage, site: Site) -> None:
    page = open_page(site.origin, viewport=PHONE)
    insets = {"top": 47, "topMax": 47, "bottom": 34, "bottomMax": 34}
    page.context.new_cdp_session(page).send("Emulation.setSafeAreaInsetsOverride", {"insets": insets})
    open_chat(page)

    expect(page.locator(".panel")).to_have_css("padding-top", "47px")
    place = page.locator("iframe").evaluate("(frame) => [frame.offsetTop, frame.offsetHeight]")
    assert place == [47, 844 - 47 - 34]
