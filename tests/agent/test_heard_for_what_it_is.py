"""Orders, farewells, codes and stories in ordinary words; and the same words where they ask for nothing of the kind."""

import pytest

from commerce_agent.agent.builtin.misses import contradicts
from commerce_agent.agent.understanding.english.cues import (
    ENDS_CHOOSING,
    SIMILAR,
    STATES_BUDGET,
    TELLS,
    TELLS_NEED,
    THANKS_ALONE,
)
from commerce_agent.agent.understanding.english.plain import spell_out
from commerce_agent.agent.understanding.finding_moves import find_moves
from commerce_agent.composition import Platform
from conversations.events.constraints import Constraint, Op
from conversations.events.entities import Entity
from conversations.ids import EntityRef
from conversations.language.glossing import Gloss
from tests.agent.talking import find_reply, open_talk, say

POLICIES = (("assembly", "Assembly service"),)


def _list_kinds(said: str) -> set[str]:
    return {move.kind for move in find_moves(said, policies=POLICIES)}


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("yeah add both", "add_to_cart"),
        ("I prefer matte, so the coral lipstick it is", "add_to_cart"),
        ("ok, one of those", "add_to_cart"),
        ("2 of those because they look great", "add_to_cart"),
        ("two of these as my wife needs one", "add_to_cart"),
        ("are you running low on the blue mugs?", "stock"),
        ("I'll take it for my son", "add_to_cart"),
        ("i'll take the one on the left", "add_to_cart"),
        ("is anything in my cart about to sell out?", "stock"),
        ("sweet, that's it", "part"),
        ("great, that's everything", "part"),
        ("what's closest to it", "more"),
        ("how much is left of my budget?", "show_cart"),
        ("so what do i owe you", "show_cart"),
        ("cool, ship it to me", "check_out"),
        ("can I get it by friday", "policy"),
        ("I need it before christmas", "policy"),
        ("saw the same jacket for 99 on another site", "policy"),
        ("can someone put the desk together for me?", "policy"),
        ("how long can I try it for?", "policy"),
        ("no, too expensive. leave the pots", "never_mind"),
        ("what've you got", "search"),
    ],
)
def test_what_is_wanted_is_heard(said: str, kind: str) -> None:
    assert kind in _list_kinds(said)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("I'd like to take it to the beach someday", "add_to_cart"),
        ("I'll take it camping", "add_to_cart"),
        ("we'll take it on holiday", "add_to_cart"),
        ("so the heavier it is the better", "add_to_cart"),
        ("what size is the lamp it is for?", "add_to_cart"),
        ("I have guests on Friday", "policy"),
        ("we have the kids on sunday", "policy"),
        ("I saw a lamp for 30 at the market", "policy"),
        ("do they go together?", "policy"),
        ("can I try it on?", "policy"),
        ("can you ship it to me in Spain?", "check_out"),
        ("leave the pots where they are", "never_mind"),
        ("that's it, I want the blue one", "check_out"),
        ("which is closest in size?", "more"),
        ("what runs on batteries?", "stock"),
    ],
)
def test_what_is_said_in_passing_asks_for_nothing(said: str, kind: str) -> None:
    assert kind not in _list_kinds(said)


@pytest.mark.parametrize(
    ("said", "thanks"),
    [
        ("Thank you, you've been very helpful", True),
        ("perfect, thanks so much for your help!", True),
        ("thanks a lot, that was great", True),
        ("thanks, I need a red scarf", False),
        ("thank you, that's great, do you have it in blue?", False),
        ("thanks, that's the blue one", False),
        ("thanks, you have socks?", False),
    ],
)
def test_thanks_are_all_that_is_said(said: str, thanks: bool) -> None:
    assert (THANKS_ALONE.fullmatch(said) is not None) is thanks


@pytest.mark.parametrize(
    ("said", "tells"),
    [
        ("hm she has small hands", True),
        ("my daughter just started school", True),
        ("she needs a bag", False),
        ("they look nice, do you have them in red?", False),
        ("the one with the longest blade", False),
        ("I'd like a lamp", False),
    ],
)
def test_a_story_asks_for_nothing(said: str, tells: bool) -> None:
    assert (TELLS.search(said) is not None) is tells


def test_cues_fire_on_their_own_sentences_alone() -> None:
    assert STATES_BUDGET.search("my budget for the chair is 200")
    assert STATES_BUDGET.search("I can spend up to 80")
    assert not STATES_BUDGET.search("the budget one with 3 drawers")
    assert not STATES_BUDGET.search("the budget one is 20 dollars too much")
    assert STATES_BUDGET.search("the limit's 80")
    assert STATES_BUDGET.search("my budget should be around 300")
    assert STATES_BUDGET.search("the max I can pay is 50")
    assert TELLS_NEED.search("I have guests on Friday and my kettle died")
    assert TELLS_NEED.search("I'm setting up a home office")
    assert not TELLS_NEED.search("I'm looking for a chair")
    assert not TELLS_NEED.search("I have a chair like that")
    assert SIMILAR.search("what's closest to it")
    assert not SIMILAR.search("the closest shop")
    assert ENDS_CHOOSING.search("that's everything")
    assert not ENDS_CHOOSING.search("is that everything you have?")


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("does it come w a bag", "does it come with a bag"),
        ("a 60 w bulb", "a 60 w bulb"),
        ("w8 for me", "w8 for me"),
    ],
)
def test_a_short_with_is_no_watt(said: str, read: str) -> None:
    assert spell_out(Gloss(text=said, said=said)).text == read


async def test_a_maker_beside_what_the_goods_are_needed_for_is_not_passed_over(
    platform: Platform, lamp_shop: str
) -> None:
    conversation = await open_talk(platform, merchant=lamp_shop)

    reply = find_reply(await say(platform, conversation, "We're moving in May, I need a lamp by Zorbex"))

    assert "“Zorbex”" in reply.text


@pytest.mark.parametrize(
    ("field", "op", "wanted", "held", "missed"),
    [
        ("material", "=", "wool", "Polyester", True),
        ("material", "=", "wool", "Merino wool", False),
        ("material", "!=", "leather", "Leather", True),
        ("material", "!=", "leather", "Vegan leather", False),
        ("vegan", "=", "yes", "no", True),
        ("vegan", "=", "yes", "Yes", False),
        ("size", "=", "42", "41", False),
        ("color", "=", "blue", "Navy", False),
    ],
)
def test_only_what_says_the_opposite_is_said_to_be_missed(
    field: str, op: Op, wanted: str, held: str, missed: bool
) -> None:
    entity = Entity(ref=EntityRef("variant", "V"), name="V", attributes={field: (held,)})
    term = Constraint(id="c", field=field, op=op, value=wanted, scope="always", text=wanted, turn=1)

    assert contradicts(entity, term) is missed
