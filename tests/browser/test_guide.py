"""The page on embedding: its lines work as they are printed."""

from playwright.sync_api import Page, expect

from catalog.models import Merchant
from tests.browser.conftest import PANEL, PHONE, OpenPage, Site
from tests.browser.test_accessibility import list_violations
from tests.browser.test_widget import DESKTOP, open_chat
from tests.chat.signing import claim, give_key, sign


def open_guide(open_page: OpenPage, running_shop: str, merchant: Merchant, **options: object) -> Page:
    return open_page(f"{running_shop}/docs/widget/?key={merchant.key}", **options)


def test_its_lines_work_as_they_are_printed(
    open_page: OpenPage, running_shop: str, merchant: Merchant, site: Site
) -> None:
    guide = open_guide(open_page, running_shop, merchant)
    plain, consent, opener, events, context, _, vouch, policy = guide.locator("pre").all_inner_texts()
    site.policy = f"default-src 'none'; style-src 'self'; img-src data:; {policy}"
    site.embed = plain
    open_chat(open_page(site.origin, viewport=DESKTOP))

    site.policy = ""
    heard = events.replace("console.log", "told.push")
    script = f"const told = [];{consent}{opener}{heard}{context}{vouch}"
    site.embed = f"<button id='ask'>Ask</button><script>{script}</script>"
    page = open_page("about:blank", viewport=DESKTOP)
    token = sign(give_key(merchant), claim(merchant))
    page.route("**/chat-token", lambda route: route.fulfill(body=token, content_type="text/plain"))
    page.goto(site.origin)
    expect(page.locator("h1")).to_be_visible()
    assert page.evaluate("typeof ShopChat") == "undefined"
    page.evaluate("loadChat(); loadChat()")
    page.wait_for_function("window.ShopChat")
    page.locator("#ask").click()
    page.wait_for_function("told.length === 9")
    assert page.evaluate("told") == [
        "chat",
        "ready",
        None,
        "chat",
        "open",
        None,
        "chat",
        "event",
        "identified",
    ]
    assert page.locator("body > div").count() == 1


def test_it_reads_well(open_page: OpenPage, running_shop: str, merchant: Merchant) -> None:
    for look in ({"viewport": PHONE, "color_scheme": "dark"}, {"viewport": PANEL, "color_scheme": "light"}):
        guide = open_guide(open_page, running_shop, merchant, **look)
        assert list_violations(guide) == []
        assert guide.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_key_is_text_and_never_markup(open_page: OpenPage, running_shop: str) -> None:
    guide = open_page(f"{running_shop}/docs/widget/?key=%22%3E%3Cimg src=x%3E")

    expect(guide.locator("#plain")).to_contain_text('data-key=""><img src=x>"')
    assert guide.locator("main img").count() == 0
