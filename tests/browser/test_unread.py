"""What was seen, and what was not."""

from playwright.sync_api import Page, expect

from tests.browser import scenes
from tests.browser.conftest import OpenPage, Site
from tests.browser.stage import Stage
from tests.browser.test_widget import DESKTOP, get_launcher, open_chat, say
from tests.waiting import wait_until

HOLD_REMARKS = """
    window.held = [];
    const [later, never] = [setTimeout, clearTimeout];
    window.setTimeout = (act, delay, ...more) => (delay === 500 ? -held.push(act) : later(act, delay, ...more));
    window.clearTimeout = (id) => (id < 0 ? (held[-id - 1] = null) : never(id));
"""
"""The remark "read" is due half a second after something came into sight; here it goes when the test has it go."""


def count_due(page: Page) -> int:
    return int(page.frames[1].evaluate("held.filter(Boolean).length"))


def test_what_came_after_the_panel_was_shut_is_not_read(
    open_page: OpenPage, site: Site, stage: Stage
) -> None:
    page = open_page("about:blank", viewport=DESKTOP)
    page.add_init_script(HOLD_REMARKS)
    page.goto(site.origin)
    chat = open_chat(page)
    say(chat, "hello")
    wait_until(lambda: count_due(page) > 0, what="a remark that is due")
    page.keyboard.press("Escape")
    expect(get_launcher(page)).to_be_focused()
    stage.append(scenes.NEW_TERMS, scenes.PERSON)
    expect(page.get_by_role("button", name="Open the chat, 2 unread")).to_be_visible()

    page.frames[1].evaluate("held.filter(Boolean).forEach((act) => act())")

    stage.append(scenes.CHEAPER)
    expect(page.get_by_role("button", name="Open the chat, 3 unread")).to_be_visible()
