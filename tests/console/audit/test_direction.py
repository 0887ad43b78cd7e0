"""What was said from right to left stands so on every page, whatever way the page itself runs."""

from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.urls import reverse
from typing_extensions import override

from catalog.ids import MerchantId
from commerce_agent.console.audit.indexing import index_conversations
from commerce_agent.models import Case
from tests.console.audit.conftest import Kept
from tests.flows.recordings import Scene, hold

SAID = "אני צריכה מנורה, Ostra, עד 100"
"""Begins and ends from right to left: where the direction is the page's, its parts change places."""
NOTED = "שלחנו שוב, SMS, אתמול"
VOID = {"br", "img", "input", "link", "meta", "hr", "path", "rect"}
CUT_SHORT = {"title", "svg", "option", "datalist"}
"""What has no direction of its own: the name of a tab, a drawing, which is told as a list too, and a choice."""


class Reading(HTMLParser):
    """The texts of a page, each with whether its own words say which way it runs."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[str, bool]] = []
        self._open: list[tuple[str, bool]] = []

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "input" and given.get("type") != "hidden":
            self.told.append((given.get("value") or "", given.get("dir") == "auto"))
        if tag not in VOID:
            self._open.append((tag, tag == "bdi" or given.get("dir") == "auto"))

    @override
    def handle_endtag(self, tag: str) -> None:
        if any(tag == each for each, _ in self._open):
            while self._open.pop()[0] != tag:
                pass

    @override
    def handle_data(self, data: str) -> None:
        if not CUT_SHORT & {tag for tag, _ in self._open}:
            self.told.append((data, any(is_own for _, is_own in self._open)))


def read_hebrew(page: str) -> list[tuple[str, bool]]:
    reading = Reading()
    reading.feed(page)
    return [(text, is_own) for text, is_own in reading.told if any("א" <= letter <= "ת" for letter in text)]


@pytest.fixture(scope="module")
def hebrew(lamp_shop: MerchantId, kept: Kept) -> Kept:
    async def say(scene: Scene) -> None:
        await scene.say(SAID, f"can I talk to a person? {NOTED}", "show me מנורה אדומה")

    return Kept(held=hold(lamp_shop, say), shopper=kept.shopper)


@pytest.fixture
def noted(support: Client, hebrew: Kept) -> Iterator[None]:
    support.post(hebrew.address("note"), {"text": NOTED, "turn": "1"})
    support.post(hebrew.address("note"), {"text": NOTED, "turn": "1", "correction": "yes"})
    while index_conversations():
        pass
    yield
    Case.objects.filter(pk=hebrew.id).delete()


@pytest.fixture
def held(owner: Client, hebrew: Kept) -> Iterator[None]:
    """Kept for a reason, and looked into for one."""
    owner.post(hebrew.address("rights"), {"do": "hold", "reason": NOTED})
    owner.post(hebrew.address("reveal"), {"reason": NOTED})
    yield
    owner.post(hebrew.address("rights"), {"do": "release", "reason": NOTED})


def test_words_run_their_own_way_where_lists_and_forms_tell_them(
    owner: Client, hebrew: Kept, noted: None, held: None
) -> None:
    of_it = f"?chain={hebrew.held.merchant}"
    asked = f"?why_not={NOTED}"
    addresses = {
        "people": reverse("admin:audit_people"),
        "missed": reverse("admin:audit_missed"),
        "chain": reverse("admin:audit_chain") + of_it,
        "chain searched": reverse("admin:audit_chain") + f"{of_it}&subject={NOTED}",
        "rights": hebrew.address("rights"),
        "found": reverse("admin:audit_find") + f"?q={NOTED}&sku={NOTED}&order={NOTED}",
        "asked": hebrew.address("turn", 1) + asked,
        "compared": hebrew.address("compare") + f"?other={NOTED}",
        "supposed": hebrew.address("whatif") + f"?turn=1&sku={NOTED}&said={NOTED}&text={NOTED}",
    }

    read = {name: read_hebrew(owner.get(address).content.decode()) for name, address in addresses.items()}

    assert {name for name, told in read.items() if not told} == set()
    assert {name: [text for text, is_own in told if not is_own] for name, told in read.items()} == {
        name: [] for name in read
    }


def test_words_run_their_own_way_on_every_page(support: Client, hebrew: Kept, noted: None) -> None:
    said = reverse("admin:audit_find"), reverse("admin:audit_queue")
    of_it = ("talk", "live", "print", "graph", "timeline", "state", "replay", "whatif", "compare", "case")
    addresses = {name: hebrew.address(name) for name in of_it} | {
        "turn": hebrew.address("turn", 1),
        "turn of a person": hebrew.address("turn", 2),
        "state": hebrew.address("state") + "?at=3",
        "whatif": hebrew.address("whatif") + "?turn=1",
        "compare": hebrew.address("compare") + "?a=1&b=2",
        "find": f"{said[0]}?q={hebrew.id}",
        "queue": said[1],
    }

    read = {name: read_hebrew(support.get(address).content.decode()) for name, address in addresses.items()}

    assert {name for name, told in read.items() if not told} == set()
    assert {name: [text for text, is_own in told if not is_own] for name, told in read.items()} == {
        name: [] for name in read
    }
