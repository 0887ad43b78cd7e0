"""What is remembered of a shopper, as the widget shows it: only to who was vouched for, and theirs to change."""

import json

from playwright.sync_api import FrameLocator, Locator, Page, expect

from catalog.models import Merchant
from commerce_agent.chat.phrases import list_memory_phrases
from tests.browser.conftest import OpenPage, Site
from tests.browser.stage import Stage
from tests.browser.test_accessibility import list_violations
from tests.browser.test_signed_in import open_shop, vouch, wait_for_event
from tests.browser.test_widget import open_chat, say
from tests.chat.signing import claim, give_key, sign

NAME = "What is remembered of you"
SIZE = {"id": "m1", "about": "Size (boots)", "value": "42", "editable": True}
AROUND = {"allowed": True, "words": list_memory_phrases()}
SEEN = {"id": "m2", "about": "Looked at", "value": "Fell boot", "guess": True}


def get_sheet(chat: FrameLocator) -> Locator:
    return chat.get_by_role("dialog", name=NAME)


def open_vouched(page: Page, merchant: Merchant) -> FrameLocator:
    """The chat of a shopper for whom the shop vouches."""
    chat = open_chat(page)
    say(chat, "hello")
    vouch(page, sign(give_key(merchant), claim(merchant)))
    wait_for_event(page, "identified")
    return chat


def test_only_who_was_vouched_for_is_shown_what_is_remembered(
    open_page: OpenPage, site: Site, merchant: Merchant
) -> None:
    page = open_shop(open_page, site)
    chat = open_chat(page)
    chat.get_by_role("button", name="More").click()
    expect(chat.get_by_role("button", name="Talk to a person")).to_be_visible()
    expect(chat.get_by_role("button", name=NAME)).to_have_count(0)
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")

    chat = open_vouched(page, merchant)
    chat.get_by_role("button", name="More").click()
    chat.get_by_role("button", name=NAME).click()
    expect(get_sheet(chat)).to_contain_text("So far nothing is remembered of you.")

    get_sheet(chat).get_by_role("button", name="Forget all").click()
    expect(get_sheet(chat)).to_contain_text("Nothing is remembered of you.Close")
    page.keyboard.press("Escape")
    expect(get_sheet(chat)).to_be_hidden()
    expect(chat.locator("#words")).to_be_visible()


def test_it_is_put_right_and_taken_out(
    open_page: OpenPage, site: Site, merchant: Merchant, stage: Stage
) -> None:
    page = open_shop(open_page, site)
    sent: list[dict[str, object]] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda text: sent.append(json.loads(text))))
    chat = open_vouched(page, merchant)
    stage.whisper({"t": "memories", "cid": "c", "kept": [SIZE, SEEN], **AROUND})
    sheet = get_sheet(chat)
    expect(sheet.get_by_role("listitem")).to_have_count(2)
    assert list_violations(next(frame for frame in page.frames if "/w/" in frame.url)) == []

    sheet.get_by_role("textbox", name="Size (boots)").fill("43")
    page.keyboard.press("Tab")
    sheet.get_by_role("button", name="Close").focus()
    stage.whisper({"t": "memories", "cid": "c", "kept": [SEEN], **AROUND})
    sheet.get_by_role("button", name="Forget: Looked at, Fell boot").click()
    expect(sheet).to_contain_text("So far nothing is remembered of you.")

    asked = [
        {key: frame[key] for key in frame if key not in ("t", "cid")}
        for frame in sent
        if frame["t"] == "memory"
    ]
    assert asked == [{"correct": {"id": "m1", "value": "43"}}, {"forget": ["m2"]}]
