"""What the frame lets nobody do to it: another site, a closed panel, a page behind it, a press from afar."""

import json
import re
from datetime import UTC, datetime

from playwright.sync_api import FrameLocator, Locator, Page, Route, expect

from catalog.models import Merchant
from commerce_agent.chat.clients import LOADER_VERSION
from tests.browser import scenes
from tests.browser.conftest import PHONE, OpenPage, Site
from tests.browser.stage import Stage
from tests.browser.test_widget import DESKTOP, get_launcher, open_chat, say
from tests.waiting import wait_until

UNDER_SOMETHING = """() => {
    const cover = document.createElement("div");
    cover.id = "cover";
    cover.style.cssText = "position:fixed;inset:0;z-index:2147483647;background:#fff;opacity:.01;pointer-events:none";
    document.body.append(cover);
}"""
POST_LATER = """() => {
    const frame = document.querySelector("body > div").shadowRoot.querySelector("iframe");
    frame.contentWindow.postMessage("later", "*");
}"""


def get_confirm(chat: Page | FrameLocator) -> Locator:
    return chat.get_by_role("button", name="Confirm order")


def expect_armed(confirm: Locator, *, armed: bool) -> None:
    expect(confirm).to_have_attribute("aria-disabled", "false" if armed else "true")


def test_a_button_arms_half_a_second_after_it_came_into_sight(
    open_page: OpenPage, running_shop: str, merchant: Merchant, stage: Stage
) -> None:
    page = open_page("about:blank")
    page.clock.install(time=datetime(2026, 11, 20, 12, tzinfo=UTC))
    page.goto(f"{running_shop}/w/{merchant.key}/")
    say(page, "I take both")
    page.clock.pause_at(datetime(2026, 11, 20, 12, 30, tzinfo=UTC))
    stage.append(scenes.CART, scenes.propose())
    confirm = get_confirm(page)
    confirm.scroll_into_view_if_needed()
    expect(confirm).to_be_in_viewport(ratio=0.95)
    wait_for_sight(page)

    page.clock.run_for(450)
    expect_armed(confirm, armed=False)
    confirm.click(force=True)
    # Which of the two reasons it is depends on what the browser has looked at by then.
    excuse = page.locator(".proposal > .news")
    expect(excuse).to_have_text(re.compile("^(Too early. Press again.|Something covers this button.)$"))
    assert page.locator(".proposal").get_attribute("data-status") is None

    def is_armed_soon() -> bool:
        page.clock.run_for(100)
        return confirm.get_attribute("aria-disabled") == "false"

    # The browser tells two watches of one thing one after the other.
    wait_until(is_armed_soon, what="the button to arm")
    expect(excuse).to_have_text("")


def wait_for_sight(page: Page) -> None:
    """Until a watch of the same kind as the button's has seen it, so the button's own has."""
    page.locator(".solid").evaluate("""(button) => new Promise((done) => {
        const watch = new IntersectionObserver((seen) => seen.at(-1).isVisible && done(),
            { threshold: 0.9, trackVisibility: true, delay: 100 });
        watch.observe(button);
    })""")


def test_only_a_button_in_sight_can_be_pressed(open_page: OpenPage, site: Site, stage: Stage) -> None:
    page = open_page(site.origin, viewport=DESKTOP)
    chat = open_chat(page)
    say(chat, "I take both")
    stage.append(scenes.CART, scenes.propose())
    confirm = get_confirm(chat)
    confirm.scroll_into_view_if_needed()
    expect_armed(confirm, armed=True)

    page.keyboard.press("Escape")
    expect_armed(confirm, armed=False)
    page.evaluate("ShopChat.open()")
    expect_armed(confirm, armed=True)

    page.evaluate(UNDER_SOMETHING)
    expect_armed(confirm, armed=False)
    confirm.click(force=True)
    expect(chat.locator(".proposal > .news")).to_have_text("Something covers this button.")
    expect(chat.locator("#spoken")).to_have_text("Something covers this button.")
    page.evaluate("document.getElementById('cover').remove()")
    expect_armed(confirm, armed=True)
    expect(chat.locator(".proposal > .news")).to_have_text("")


def test_a_site_that_is_not_listed_is_not_heard(
    open_page: OpenPage, site: Site, merchant: Merchant, stage: Stage
) -> None:
    """Where nothing kept it from embedding the frame: the browser's own check is taken away here."""
    merchant.allowed_origins = ["https://shop.example"]
    merchant.save()

    def let_in(route: Route) -> None:
        answer = route.fetch()
        policy = re.sub("frame-ancestors[^;]*", "", answer.headers["content-security-policy"])
        route.fulfill(response=answer, headers={**answer.headers, "content-security-policy": policy})

    page = open_page("about:blank", viewport=DESKTOP)
    sockets: list[str] = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    page.route(re.compile(rf"/w/{merchant.key}/(\?.*)?$"), let_in)
    page.goto(site.origin)
    get_launcher(page).click()
    chat = page.frame_locator("iframe")
    # Shown by the script, so that it runs.
    expect(chat.locator("#close")).to_be_visible()
    frame = page.frames[1]
    frame.wait_for_load_state()
    frame.evaluate("addEventListener('message', ({ data }) => { window.heard = data; })")
    page.evaluate("ShopChat.context({ product: 'TEA-1' })")
    page.evaluate(POST_LATER)
    wait_until(lambda: frame.evaluate("window.heard") == "later", what="a message after the loader's")

    expect(chat.locator("#words")).to_be_disabled()
    assert sockets == []
    assert stage.count_said() == 0


def test_behind_a_phones_panel_nothing_is_reached(open_page: OpenPage, site: Site) -> None:
    site.embed = "<button id='before'>Buy</button><p id='own' inert>Later</p>" + site.embed
    page = open_page(site.origin, viewport=PHONE)
    chat = open_chat(page)
    covered = "[...document.body.children].filter((one) => one.inert).map((one) => one.id || one.localName)"
    assert page.evaluate(covered) == ["main", "before", "own", "script"]
    expect(page.locator("iframe")).to_have_attribute("title", "Chat with Bramble & Sons")

    page.set_viewport_size(DESKTOP)
    expect(page.locator("#before")).not_to_have_attribute("inert", "")
    page.set_viewport_size(PHONE)
    expect(page.locator("#before")).to_have_attribute("inert", "")
    chat.get_by_role("button", name="Close the chat").click()
    expect(page.locator("#before")).not_to_have_attribute("inert", "")
    assert page.evaluate(covered) == ["own"]


def test_a_shop_may_watch_a_phones_keyboard_too(open_page: OpenPage, site: Site) -> None:
    page = open_page(site.origin, viewport=PHONE)
    expect(get_launcher(page)).to_be_visible()
    assert page.evaluate("[visualViewport.onresize, visualViewport.onscroll]") == [None, None]

    page.evaluate("visualViewport.onresize = () => {}; visualViewport.dispatchEvent(new Event('resize'))")
    expect(page.locator(".panel")).to_have_css("--tall", "844px")


def test_what_the_page_says_of_itself_is_cut_to_what_is_taken(
    open_page: OpenPage, site: Site, stage: Stage
) -> None:
    page = open_page(site.origin, viewport=DESKTOP)
    sent: list[str] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda text: sent.append(str(text))))
    chat = open_chat(page)
    for given in (
        "false",
        '""',
        '"text"',
        "{ product: {}, cart: 'x' }",
        "{ product: 4711, variant: 'x'.repeat(300), cart: [1, null, 'A'] }",
    ):
        page.evaluate(f"ShopChat.context({given})")
        say(chat, "hello")

    assert stage.count_said() == 5
    hello = next(json.loads(text) for text in sent if '"t":"hello"' in text)
    assert hello["client"] == {"v": LOADER_VERSION, "page": site.origin}
    said = [text for text in sent if '"t":"msg"' in text]
    assert ['"context":' in text for text in said[:2]] == [False, False]
    assert ['"context":{}' in text for text in said[2:4]] == [True, True]
    assert '"context":{"product":"4711","cart":["1","A"]}' in said[4]


def test_without_a_language_of_its_own_the_page_gets_the_shops(
    open_page: OpenPage, site: Site, merchant: Merchant
) -> None:
    merchant.locale = "de"
    merchant.save()
    site.lang = ""
    chat = open_chat(page := open_page(site.origin, viewport=DESKTOP))

    expect(chat.get_by_role("heading", name="Was suchen Sie?")).to_be_visible()
    expect(page.get_by_role("button", name="Chat schließen").first).to_be_visible()
