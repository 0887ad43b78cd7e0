"""What is the shopper's own to do: rate and copy replies, begin anew, take the talk along, have it destroyed."""

import json
from pathlib import Path

from playwright.sync_api import Page, expect

from catalog.models import Merchant
from tests.browser import scenes
from tests.browser.conftest import OpenPage, Site
from tests.browser.stage import Stage
from tests.browser.test_widget import DESKTOP, open_chat, say


def choose(page: Page, name: str) -> None:
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name=name).click()


def test_a_rating_and_its_reason_are_kept_over_a_reload(
    open_page: OpenPage, running_shop: str, merchant: Merchant
) -> None:
    page = open_page(f"{running_shop}/w/{merchant.key}/")
    say(page, "hello")
    good = page.get_by_role("button", name="Helpful", exact=True)
    bad = page.get_by_role("button", name="Not helpful")
    reasons = page.get_by_role("list", name="What was wrong with it?")
    expect(good).to_have_attribute("aria-pressed", "false")
    good.click()
    expect(good).to_have_attribute("aria-pressed", "true")
    bad.click()
    expect(bad).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Not what I meant").click()
    expect(reasons).to_be_hidden()

    page.reload()

    expect(bad).to_have_attribute("aria-pressed", "true")
    expect(good).to_have_attribute("aria-pressed", "false")
    expect(reasons).to_be_hidden()


def test_a_reply_is_copied_from_within_the_shops_page(open_page: OpenPage, site: Site) -> None:
    page = open_page(site.origin, viewport=DESKTOP, permissions=["clipboard-write"])
    chat = open_chat(page)
    say(chat, "hello")
    chat.get_by_role("button", name="Copy").click()

    expect(chat.locator("#spoken")).to_have_text("Copied")
    chat.locator("#words").focus()
    page.keyboard.press("ControlOrMeta+v")
    expect(chat.locator("#words")).to_have_value(chat.locator(".said").inner_text())


def test_escape_closes_the_menu_before_the_chat(open_page: OpenPage, site: Site) -> None:
    page = open_page(site.origin, viewport=DESKTOP)
    chat = open_chat(page)
    chat.get_by_role("button", name="More").click()
    expect(chat.locator("#menu")).to_be_visible()

    page.keyboard.press("Escape")
    expect(chat.locator("#menu")).to_be_hidden()
    expect(chat.locator("#words")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("iframe")).to_be_hidden()


def test_a_new_conversation_leaves_the_old_one_behind(
    open_page: OpenPage, running_shop: str, merchant: Merchant, stage: Stage
) -> None:
    page = open_page("about:blank")
    sent: list[str] = []
    page.on("websocket", lambda line: line.on("framesent", lambda frame: sent.append(str(frame))))
    page.goto(f"{running_shop}/w/{merchant.key}/")
    say(page, "the old one")
    old = page.evaluate("Object.values(localStorage)[0]")
    choose(page, "New conversation")
    expect(page.locator("#welcome")).to_be_visible()
    expect(page.locator("#log > li")).to_have_count(0)
    expect(page.locator("#words")).to_be_focused()
    assert page.evaluate("localStorage.length") == 0

    say(page, "the new one")
    hello = [frame for frame in map(json.loads, sent) if frame["t"] == "hello"][-1]
    page.reload()

    expect(page.locator(".bubble")).to_have_text(["the new one"])
    # The cart comes along with whoever shows where it was left.
    assert (hello["left"], hello["resume"] == old) == (old, False)
    assert stage.count_said() == 2


def test_the_talk_can_be_taken_along(open_page: OpenPage, running_shop: str, merchant: Merchant) -> None:
    page = open_page(f"{running_shop}/w/{merchant.key}/")
    say(page, "hello there")
    with page.expect_download() as download:
        choose(page, "Save this conversation")

    saved = json.loads(Path(download.value.path()).read_text())
    assert [frame["seq"] for frame in saved] == list(range(1, len(saved) + 1))
    assert (saved[0]["t"], saved[0]["text"], saved[-1]["t"]) == ("user", "hello there", "done")


def test_deleting_is_asked_twice_and_is_for_good(
    open_page: OpenPage, running_shop: str, merchant: Merchant
) -> None:
    page = open_page(f"{running_shop}/w/{merchant.key}/")
    say(page, "a secret")
    secret = page.evaluate("Object.values(localStorage)[0]")
    choose(page, "Delete this conversation")
    expect(page.locator(".bubble")).to_have_text("a secret")
    page.get_by_role("button", name="Delete it for good?").click()
    expect(page.locator("#welcome")).to_be_visible()

    # Whoever kept the handle finds nothing under it.
    page.evaluate(
        "([name, secret]) => localStorage.setItem(name, secret)", [f"shopchat:resume:{merchant.key}", secret]
    )
    page.reload()
    expect(page.locator("#words")).to_be_editable()
    expect(page.locator("#log > li")).to_have_count(0)
    expect(page.locator("#welcome")).to_be_visible()


def test_a_person_is_asked_for_from_the_menu(
    open_page: OpenPage, running_shop: str, merchant: Merchant
) -> None:
    page = open_page(f"{running_shop}/w/{merchant.key}/")
    choose(page, "Talk to a person")

    expect(page.locator(".notice")).to_have_text("Update: A person has been asked to join.")


def test_a_picker_asks_for_another_version(
    open_page: OpenPage, running_shop: str, merchant: Merchant, stage: Stage
) -> None:
    page = open_page(f"{running_shop}/w/{merchant.key}/")
    say(page, "teapots")
    stage.append(scenes.ONE_CARD)
    picker = page.get_by_role("list", name="Color").get_by_role("button")
    expect(picker).to_have_text(["Ash", "Moss", "Snow Sold out"])
    expect(picker.nth(0)).to_have_attribute("aria-pressed", "true")
    expect(picker.nth(2)).to_be_disabled()

    picker.nth(1).click()

    expect(page.locator(".bubble").nth(1)).to_have_text("Stoneware teapot, Moss")
    expect(picker).to_have_count(3)
