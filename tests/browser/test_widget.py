"""The widget in a real browser: on a shop's own site, through its one script tag, under strict policies."""

import json
import re
import urllib.request
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, FrameLocator, Locator, Page, WebSocketRoute, expect

from catalog.models import Merchant
from tests.browser import scenes
from tests.browser.conftest import OPEN_ROOTS, PANEL, PHONE, OpenPage, Site
from tests.browser.stage import Stage
from tests.chromium import CHROMIUM_ARGUMENTS
from tests.running import ROOT

INLINE = (
    "(host) => [host, ...host.shadowRoot.querySelectorAll('*')].filter((one) => one.hasAttribute('style'))"
)
SCRIPTS = sorted((ROOT / "static/widget").glob("*.js"))
Say = Callable[[Page | FrameLocator, str], None]
DESKTOP = {"width": 1200, "height": 800}


def say(chat: Page | FrameLocator, text: str) -> None:
    """Types a message, sends it, and waits until it was answered."""
    answered = chat.locator(".reply:not(.busy) .said")
    before = answered.count()
    chat.locator("#words").fill(text)
    chat.locator("#words").press("Enter")
    expect(answered.nth(before)).to_be_visible()


def get_launcher(page: Page) -> Locator:
    return page.get_by_role("button", name=re.compile("chat"))


def open_chat(page: Page) -> FrameLocator:
    get_launcher(page).click()
    chat = page.frame_locator("iframe")
    expect(chat.locator("#words")).to_be_focused()
    return chat


def open_by_keyboard(page: Page) -> FrameLocator:
    """Opens the chat from the first thing that the keyboard comes to on the shop's page."""
    page.keyboard.press("Tab")
    expect(get_launcher(page)).to_be_focused()
    page.keyboard.press("Enter")
    chat = page.frame_locator("iframe")
    expect(chat.locator("#words")).to_be_focused()
    return chat


def test_a_shopper_talks_on_the_shops_own_site(open_page: OpenPage, site: Site, stage: Stage) -> None:
    page = open_page(site.origin, viewport=DESKTOP)
    launcher = get_launcher(page)
    expect(launcher).to_have_attribute("aria-expanded", "false")

    chat = open_chat(page)
    expect(launcher).to_have_attribute("aria-expanded", "true")
    expect(chat.get_by_role("heading", name="What are you looking for?")).to_be_visible()
    assert stage.count_said() == 0
    say(chat, "hello there")
    expect(chat.locator(".bubble")).to_have_text("hello there")
    expect(chat.locator("#welcome")).to_be_hidden()
    assert stage.count_said() == 1

    page.keyboard.press("Escape")
    expect(launcher).to_have_attribute("aria-expanded", "false")
    expect(launcher).to_be_focused()


def test_a_reload_shows_it_all_again(open_page: OpenPage, site: Site, stage: Stage) -> None:
    page = open_page(site.origin, viewport=DESKTOP)
    chat = open_chat(page)
    say(chat, "hello there")
    stage.append(scenes.CARDS, scenes.SOLD_OUT)
    expect(chat.locator(".notice")).to_have_count(1)
    before = chat.locator("#log").inner_text()

    page.reload()
    again = page.frame_locator("iframe")

    expect(again.locator(".notice")).to_have_count(1)
    assert again.locator("#log").inner_text() == before
    expect(again.locator("[data-sku=TEA-1] .stock")).to_have_text("Sold out")
    expect(again.locator("#spoken")).to_have_text("")


def test_a_change_patches_the_cards_that_show_it(
    open_page: OpenPage, running_shop: str, merchant: Merchant, stage: Stage
) -> None:
    page = open_page(f"{running_shop}/w/{merchant.key}/")
    say(page, "teapots")
    stage.append(scenes.CARDS, scenes.ONE_CARD)
    teapots = page.locator("[data-sku=TEA-1]")
    kettle = page.locator("[data-sku=KET-1]")
    expect(teapots).to_have_count(2)
    expect(teapots.nth(0).locator(".price")).to_have_text("Now$64.00Before$80.0020% off")
    expect(teapots.nth(0).locator(".stock")).to_have_text("In stock")
    expect(kettle.locator(".stock")).to_have_text("Only 2 left")
    expect(page.locator("[data-sku=CUP-1] .stock")).to_have_text("Stock not known right now")

    stage.append(scenes.SOLD_OUT, scenes.CHEAPER)

    for index in (0, 1):
        expect(teapots.nth(index).locator(".stock")).to_have_text("Sold out")
    expect(kettle).to_have_text("KettleNow$39.90Only 2 left")
    expect(page.locator(".notice").nth(0)).to_contain_text("Stoneware teapot, ash, has just sold out.")
    # One would take the place of the other, were each said by itself.
    expect(page.locator("#spoken")).to_have_text(
        "Stoneware teapot, ash, has just sold out. Kettle is now $39.90."
    )


def test_a_version_that_sells_out_cannot_be_chosen(
    open_page: OpenPage, running_shop: str, merchant: Merchant, stage: Stage
) -> None:
    page = open_page(f"{running_shop}/w/{merchant.key}/")
    say(page, "teapots")
    stage.append(scenes.CARDS, scenes.ONE_CARD)
    for more in page.locator("summary", has_text="Color").all():
        more.click()
    ash, moss, snow = (page.locator(".versions .chip", has_text=name) for name in ("Ash", "Moss", "Snow"))
    for index in (0, 1):
        expect(ash.nth(index)).to_be_enabled()
        expect(moss.nth(index)).to_be_enabled()
        expect(snow.nth(index)).to_be_disabled()

    stage.append(scenes.MOSS_SOLD_OUT, scenes.SOLD_OUT)
    for index in (0, 1):
        expect(moss.nth(index)).to_be_disabled()
        expect(moss.nth(index)).to_have_text("Moss Sold out")
        expect(ash.nth(index)).to_be_disabled()
        expect(ash.nth(index)).to_have_text("Ash Sold out")

    stage.append(scenes.MOSS_IS_BACK)
    for index in (0, 1):
        expect(moss.nth(index)).to_be_enabled()
        expect(moss.nth(index)).to_have_text("Moss")
        expect(ash.nth(index)).to_be_disabled()


def test_two_tabs_show_the_same(open_page: OpenPage, running_shop: str, merchant: Merchant) -> None:
    first = open_page(f"{running_shop}/w/{merchant.key}/")
    second = open_page(f"{running_shop}/w/{merchant.key}/", context=first.context)
    say(first, "said in the first")
    expect(second.locator(".bubble")).to_have_text("said in the first")
    say(second, "said in the second")

    expect(first.locator(".bubble")).to_have_text(["said in the first", "said in the second"])
    expect(first.locator(".reply:not(.busy)")).to_have_count(2)
    assert first.locator("#log").inner_text() == second.locator("#log").inner_text()


def test_a_message_written_offline_arrives_once(
    open_page: OpenPage, running_shop: str, merchant: Merchant, stage: Stage
) -> None:
    page = open_page(f"{running_shop}/w/{merchant.key}/")
    say(page, "before")
    page.context.set_offline(True)
    expect(page.locator("#banner")).to_have_text("You are offline. We reconnect by ourselves.")
    page.locator("#words").fill("meanwhile")
    page.locator("#words").press("Enter")
    expect(page.locator(".mine").nth(1)).to_have_attribute("data-state", "waiting")

    page.context.set_offline(False)

    expect(page.locator(".mine").nth(1)).to_have_attribute("data-state", "sent")
    expect(page.locator(".reply:not(.busy)")).to_have_count(2)
    expect(page.locator("#banner")).to_have_text("")
    assert stage.count_said() == 2


def test_a_lost_first_acknowledgement_costs_nothing(
    open_page: OpenPage, chromium: Browser, running_shop: str, merchant: Merchant, stage: Stage
) -> None:
    context = chromium.new_context(viewport=PANEL)
    sockets: list[WebSocketRoute] = []

    def pass_on(shopper: WebSocketRoute) -> None:
        server = shopper.connect_to_server()
        sockets.append(shopper)

        def lose_the_first(text: str | bytes) -> None:
            if len(sockets) == 1 and json.loads(text)["t"] != "welcome":
                shopper.close(code=4000)
            else:
                shopper.send(text)

        server.on_message(lose_the_first)

    context.route_web_socket(re.compile("/ws/chat/"), pass_on)
    page = open_page(f"{running_shop}/w/{merchant.key}/", context=context)
    expect(page.locator("#words")).to_be_editable()
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    say(page, "hello there")
    page.reload()

    expect(page.locator(".bubble")).to_have_text("hello there")
    expect(page.locator(".reply:not(.busy)")).to_have_count(1)
    assert len(sockets) >= 2
    assert stage.count_said() == 1
    context.close()


def test_only_a_persons_press_confirms(
    open_page: OpenPage, running_shop: str, merchant: Merchant, stage: Stage
) -> None:
    page = open_page(f"{running_shop}/w/{merchant.key}/")
    say(page, "I take both")
    stage.append(scenes.CART, scenes.propose())
    offer = page.get_by_role("group", name="Your order")
    confirm = offer.get_by_role("button", name="Confirm order")
    expect(offer.locator(".total")).to_have_text("Total$163.80")
    expect(confirm).not_to_have_attribute("aria-disabled", "true")

    confirm.evaluate("button => button.click()")
    assert offer.get_attribute("data-status") is None

    stage.append(scenes.accept())
    expect(offer).to_have_attribute("data-status", "accepted")
    expect(offer.locator(".outcome")).to_have_text("Order confirmedOrder N-1042")
    expect(confirm).to_have_count(0)


def test_what_came_of_an_offer_is_told_in_the_servers_words(
    open_page: OpenPage, running_shop: str, merchant: Merchant, stage: Stage
) -> None:
    page = open_page(f"{running_shop}/w/{merchant.key}/")
    say(page, "I take both")
    stage.append(*scenes.list_ends())

    expect(page.locator(".outcome")).to_have_text(
        [
            "Not ordered",
            "This offer has expired.",
            "The kettle has just sold out, so nothing was ordered.",
            "The price has changed. Nothing was ordered.",
            "Order confirmedOrder N-1043Pay now",
        ]
    )


def test_unread_words_are_counted_on_the_launcher(open_page: OpenPage, site: Site, stage: Stage) -> None:
    page = open_page(site.origin, viewport=DESKTOP)
    chat = open_chat(page)
    say(chat, "hello")
    page.keyboard.press("Escape")

    stage.append(scenes.NEW_TERMS, scenes.PERSON)
    launcher = page.get_by_role("button", name="Open the chat, 2 unread")
    expect(launcher).to_be_visible()

    launcher.click()
    expect(page.get_by_role("button", name="Close the chat", exact=True).first).to_be_visible()


def test_a_hostile_page_style_changes_nothing(open_page: OpenPage, site: Site) -> None:
    site.css = "button,div{display:none!important}iframe{width:9px!important;opacity:0!important}"
    page = open_page(site.origin, viewport=DESKTOP)
    open_chat(page)

    box = page.locator("iframe").bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (400, 680)
    # Nor can a script of the page's reach in, or find an inline style on what it can see.
    assert page.evaluate("modes") == ["closed"]
    assert page.locator("body > div").evaluate(INLINE) == []


def test_a_phone_gets_the_whole_screen(open_page: OpenPage, site: Site) -> None:
    page = open_page(site.origin, viewport=PHONE, is_mobile=True, has_touch=True)
    chat = open_chat(page)
    box = page.locator("iframe").bounding_box()

    assert box == {"x": 0, "y": 0, **PHONE}
    assert chat.locator("#words").evaluate("field => getComputedStyle(field).fontSize") == "16px"
    chat.get_by_role("button", name="Close the chat").click()
    expect(get_launcher(page)).to_be_focused()


@pytest.mark.parametrize(
    ("background", "theme"),
    [("#101418", "dark"), ("oklch(98% 0.01 180)", "light"), ("oklch(22% 0.01 180)", "dark")],
)
def test_the_widget_is_as_dark_as_the_shop(
    open_page: OpenPage, site: Site, background: str, theme: str
) -> None:
    site.css = f"body{{background:{background}}}"
    page = open_page(site.origin, viewport=DESKTOP, color_scheme="light")
    chat = open_chat(page)

    expect(chat.locator("html")).to_have_attribute("data-theme", theme)


def test_an_unlisted_site_cannot_embed_it(
    chromium: Browser, site: Site, merchant: Merchant, running_shop: str
) -> None:
    merchant.allowed_origins = ["https://shop.example"]
    merchant.save()
    context = chromium.new_context(viewport=DESKTOP)
    context.add_init_script(OPEN_ROOTS)
    page = context.new_page()
    page.goto(site.origin)
    with page.expect_console_message(lambda message: "frame-ancestors" in message.text):
        get_launcher(page).click()

    assert page.frame_locator("iframe").locator("#words").count() == 0
    context.close()


def test_without_third_party_storage_the_shops_own_is_lent(
    chromium_path: str, chromium: Browser, site: Site, stage: Stage
) -> None:
    # Of a switch that is given twice the last counts; storage that is only kept apart would not be blocked.
    blocked = [
        "--test-third-party-cookie-phaseout",
        "--disable-features=LocalNetworkAccessChecks,ThirdPartyStoragePartitioning",
    ]
    browser = chromium.browser_type.launch(
        executable_path=chromium_path, args=[*CHROMIUM_ARGUMENTS, *blocked]
    )
    try:
        page = browser.new_page(viewport=DESKTOP)
        page.add_init_script(OPEN_ROOTS)
        page.goto(site.origin)
        chat = open_chat(page)
        say(chat, "hello there")
        assert page.evaluate("localStorage.length") == 1
        lent = page.evaluate("Object.keys(localStorage)[0]")

        page.reload()

        expect(page.frame_locator("iframe").locator(".bubble")).to_have_text("hello there")
        assert page.evaluate("Object.keys(localStorage)") == [lent]
        assert stage.count_said() == 1
    finally:
        browser.close()


def test_every_script_is_our_own(running_shop: str, site: Site, open_page: OpenPage) -> None:
    page = open_page("about:blank", viewport=DESKTOP)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(site.origin)
    open_chat(page)

    assert {url for url in asked if not url.startswith((site.origin, running_shop, "data:"))} == set()
    ours = [url.removeprefix(running_shop).lstrip("/") for url in asked if url.endswith(".js")]
    assert set(ours) == {"static/loader.js", *(f"static/widget/{path.name}" for path in SCRIPTS)}
    # As they were written: nothing is built for them to run.
    for name in ours:
        with urllib.request.urlopen(f"{running_shop}/{name}", timeout=30) as answer:
            assert answer.read() == (ROOT / name).read_bytes()
    assert not any(
        re.search(r"\b(innerHTML|outerHTML|insertAdjacentHTML|eval)\b", path.read_text()) for path in SCRIPTS
    )


def test_the_keyboard_alone_is_enough(open_page: OpenPage, site: Site, stage: Stage) -> None:
    page = open_page(site.origin, viewport=DESKTOP)
    chat = open_by_keyboard(page)
    page.keyboard.type("one line")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("another")
    # Enter that chooses a character while one is composed sends nothing.
    chat.locator("#words").dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    expect(chat.locator(".bubble")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(chat.locator(".bubble")).to_have_text("one line\nanother")
    expect(chat.locator(".bubble")).to_have_attribute("dir", "auto")
    expect(chat.locator(".reply:not(.busy)")).to_have_count(1)
    stage.append(scenes.QUICK)
    expect(chat.locator(".quick .chip")).to_have_count(2)
    chat.locator("#log").focus()
    for name in ("Copy", "Helpful", "Not helpful", "Why this?"):
        page.keyboard.press("Tab")
        expect(chat.get_by_role("button", name=name, exact=True)).to_be_focused()
    page.keyboard.press("Tab")
    expect(chat.locator(".quick .chip").first).to_be_focused()
    page.keyboard.press("Enter")

    expect(chat.locator(".bubble").nth(1)).to_have_text("Compare the first two")
    expect(chat.locator("#words")).to_be_focused()
