"""The audit in a real browser: by keyboard alone, by night, on a phone, with no violation and no complaint."""

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission
from playwright.sync_api import Page

from commerce_agent.models import Operator
from tests.console.audit.conftest import Kept
from tests.console.audit.screenshots import LOOKS, list_addresses
from tests.console.browsing import AXE

pytestmark = pytest.mark.browser

# Only what is broken comes back: the whole answer about a graph takes longer to send than to find.
TOLD = "resultTypes: ['violations']}).then((all) => all.violations)"
RULES = {
    "desk": f"axe.run(document, {{runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'], {TOLD}",
    "desk-night": f"axe.run(document, {{runOnly: {{type: 'rule', values: ['color-contrast']}}, {TOLD}",
}
CLASSES = re.compile(r'class="([^"]*)"')
WIDE = """() => ["rtl", "ltr"].filter((way) => {
    document.documentElement.dir = way;
    return document.documentElement.scrollWidth > innerWidth;
})"""


@pytest.fixture
def visitor(supporter: Operator) -> Operator:
    """Whose browser it is: an owner's rights, so that no page is closed."""
    supporter.user_permissions.add(Permission.objects.get(codename="delete_shopper"))
    return supporter


def test_no_page_has_a_violation_or_scrolls_sideways(page: Page, kept: Kept) -> None:
    """By night only colours differ, and whatever is dressed as something before it has its colours; on a phone and from
    right to left only the width differs.
    """
    found: dict[str, list[str]] = {}
    coloured: set[str] = set()
    axe = AXE.read_text()
    for name, address in list_addresses(kept.id).items():
        answer = page.goto(address, wait_until="domcontentloaded")
        assert answer is not None
        assert answer.status == 200, name
        page.evaluate(axe)
        classes = {" ".join(sorted(each.split())) for each in CLASSES.findall(page.content())}
        rules = RULES if not classes <= coloured else {"desk": RULES["desk"]}
        coloured |= classes
        for look, size, scheme in LOOKS:
            page.set_viewport_size(size)  # type: ignore[arg-type]
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            wide = page.evaluate(WIDE) if look != "desk-night" else []
            found.setdefault(f"{name}, {look}", []).extend(f"{way}: scrolls sideways" for way in wide)
            for violation in page.evaluate(rules[look]) if look in rules else ():
                told = f"{violation['id']}: {violation['nodes'][0]['html'][:200]}"
                found.setdefault(f"{name}, {look}", []).append(told)
    assert {where: what for where, what in found.items() if what} == {}


def test_turns_are_walked_and_views_changed_by_keys(page: Page, kept: Kept) -> None:
    page.goto(kept.address("talk"))
    focused = "document.activeElement.dataset.turn"

    for key, turn in (("j", "1"), ("j", "2"), ("j", "3"), ("k", "2")):
        page.keyboard.press(key)
        assert page.evaluate(focused) == turn
    first = page.locator("[data-turn='2'] details > summary").first
    first.focus()
    for is_open in (True, False):
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.parentElement.open") is is_open
    for key in "dmt":
        page.keyboard.press(key)
        page.wait_for_url(f"**/?view={key}")
        assert page.locator(f"[data-view={key}]").count() == 1


def test_an_id_is_copied(page: Page, kept: Kept) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(kept.address("talk"))

    page.get_by_role("button", name="Copy").click()
    page.get_by_role("button", name="Copied").wait_for()

    assert page.evaluate("navigator.clipboard.readText()") == kept.id


def test_the_lanes_are_walked_by_arrows_and_a_node_opened(page: Page, kept: Kept) -> None:
    page.goto(kept.address("graph") + "?open=1,2")
    first = page.locator("a.lane-node[data-column='0']").first
    first.focus()

    page.keyboard.press("ArrowRight")
    assert page.evaluate("Number(document.activeElement.dataset.column)") > 0
    page.keyboard.press("Enter")
    page.wait_for_url("**node=**")

    assert page.locator("a.lane-node.chosen").count() == 1
    assert page.locator("path.lane-edge.lit").count() > 0
    assert page.locator("#panel h2").inner_text() != ""


def test_the_slider_shows_the_state_at_its_point(page: Page, kept: Kept) -> None:
    page.goto(kept.address("state"))
    slider = page.get_by_role("slider")
    slider.focus()

    page.keyboard.press("Home")

    page.wait_for_url("**/state/?at=1")
    assert "conversation.opened" in page.locator("h2").first.inner_text()


def test_a_complaint_file_prints_everything(page: Page, kept: Kept, tmp_path: Path) -> None:
    page.goto(kept.address("print"))
    page.emulate_media(media="print")

    assert page.locator(".au-top").is_hidden()
    assert page.locator(".au-tabs").is_hidden()
    assert page.get_by_role("cell", name="Matched").first.is_visible()
    document = page.pdf(path=tmp_path / "file.pdf", format="A4")
    assert document.startswith(b"%PDF")
