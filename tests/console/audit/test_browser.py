"""The audit in a real browser: by keyboard alone, by night, on a phone, with no violation and no complaint."""

import re
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import Permission
from django.urls import reverse
from playwright.sync_api import Page

from catalog.ids import MerchantId
from commerce_agent.composition import open_platform
from commerce_agent.console.audit.indexing import index_conversations
from commerce_agent.models import Case, Operator
from conversations import ids as talk_ids
from conversations.events import Event
from conversations.events.decisions import DecisionMade, ModelCalled, PolicyPassedOver, ToolUsed, Verdict
from conversations.events.facts import FactConflict, FactsObserved
from conversations.ids import ConversationId, EntityRef
from tests.console.audit.conftest import Kept, log_in, make_staff
from tests.console.audit.screenshots import LOOKS, list_addresses
from tests.console.audit.test_slips import hold_turn
from tests.console.browsing import AXE
from tests.console.talk import make_decision, make_facts
from tests.flows.recordings import OPENED, Held, Scene, hold

pytestmark = pytest.mark.browser

# Only what is broken comes back: the whole answer about a graph takes longer to send than to find.
TOLD = "resultTypes: ['violations']}).then((all) => all.violations)"
RULES = f"axe.run(document, {{runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'], {TOLD}"
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


TOLD_THERE = {
    "erased": ["was erased"],
    "odd": ["Stopped", "Complaint", "would have said"],
    "odd-turn": ["Stopped", "Answers that differed", "Calls of the model", "Complaint", "should have said:"],
    "odd-case": ["<del", "<ins", "Settle"],
    "odd-node": ["This price."],
    "queue": ["Complaint"],
    "flagged": ["1 flag"],
}
"""What makes a page worth a look of its own."""


def make_odd_turn() -> tuple[Event, ...]:
    """What a decision tells where not all went well: claims that were stopped, answers that differed, a tool that was
    refused, a model that was asked twice and cut off once.
    """
    ref = EntityRef("variant", "BRIM-Y")
    price, stock, dearer = make_facts(ref=ref, at=OPENED)
    decision = msgspec.structs.replace(
        make_decision(ref=ref, decision=str(uuid4())),
        planner="claude",
        model="claude-sonnet",
        prompt="3f0c",
        grounding=(
            Verdict(claim="$79.00", fact=None, passed=False, remedy="left_out", kind="money"),
            Verdict(claim="$88.00", fact="f1", passed=False, remedy="replaced", kind="money"),
        ),
        conflicts=(FactConflict(subject=ref, name="price", winner="f1", loser=dearer, rule="authority"),),
        policies_passed_over=(PolicyPassedOver(policy="returns/store@2", reason="a newer one holds"),),
        tools=(ToolUsed(tool="search_products", outcome="refused: no such field", milliseconds=3.0),),
        calls=(
            ModelCalled(
                message="msg_1", stop_reason="tool_use", cache_missed="first_call", milliseconds=812.0
            ),
            ModelCalled(message="", stop_reason="timed_out", broken=True),
        ),
        input_tokens=900,
        output_tokens=40,
        cost_micros=5_300,
    )
    return (FactsObserved(facts=(price, stock)), DecisionMade(decision=decision))


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    """Conversations whose pages are like no other's."""

    asked: Kept
    """In which a person is asked for."""
    erased: Kept
    odd: Kept
    """In which not all went well, and which was noted, corrected and flagged."""

    @property
    def addresses(self) -> dict[str, str]:
        """Their pages that are looked at."""
        return {
            "erased": self.erased.address("talk"),
            "wanted": self.asked.address("live"),
            "odd": self.odd.address("talk") + "?view=d",
            "odd-turn": self.odd.address("turn", 1),
            "odd-case": self.odd.address("case"),
            "odd-node": self.odd.address("graph") + "?node=fact%3Af1",
            "flagged": f"{reverse('admin:audit_find')}?flag=complaint&case=open",
        }


@pytest.fixture(scope="module", autouse=True)
def beside(lamp_shop: MerchantId, kept: Kept) -> Iterator[Beside]:
    """Made before a browser is open, whose loop the service could not use."""

    async def ask(scene: Scene) -> None:
        await scene.say("can I talk to a person?")

    async def erase(conversation: str) -> None:
        async with open_platform(quiet=True) as platform:
            shop = talk_ids.MerchantId(str(lamp_shop))
            await platform.key_keeper.forget_key(merchant=shop, owner=conversation)

    asked, erased = (Kept(held=hold(lamp_shop, ask), shopper=kept.shopper) for _ in range(2))
    async_to_sync(erase)(erased.id)
    turn = hold_turn(lamp_shop, *make_odd_turn())
    held = Held(merchant=lamp_shop, conversation=ConversationId(turn), events=())
    odd = Kept(held=held, shopper=kept.shopper)
    worker = log_in(make_staff("view", "change"))
    for note in (
        {"text": "They were told a price that is none.", "turn": "1", "flag": "complaint"},
        {"text": "Here you are.", "turn": "1", "correction": "yes"},
        {"text": "This price.", "node": "fact:f1"},
    ):
        worker.post(odd.address("note"), note)
    while index_conversations():
        pass
    yield Beside(asked=asked, erased=erased, odd=odd)
    Case.objects.filter(pk=odd.id).delete()


def list_faults(page: Page, *, axe: str, coloured: set[str]) -> dict[str, list[str]]:
    """What is amiss with a page that is open, by look. `coloured`: how things were dressed that were seen before."""
    page.evaluate(axe)
    classes = {" ".join(sorted(each.split())) for each in CLASSES.findall(page.content())}
    looked_at = {"desk"} if classes <= coloured else {"desk", "desk-night"}
    coloured |= classes
    found: dict[str, list[str]] = {}
    for look, size, scheme in LOOKS:
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        wide = page.evaluate(WIDE) if look != "desk-night" else []
        found[look] = [f"{way}: scrolls sideways" for way in wide]
        for violation in page.evaluate(RULES) if look in looked_at else ():
            found[look].append(f"{violation['id']}: {violation['nodes'][0]['html'][:200]}")
    return found


def take_over(page: Page) -> None:
    page.get_by_label("Your name, as the shopper reads it").fill("Mara")
    page.get_by_role("button", name="Take over").click()
    page.get_by_role("button", name="Hand back").wait_for()


def keep_search(page: Page) -> None:
    page.get_by_text("Keep this search").click()
    page.get_by_label("Name", exact=True).fill("Complaints")
    page.get_by_role("button", name="Keep").click()
    page.get_by_role("button", name="Remove the view Complaints").wait_for()


def reveal(page: Page) -> None:
    page.get_by_text("Show it").click()
    page.get_by_label("Why must you see it?").fill("The shopper has called about it")
    page.get_by_role("button", name="Show for 15 minutes").click()
    page.get_by_text("What is personal is shown until").wait_for()


def erase(page: Page) -> None:
    page.locator("#why-erase").fill("They asked for it by letter")
    page.locator("#word").fill(page.url.split("/")[-3][:8])
    page.get_by_role("button", name="Erase for good").click()
    page.get_by_text("Erased: ").wait_for()


def test_no_page_has_a_violation_or_scrolls_sideways(page: Page, kept: Kept, beside: Beside) -> None:
    """By night again, with every rule, where something is dressed as nothing before it was; on a phone and from right
    to left only the width differs.
    """
    found: dict[str, dict[str, list[str]]] = {}
    coloured: set[str] = set()
    axe = AXE.read_text()
    addresses = list_addresses(kept.id) | beside.addresses
    for name, address in addresses.items():
        answer = page.goto(address, wait_until="domcontentloaded")
        assert answer is not None
        assert answer.status == 200, name
        told = answer.text()
        assert [each for each in TOLD_THERE.get(name, ()) if each not in told] == [], name
        found[name] = list_faults(page, axe=axe, coloured=coloured)
    acts = (
        (addresses["wanted"], take_over),
        (addresses["flagged"], keep_search),
        (addresses["odd"], reveal),
        (beside.asked.address("rights"), erase),
    )
    for address, act in acts:
        page.goto(address)
        act(page)
        found[act.__name__] = list_faults(page, axe=axe, coloured=coloured)
    assert {where: what for where, what in found.items() if any(what.values())} == {}


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


def test_a_kind_that_is_not_wanted_is_not_drawn_nor_are_its_lines(page: Page, kept: Kept) -> None:
    page.goto(kept.address("graph") + "?open=1,2")
    decisions = page.locator("a.lane-node[data-kind='decision']")
    others = page.locator("a.lane-node:not([data-kind='decision'])")
    names = decisions.evaluate_all("all => all.map((each) => each.id.slice(2))")
    lines = page.locator("path.lane-edge")
    ends = "all => all.filter((each) => getComputedStyle(each).display !== 'none')"
    ends += ".map(({ dataset }) => [dataset.source, dataset.target])"
    drawn = lines.evaluate_all(ends)
    # Of a folded turn the lines of that kind end at its fold.
    gone = {*names, *(f"fold:{turn}:decision" for turn in range(17))}
    touching = [pair for pair in drawn if set(pair) & gone]
    assert names
    assert 0 < len(touching) < len(drawn)
    box = page.locator("[data-kind-filter][value='decision']")

    box.uncheck()

    assert not any(decisions.nth(at).is_visible() for at in range(len(names)))
    assert all(others.nth(at).is_visible() for at in range(others.count()))
    assert lines.evaluate_all(ends) == [pair for pair in drawn if pair not in touching]
    # The arrows walk past what is not there.
    page.locator("a.lane-node[data-column='0']").first.focus()
    walked = []
    for _ in range(len(names) + 6):
        page.keyboard.press("ArrowRight")
        walked.append(page.evaluate("document.activeElement.dataset.kind"))
    assert "decision" not in walked

    box.check()

    assert all(decisions.nth(at).is_visible() for at in range(len(names)))
    assert lines.evaluate_all(ends) == drawn


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
