"""What happens to a talk besides being answered: stopped, refused, kept for later, watched by a person, long ago."""

import json
import re

from playwright.sync_api import Page, WebSocketRoute, expect

from catalog.models import Merchant
from commerce_agent.chat.snapshots import AWAY_FRAMES
from tests.browser import scenes
from tests.browser.conftest import OpenPage, Site
from tests.browser.stage import Stage
from tests.browser.test_widget import DESKTOP, get_launcher, open_chat, say
from tests.waiting import wait_until

SOCKET = re.compile("/ws/chat/")
NOTE_CHANGES = """
    window.changes = [];
    addEventListener("storage", ({ key, newValue }) => changes.push([key, newValue]));
"""
LONG = "\n\n".join(f"Line {number} of a long answer." for number in range(60))


def open_talk(
    open_page: OpenPage, running_shop: str, merchant: Merchant
) -> tuple[Page, list[dict[str, object]]]:
    """The chat by itself after one answer, and what it has sent."""
    page = open_page("about:blank")
    sent: list[dict[str, object]] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda text: sent.append(json.loads(text))))
    page.goto(f"{running_shop}/w/{merchant.key}/")
    say(page, "hello")
    return page, sent


def test_the_stop_button_ends_the_running_turn(
    open_page: OpenPage, running_shop: str, merchant: Merchant, stage: Stage
) -> None:
    page, sent = open_talk(open_page, running_shop, merchant)
    stop = page.get_by_role("button", name="Stop the reply")
    expect(stop).to_be_hidden()
    stage.whisper({"t": "turn", "turn": 9, "cids": []})
    log = page.get_by_role("list", name="Conversation")
    expect(log).to_have_attribute("aria-busy", "true")
    # The list is read when it is gone to, never by itself.
    assert log.evaluate("list => [list.tabIndex, list.ariaLive]") == [0, None]
    stop.click()
    stage.whisper({"t": "done", "turn": 9, "text": "It is", "status": "stopped"})
    expect(log).to_have_attribute("aria-busy", "false")

    expect(page.locator(".reply").last.locator(".said")).to_have_text("It isStopped.")
    expect(stop).to_be_hidden()
    assert [frame["turn"] for frame in sent if frame["t"] == "stop"] == [9]


def test_a_message_that_was_refused_is_sent_again_by_a_press(
    open_page: OpenPage, running_shop: str, merchant: Merchant, stage: Stage
) -> None:
    refused: list[str] = []

    def refuse_the_first(shopper: WebSocketRoute) -> None:
        server = shopper.connect_to_server()

        def pass_on(text: str | bytes) -> None:
            frame = json.loads(text)
            if frame["t"] == "msg" and not refused:
                refused.append(frame["cid"])
                shopper.send(
                    json.dumps({"t": "error", "code": "bad_frame", "text": "?", "cid": frame["cid"]})
                )
            else:
                server.send(text)

        shopper.on_message(pass_on)

    page = open_page("about:blank")
    page.context.route_web_socket(SOCKET, refuse_the_first)
    page.goto(f"{running_shop}/w/{merchant.key}/")
    page.locator("#words").fill("hello there")
    page.locator("#words").press("Enter")
    expect(page.locator(".fate")).to_have_text("Not sent.Try again")
    page.get_by_role("button", name="Try again").click()

    expect(page.locator(".reply:not(.busy)")).to_have_count(1)
    expect(page.locator(".fate")).to_be_hidden()
    expect(page.locator(".bubble")).to_have_text("hello there")
    assert stage.count_said() == 1


def test_days_are_told_apart_and_news_waits_below(
    open_page: OpenPage, running_shop: str, merchant: Merchant, stage: Stage
) -> None:
    page, _ = open_talk(open_page, running_shop, merchant)
    for at, words in (("2026-03-01T12:00:00Z", "Of March."), ("2026-03-02T12:00:00Z", LONG)):
        stage.whisper({"t": "person", "at": at, "name": "Mara", "text": words})
    expect(page.locator(".day")).to_have_text(["Sunday, March 1", "Monday, March 2"])
    stage.append(scenes.NEW_TERMS)
    expect(page.locator(".notice")).to_be_in_viewport()
    newer = page.get_by_role("button", name="New messages")
    expect(newer).to_be_hidden()

    page.locator("#scroller").evaluate("box => box.scrollTo(0, 0)")
    stage.append(scenes.CHEAPER)
    expect(newer).to_be_visible()
    expect(page.locator(".notice").last).not_to_be_in_viewport()
    newer.click()
    expect(page.locator(".notice").last).to_be_in_viewport()
    expect(newer).to_be_hidden()


def test_a_person_who_writes_is_seen_writing(
    open_page: OpenPage, running_shop: str, merchant: Merchant, stage: Stage
) -> None:
    page = open_page("about:blank")
    page.clock.install()
    page.goto(f"{running_shop}/w/{merchant.key}/")
    say(page, "hello")
    for _ in range(2):
        stage.whisper({"t": "typing", "name": "Mara"})
    expect(page.locator(".writes")).to_have_text("Mara is writing")
    # What is to be spoken at nearly the same time is spoken together.
    expect(page.locator("#spoken")).to_have_text(re.compile(r"Mara is writing\s*$"))
    stage.whisper(scenes.MARA_SPOKE)
    expect(page.locator(".by")).to_have_text("Mara")
    expect(page.locator(".writes")).to_have_count(0)

    stage.whisper({"t": "typing", "name": "Mara"})
    expect(page.locator(".writes")).to_have_count(1)
    # Who has stopped writing says nothing of it.
    page.clock.run_for(6_100)
    expect(page.locator(".writes")).to_have_count(0)


def test_orders_show_how_far_they_are(
    open_page: OpenPage, running_shop: str, merchant: Merchant, stage: Stage
) -> None:
    page, _ = open_talk(open_page, running_shop, merchant)
    stage.append(scenes.ORDERS)
    on_its_way = page.get_by_role("group", name="Order 1042, November 20, 2026")
    expect(on_its_way).to_contain_text("Shipped")
    expect(on_its_way).to_contain_text("2 × Kettle")
    expect(on_its_way.locator(".total")).to_have_text("November 20, 2026$99.80")
    expect(on_its_way.locator(".past")).to_have_count(3)
    expect(page.get_by_role("group", name=re.compile("Order 977")).locator(".way")).to_have_count(0)


def test_what_was_long_ago_is_fetched_by_a_press(
    open_page: OpenPage, running_shop: str, merchant: Merchant, stage: Stage
) -> None:
    page, _ = open_talk(open_page, running_shop, merchant)
    stage.append(*[scenes.NEW_TERMS] * AWAY_FRAMES)
    say(page, "hello again")
    page.reload()
    expect(page.locator(".bubble")).to_have_text(["hello again"])
    expect(page.locator(".reply:not(.busy) .said")).to_have_count(1)
    stage.append(scenes.CARDS)
    page.get_by_role("button", name="Ask about this: Kettle").click()

    page.get_by_role("button", name="Earlier messages").click()
    expect(page.locator(".bubble")).to_have_text(["hello", "hello again"])
    # It is the same talk, so what the next words reply to waits for them.
    expect(page.locator("#about")).to_have_text("Kettle")
    expect(page.locator(".bubble").first).to_be_in_viewport()
    expect(page.get_by_role("button", name="Earlier messages")).to_have_count(0)


def test_another_talk_keeps_no_quote_though_earlier_messages_were_asked_for(
    open_page: OpenPage, running_shop: str, merchant: Merchant, stage: Stage
) -> None:
    page, _ = open_talk(open_page, running_shop, merchant)
    stage.append(*[scenes.NEW_TERMS] * AWAY_FRAMES)
    say(page, "hello again")
    standing: list[WebSocketRoute] = []

    def break_where_all_is_asked_for(shopper: WebSocketRoute) -> None:
        server = shopper.connect_to_server()

        def tell(text: str | bytes) -> None:
            shopper.send(text)
            if json.loads(text)["t"] == "welcome":
                standing.append(shopper)

        server.on_message(tell)

        def pass_on(text: str | bytes) -> None:
            if json.loads(text).get("whole"):
                shopper.close(code=4000)
            else:
                server.send(text)

        shopper.on_message(pass_on)

    page.context.route_web_socket(SOCKET, break_where_all_is_asked_for)
    page.reload()
    expect(page.locator(".bubble")).to_have_text(["hello again"])
    stage.append(scenes.CARDS)
    page.get_by_role("button", name="Ask about this: Kettle").click()
    page.get_by_role("button", name="Earlier messages").click()
    expect(page.locator("#about")).to_have_text("Kettle")
    # What the test is told of comes only while it asks the page something.
    wait_until(lambda: bool(page.title()) and len(standing) == 2, what="another line")
    expect(page.locator("#about")).to_have_text("Kettle")
    standing[1].send(json.dumps({"t": "welcome", "head": 0, "conversation": True, "reset": True}))

    expect(page.locator(".bubble")).to_have_count(0)
    assert page.locator("#about").is_hidden()


def test_what_came_unseen_is_counted_on_the_next_page_too(
    open_page: OpenPage, site: Site, stage: Stage
) -> None:
    page = open_page(site.origin, viewport=DESKTOP)
    chat = open_chat(page)
    say(chat, "hello")
    other = open_page(site.origin, context=page.context, viewport=DESKTOP)
    expect(get_launcher(other)).to_be_visible()
    assert other.locator("iframe").count() == 0
    page.keyboard.press("Escape")
    stage.append(scenes.NEW_TERMS, scenes.PERSON)
    expect(page.get_by_role("button", name="Open the chat, 2 unread")).to_be_visible()

    page.reload()
    expect(page.get_by_role("button", name="Open the chat, 2 unread")).to_be_visible()
    open_chat(other)
    expect(page.get_by_role("button", name="Open the chat", exact=True)).to_be_visible()
    page.reload()
    expect(page.frame_locator("iframe").locator(".notice")).to_have_count(2)
    expect(page.get_by_role("button", name="Open the chat", exact=True)).to_be_visible()


def test_each_visit_leaves_another_secret_behind(
    open_page: OpenPage, running_shop: str, merchant: Merchant, stage: Stage
) -> None:
    page, sent = open_talk(open_page, running_shop, merchant)
    other = open_page("about:blank", context=page.context)
    came: list[str] = []
    other.on("websocket", lambda socket: socket.on("framereceived", lambda text: came.append(str(text))))
    other.goto(f"{running_shop}/w/{merchant.key}/")
    expect(other.locator(".bubble")).to_have_text("hello")
    held = "Object.values(localStorage).join()"
    first = next(frame["resume"] for frame in sent if frame["t"] == "hello")
    wait_until(lambda: other.evaluate(held) != first, what="another secret in storage")
    second = other.evaluate(held)

    # The first tab has heard of it, and says hello with it from now on.
    page.evaluate("dispatchEvent(new Event('offline')); dispatchEvent(new Event('online'))")
    say(page, "hello again")
    hellos = [frame["resume"] for frame in sent if frame["t"] == "hello"]
    assert (hellos[0], hellos[-1]) == (first, second)
    expect(other.locator(".bubble")).to_have_text(["hello", "hello again"])

    # A third tab takes the next; the second keeps to that, though it greets again on the socket that took its own.
    third = open_page(f"{running_shop}/w/{merchant.key}/", context=page.context)
    expect(third.locator(".bubble")).to_have_text(["hello", "hello again"])
    wait_until(lambda: third.evaluate(held) != second, what="a third secret in storage")
    newest = third.evaluate(held)
    stage.whisper({"t": "done", "turn": 99, "text": "", "status": "complete", "seq": 9_999})

    def is_welcomed() -> bool:
        # What came is told to the test only while it asks the browser something.
        return bool(third.evaluate("true")) and '"t":"welcome"' in "".join(came[1:])

    wait_until(is_welcomed, what="another welcome")
    say(other, "still here")
    wait_until(lambda: third.evaluate(held) == newest, what="the newest secret in storage")


def test_a_tab_that_hears_late_takes_no_secret_back(
    open_page: OpenPage, running_shop: str, merchant: Merchant
) -> None:
    page = open_page("about:blank")
    page.add_init_script("addEventListener('storage', (event) => event.stopImmediatePropagation())")
    page.goto(f"{running_shop}/w/{merchant.key}/")
    say(page, "hello")
    first = page.evaluate("Object.values(localStorage).join()")
    other = open_page("about:blank", context=page.context)
    other.add_init_script(NOTE_CHANGES)
    other.goto(f"{running_shop}/w/{merchant.key}/")
    expect(other.locator(".bubble")).to_have_text("hello")
    wait_until(lambda: other.evaluate("Object.values(localStorage)[0]") != first, what="another secret")
    newest = other.evaluate("Object.values(localStorage).join()")

    say(page, "hello again")

    expect(other.locator(".bubble")).to_have_text(["hello", "hello again"])
    # Nor is there a moment without one, in which a page that is loaded would begin another talk.
    wait_until(lambda: len(other.evaluate("changes")) == 2, what="the end of the remark to other tabs")
    name = f"shopchat:resume:{merchant.key}:begun"
    assert other.evaluate("changes") == [[name, "1"], [name, None]]
    assert other.evaluate("Object.values(localStorage)") == [newest]


def test_a_press_while_offline_is_told_and_arrives_once(
    open_page: OpenPage, running_shop: str, merchant: Merchant, stage: Stage
) -> None:
    page, sent = open_talk(open_page, running_shop, merchant)
    stage.append(scenes.CART, scenes.propose())
    confirm = page.get_by_role("button", name="Confirm order")
    confirm.scroll_into_view_if_needed()
    expect(confirm).to_have_attribute("aria-disabled", "false")
    page.context.set_offline(True)
    expect(page.locator("#banner")).to_have_text("You are offline. We reconnect by ourselves.")
    confirm.click()
    expect(page.locator(".outcome")).to_have_text("Waiting for the connection")
    expect(page.locator("#spoken")).to_have_text("Waiting for the connection")
    expect(confirm).to_be_hidden()

    page.context.set_offline(False)
    # What the offer is of was invented, so the shop has none of it: it says so, and the press is over.
    expect(page.locator(".proposal")).to_have_attribute("data-status", "changed")
    assert len([frame for frame in sent if frame["t"] == "confirm"]) == 1


def test_a_press_on_a_proposal_that_is_gone_is_answered(
    open_page: OpenPage, running_shop: str, merchant: Merchant, stage: Stage
) -> None:
    page = open_page(f"{running_shop}/w/{merchant.key}/")
    say(page, "I take both")
    # The server knows it no more, which this page has yet to hear.
    offered = {"id": "gone", "hash": "0" * 64, "token": "old", "lines": [], "expires": "2030-01-01T12:00:00Z"}
    stage.whisper({"t": "proposal", "turn": 99, **offered})
    offers = page.get_by_role("group", name="Your order")
    expect(offers).to_have_count(1)
    confirm = offers.first.get_by_role("button", name="Confirm order")
    confirm.scroll_into_view_if_needed()
    expect(confirm).not_to_have_attribute("aria-disabled", "true")

    confirm.click()

    expect(offers.first).to_have_attribute("data-status", "failed")
    expect(offers.first.locator(".outcome")).not_to_have_text("Sending …")
    expect(confirm).to_have_count(0)

    told = offers.first.locator(".outcome").inner_text()
    page.context.set_offline(True)
    expect(page.locator("#banner")).to_have_text("You are offline. We reconnect by ourselves.")
    assert offers.first.locator(".outcome").inner_text() == told
    page.context.set_offline(False)
    expect(page.locator("#banner")).to_have_text("")
    assert offers.first.locator(".outcome").inner_text() == told


def test_an_hour_old_frame_gets_another_ticket_however_long_it_was_alone(
    open_page: OpenPage, running_shop: str, merchant: Merchant
) -> None:
    tickets: list[str] = []
    closes = [4000, 4000, 4000, 4000, 4401]

    def go_wrong(shopper: WebSocketRoute) -> None:
        server = shopper.connect_to_server()

        def pass_on(text: str | bytes) -> None:
            frame = json.loads(text)
            if frame["t"] == "hello":
                tickets.append(frame["ticket"])
                if len(tickets) > 1 and closes:
                    shopper.close(code=closes.pop(0))
                    return
            server.send(text)

        shopper.on_message(pass_on)

    page = open_page("about:blank")
    page.context.route_web_socket(SOCKET, go_wrong)
    page.goto(f"{running_shop}/w/{merchant.key}/")
    say(page, "hello")
    page.evaluate("dispatchEvent(new Event('offline'))")
    page.evaluate("() => { window.hurry = setInterval(() => dispatchEvent(new Event('online')), 50); }")
    expect(page.locator("#banner")).to_have_text("")
    page.locator("#words").fill("again")
    page.locator("#words").press("Enter")
    expect(page.locator(".reply:not(.busy)")).to_have_count(2)

    assert closes == []
    assert len(set(tickets[:6])) == 1
    assert tickets[0] not in tickets[6:]
