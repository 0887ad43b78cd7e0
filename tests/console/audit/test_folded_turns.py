"""A conversation of very many turns is a page that a phone can open, and every turn of it is still in its place."""

import re

import pytest
from django.test import Client
from playwright.sync_api import Page

from catalog.ids import MerchantId
from commerce_agent.console.audit import talk_page
from commerce_agent.console.audit.talk_page import list_folded
from tests.console.audit.conftest import Kept
from tests.flows.recordings import Scene, hold

TURNS = list(range(1, 17))


@pytest.fixture
def long(monkeypatch: pytest.MonkeyPatch, kept: Kept) -> Kept:
    """As if sixteen turns were very many."""
    monkeypatch.setattr(talk_page, "WHOLE", 8)
    monkeypatch.setattr(talk_page, "OPENED", 4)
    return kept


@pytest.fixture(scope="module")
def very_long(lamp_shop: MerchantId, kept: Kept) -> Kept:
    """One that is folded as it is, for what runs in another process."""

    async def say(scene: Scene) -> None:
        await scene.say(*(["thanks"] * (talk_page.WHOLE + 2)))

    return Kept(held=hold(lamp_shop, say), shopper=kept.shopper)


def list_open(page: str) -> list[int]:
    """The turns that are told whole."""
    parts = re.split(r'<section class="au-turn[^"]*" id="turn-(\d+)"', page)
    return [
        int(number)
        for number, told in zip(parts[1::2], parts[2::2], strict=True)
        if "ca-seen" in told.split("</section>")[0]
    ]


def test_only_the_newest_turns_are_open_and_every_one_has_its_place(support: Client, long: Kept) -> None:
    page = support.get(long.address("talk")).content.decode()

    assert [int(number) for number in re.findall(r'data-turn="(\d+)"', page)] == TURNS
    assert list_open(page) == [13, 14, 15, 16]
    assert "12 of the 16 turns are folded" in page
    assert '<a href="#turn-13">To the open ones</a>' in page
    assert 'href="?view=t&amp;turn=3#turn-3">Turn 3</a>' in page


def test_a_turn_opens_with_those_around_it_in_every_view(support: Client, long: Kept) -> None:
    for view in ("m", "t", "d"):
        page = support.get(long.address("talk"), {"view": view, "turn": "3"}).content.decode()
        assert list_open(page) == [1, 2, 3, 4], view
        assert 'href="?view=m&amp;turn=3"' in page

    assert list_open(support.get(long.address("talk"), {"turn": "9"}).content.decode()) == [7, 8, 9, 10]
    assert list_open(support.get(long.address("talk"), {"turn": "99"}).content.decode()) == [13, 14, 15, 16]


def test_all_of_them_open_at_once_and_the_complaint_file_folds_none(support: Client, long: Kept) -> None:
    page = support.get(long.address("talk"), {"turn": "all"}).content.decode()

    assert list_open(page) == TURNS
    assert "are folded" not in page
    assert list_open(support.get(long.address("print")).content.decode()) == TURNS


def test_a_folded_turn_says_what_was_said_and_what_is_marked_of_it(support: Client, long: Kept) -> None:
    whole = support.get(long.address("talk"), {"turn": "all"}).context["chapters"]
    page = support.get(long.address("talk")).content.decode()

    first = page.split('id="turn-1"')[1].split("</section>")[0]
    (own,) = (each for each in whole if each.story.number == 1)
    assert own.story.said[0].text[:40] in first
    assert [badge.words in first for badge in own.badges] == [True] * len(own.badges)


def test_a_conversation_of_usual_length_is_whole() -> None:
    assert list_folded(range(1, 51), wanted="") == frozenset()
    folded = list_folded(range(1, 301), wanted="")
    assert (len(folded), max(folded)) == (280, 280)


@pytest.mark.browser
def test_a_folded_turn_opens_by_keyboard_and_by_an_address_that_ends_in_it(
    very_long: Kept, page: Page
) -> None:
    page.goto(very_long.address("talk"))
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.dataset.turn") == "1"
    page.keyboard.press("Enter")
    page.wait_for_url("**/?view=t&turn=1#turn-1")
    page.locator("#turn-1 .ca-seen").wait_for()

    page.goto(very_long.address("talk") + "#turn-7")
    page.wait_for_url("**/?view=t&turn=7#turn-7")

    assert page.locator("#turn-7 .ca-seen").is_visible()
    assert page.locator("#turn-7").bounding_box()["y"] < page.viewport_size["height"]  # type: ignore[index]
