"""The shop vouches for its shopper on its own page, and the widget keeps what is theirs for them alone."""

import json
import re

from playwright.sync_api import FrameLocator, Page, WebSocketRoute, expect

from catalog.models import Merchant
from conversations.models import Conversation
from tests.browser.conftest import OpenPage, Site
from tests.browser.test_widget import DESKTOP, get_launcher, open_chat, say
from tests.chat.signing import claim, give_key, sign
from tests.waiting import wait_until

EVENTS = (
    "window.told = []; document.addEventListener('shopchat:event', (event) => told.push(event.detail.type))"
)
SOON = """
    const own = setTimeout;
    window.setTimeout = (act, delay) => own(act, parent === window && delay === 5000 ? 0 : delay);
"""
FAILS_ONCE = """(token) => {
    window.asked = 0;
    ShopChat.identify(async () => {
        if (window.asked++ === 1) throw new Error("The shop is down.");
        return token;
    });
}"""


def vouch(page: Page, token: str) -> None:
    page.evaluate(f"ShopChat.identify(async () => {json.dumps(token)})")


def wait_for_event(page: Page, kind: str) -> None:
    # The shop's policy lets no text be evaluated, which is how a browser would wait by itself.
    told = f"told.includes({json.dumps(kind)})"
    wait_until(lambda: bool(page.evaluate(told)), what=f"shopchat:event {kind}")


def open_shop(open_page: OpenPage, site: Site, **options: object) -> Page:
    page = open_page(site.origin, viewport=DESKTOP, **options)
    expect(get_launcher(page)).to_be_visible()
    page.evaluate(EVENTS)
    return page


def get_bubbles(chat: FrameLocator) -> list[str]:
    return chat.locator(".bubble").all_inner_texts()


def test_a_shopper_signs_in_comes_back_and_signs_out(
    open_page: OpenPage, site: Site, merchant: Merchant
) -> None:
    key = give_key(merchant)
    page = open_shop(open_page, site)
    chat = open_chat(page)
    say(chat, "before signing in")
    vouch(page, sign(key, claim(merchant)))
    wait_for_event(page, "identified")
    expect(chat.locator(".bubble")).to_have_text("before signing in")
    say(chat, "after signing in")

    page.reload()
    expect(get_launcher(page)).to_be_visible()
    page.evaluate(EVENTS)
    again = page.frame_locator("iframe")
    expect(again.locator("#words")).to_be_editable()
    expect(again.locator("#welcome")).to_be_visible()
    vouch(page, sign(key, claim(merchant)))
    expect(again.locator(".bubble")).to_have_text(["before signing in", "after signing in"])

    page.evaluate("ShopChat.logout()")
    expect(again.locator("#log > li")).to_have_count(0)
    say(again, "somebody else")
    owners = Conversation.objects.filter(merchant_id=merchant.pk).order_by("opened_at")
    assert [row.shopper_id is None for row in owners] == [False, True]
    assert "before" not in str(get_bubbles(again))


def test_a_shop_that_cannot_vouch_for_a_while_costs_no_talk(
    open_page: OpenPage, site: Site, merchant: Merchant
) -> None:
    key = give_key(merchant)
    stale: list[str] = []
    page = open_page("about:blank", viewport=DESKTOP)
    page.add_init_script(SOON)
    lose_proofs(page, stale)
    page.goto(site.origin)
    expect(get_launcher(page)).to_be_visible()
    page.evaluate(EVENTS)
    chat = open_chat(page)
    page.evaluate(FAILS_ONCE, sign(key, claim(merchant)))
    wait_for_event(page, "identified")
    say(chat, "mine")

    reconnect(page)
    wait_until(lambda: page.evaluate("window.asked") == 3, what="a third question for a token")
    expect(chat.locator(".bubble")).to_have_text("mine")
    say(chat, "still mine")

    stale.append(sign(key, claim(merchant, exp=0)))
    reconnect(page)
    wait_for_event(page, "identify_failed")
    expect(chat.locator("#log > li")).to_have_count(0)
    vouch(page, sign(key, claim(merchant)))
    expect(chat.locator(".bubble")).to_have_text(["mine", "still mine"])
    assert Conversation.objects.filter(merchant_id=merchant.pk).count() == 1


def lose_proofs(page: Page, stale: list[str]) -> None:
    """Has every socket begin without a proof, as after an hour, and identify with the stale token if there is one."""

    def pass_on(server: WebSocketRoute, text: str | bytes) -> None:
        frame = json.loads(text)
        frame.pop("proof", None)
        if frame["t"] == "identify" and stale:
            frame["jwt"] = stale.pop()
        server.send(json.dumps(frame))

    def listen(shopper: WebSocketRoute) -> None:
        server = shopper.connect_to_server()
        shopper.on_message(lambda text: pass_on(server, text))

    page.context.route_web_socket(re.compile("/ws/chat/"), listen)


def reconnect(page: Page) -> None:
    page.frames[1].evaluate("dispatchEvent(new Event('offline')); dispatchEvent(new Event('online'))")


def test_a_second_tab_without_a_token_is_shut_out(
    open_page: OpenPage, site: Site, merchant: Merchant
) -> None:
    page = open_shop(open_page, site)
    chat = open_chat(page)
    say(chat, "my secret")
    other = open_shop(open_page, site, context=page.context)
    elsewhere = open_chat(other)
    expect(elsewhere.locator(".bubble")).to_have_text("my secret")

    vouch(page, sign(give_key(merchant), claim(merchant)))

    expect(elsewhere.locator("#log > li")).to_have_count(0)
    expect(chat.locator(".bubble")).to_have_text("my secret")


def test_a_token_that_is_refused_is_told_to_the_shop_and_changes_nothing(
    open_page: OpenPage, site: Site, merchant: Merchant
) -> None:
    give_key(merchant)
    page = open_shop(open_page, site)
    chat = open_chat(page)
    say(chat, "hello")
    vouch(page, "no token")
    wait_for_event(page, "identify_failed")
    say(chat, "still here")

    assert get_bubbles(chat) == ["hello", "still here"]


def test_nothing_that_is_said_is_told_to_the_page(open_page: OpenPage, site: Site) -> None:
    page = open_shop(open_page, site)
    page.evaluate(
        "document.addEventListener('shopchat:event', (event) => told.push(JSON.stringify(event.detail)))"
    )
    say(open_chat(page), "my secret")

    wait_for_event(page, "done")
    assert "secret" not in str(page.evaluate("told"))
