"""Of replies with one wrong claim nearly all are stopped; of right ones nearly none is touched."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from commerce_agent.agent.grounding import check_sentence, list_grounds
from commerce_agent.agent.grounding.claims import list_claims
from commerce_agent.management.judged.claims.claimed_shops import make_state
from commerce_agent.management.judged.claims.wrong_claims import (
    KINDS,
    list_shops,
    make_replies,
    measure_claims,
)
from conversations.events import Event, Recorded
from conversations.events.entities import EntitiesShown, Entity
from conversations.events.facts import Fact, FactsObserved
from conversations.ids import EntityRef
from conversations.state import ConversationState, apply
from tests.agent.conftest import NOW
from tests.agent.streaming import stream

LAMPS, GUITARS, _ = list_shops()


def test_wrong_claims_are_stopped_and_right_ones_pass() -> None:
    measured = measure_claims(seed=20_261_125, wrong=400, correct=1000)

    assert measured.stopped >= 396, measured.missed
    assert measured.untouched >= 990, measured.touched


async def test_the_same_goes_for_replies_that_stream() -> None:
    """The way of every reply: in pieces, sentence by sentence, each sent on once it is checked."""
    wrong, correct = make_replies(seed=1126, wrong=48, correct=48)
    states = [make_state(shop) for shop in list_shops()]

    for reply in (*wrong, *correct):
        heard = await stream(" ".join(reply.sentences), state=states[reply.shop])
        # What stands behind a wrong sentence waits with it; what stood before it was sent.
        assert " ".join(reply.sentences).startswith("".join(heard.shown))
        assert heard.held_back is bool(reply.wrong), reply


def test_the_measure_makes_replies_of_every_kind() -> None:
    measured = measure_claims(wrong=24 * 2, correct=24)

    assert (measured.wrong, measured.correct) == (48, 24)
    assert len(KINDS) == 6


def test_the_command_says_what_was_stopped() -> None:
    out = StringIO()

    call_command("evaluate", "grounding", "--wrong", "24", "--correct", "24", stdout=out)

    assert "24 of 24 wrong replies stopped, 24 of 24 right ones untouched" in out.getvalue()


def test_the_command_refuses_to_measure_nothing() -> None:
    with pytest.raises(CommandError, match="1 or more"):
        call_command("evaluate", "grounding", "--wrong", "0")


@pytest.mark.parametrize(
    "sentence",
    [
        "The Harrow Desk Lamp costs €39.50.",
        "The Harrow Desk Lamp is €79.90 and the Quill Floor Lamp €79.90.",
        "The Harrow costs €149.00.",
        "The Harrow Desk Lamp is sold out.",
        "The Quill Floor Lamp is in stock.",
        "The Harrow Desk Lamp (SKU LMP-311) is my pick: SKU LMP-999.",
        "You have sixty days to return it.",
        "It comes with a ten-year warranty.",
        "Delivery takes 1 to 2 weeks.",
        "You will have it by Friday.",
        "Delivery is tomorrow.",
        "Shipping is free for orders over €20.00.",
        "That is only twenty euros.",
        "It costs USD 79.90.",
        "The Harrow Desk Lamp is 40% off.",
    ],
)
def test_a_claim_is_about_the_thing_it_names(sentence: str) -> None:
    assert not check_sentence(sentence, grounds=list_grounds(state=make_state(LAMPS))).passed


@pytest.mark.parametrize(
    "sentence",
    [
        "The Harrow Desk Lamp costs €\u200b1.00.",
        "The Harrow Desk Lamp costs \uff11.\uff10\uff10 €.",
        "The Harrow Desk Lamp costs \uff041.00.",
        "The Harrow Desk Lamp costs \uffe11.00.",
        "You have 3 day\u017f to return it.",
        "Delivery takes 3 week\u017f.",
        "You will have it on Augu\u017ft 5.",
        "It is sold until the end of Augu\u017ft.",
        "That is only \u017fix euros.",
        "That is five euros \u017fix.",
    ],
)
def test_letters_that_look_like_others_hide_no_claim(sentence: str) -> None:
    assert not check_sentence(sentence, grounds=list_grounds(state=make_state(LAMPS))).passed
    assert list_claims(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "The Harrow Desk Lamp was €99.90 and is €79.90 now, so you save €20.00.",
        "The Harrow is 20% off.",
        "The Tansy Reading Light is €40.40 cheaper than the Harrow Desk Lamp.",
        "Two of them: 2 × Harrow Desk Lamp is €159.80.",
        "If the Harrow Desk Lamp is sold out, take the Tansy Reading Light.",
        "There are three left of the Tansy Reading Light.",
        "We have more than 10 of the Harrow Desk Lamp in stock.",
        "You have forty-five days to return it.",
        "The warranty is 36 months.",
        "Delivery takes 2–4 business days.",
        "Shipping is free for orders over €60.00.",
        "Prices start from €39.50.",
        "The two of them are in stock in 3 colours: the Harrow Desk Lamp and the Tansy Reading Light.",
    ],
)
def test_what_follows_from_facts_may_be_told(sentence: str) -> None:
    checked = check_sentence(sentence, grounds=list_grounds(state=make_state(LAMPS)))

    assert checked.passed, [verdict.claim for verdict in checked.verdicts if not verdict.passed]


def test_a_feed_cannot_ground_a_price() -> None:
    grounds = list_grounds(state=make_state(GUITARS), texts=("Only $5.00 today! 90% off. Lasts 10 hours.",))

    assert not check_sentence("The Ferrule Capo costs $5.00.", grounds=grounds).passed
    assert not check_sentence("The Ferrule Capo is 90% off.", grounds=grounds).passed
    assert check_sentence("The battery lasts 10 hours.", grounds=grounds).passed


def test_what_the_shopper_said_is_a_limit_and_no_price() -> None:
    grounds = list_grounds(state=make_state(GUITARS), said="is it $90? I want to spend under $90")

    assert check_sentence("These are under $90.", grounds=grounds).passed
    assert not check_sentence("Yes, it costs $90.", grounds=grounds).passed


@pytest.mark.parametrize(
    "sentence",
    [
        "Have a look at the Zephyr Desk Lamp.",
        "I'd take the Zephyr lamp.",
        "Die Zephyr-Lamp gefällt vielen.",
        "The Harrow Desk Lamp is free.",
        "You get a free bulb with it.",
        "It's free of charge.",
        "La lámpara es gratis.",
        "It has a lifetime warranty.",
        "Es gibt lebenslange Garantie.",
        "You can return it at any time, no questions asked.",
        "We deliver the same day.",
        "We match any price with our price match.",
        "Le retour est possible à tout moment.",
    ],
)
def test_a_name_or_a_promise_that_nobody_gave_is_stopped(sentence: str) -> None:
    assert not check_sentence(sentence, grounds=list_grounds(state=make_state(LAMPS))).passed


@pytest.mark.parametrize(
    "sentence",
    [
        "Feel free to ask about the Harrow Desk Lamp.",
        "It is BPA-free and free from lead; the finish is lead free.",
        "Our Scandinavian lamps are popular.",
        "You get a full refund on returns.",
        "The Floor lamp and the Desk lamp are both in.",
        "There is no lifetime warranty.",
        "Returns are not free.",
        "Would you like a lamp with a lifetime warranty?",
        "You can ask me at any time.",
        "Shipping is free for orders over €60.00.",
        "The Harrow Desk Lamp is a good desk lamp.",
    ],
)
def test_words_that_only_look_like_a_promise_pass(sentence: str) -> None:
    checked = check_sentence(sentence, grounds=list_grounds(state=make_state(LAMPS)))

    assert checked.passed, [verdict.claim for verdict in checked.verdicts if not verdict.passed]


def make_versions(*, brown: str = "out_of_stock") -> ConversationState:
    """Two versions of one lipstick: red is there, brown is gone."""
    entities = tuple(
        Entity(ref=EntityRef("variant", sku), name="Velour lipstick", attributes={"color": (color,)})
        for sku, color in (("LP-R", "Red"), ("LP-B", "Brown"))
    )
    facts = tuple(
        Fact(
            id=sku,
            subject=EntityRef("variant", sku),
            name="availability",
            value=value,
            source="test",
            observed_at=NOW,
        )
        for sku, value in (("LP-R", "in_stock"), ("LP-B", brown))
    )
    state = ConversationState()
    events: tuple[Event, ...] = (EntitiesShown(entities=entities), FactsObserved(facts=facts))
    for event in events:
        state = apply(state, Recorded(seq=state.version + 1, frame=None, at=NOW, turn=1, event=event))
    return state


@pytest.mark.parametrize(
    ("sentence", "true"),
    [
        ("The Velour lipstick in red is in stock.", True),
        ("The Velour lipstick in brown is sold out.", True),
        ("The Velour lipstick comes in brown, but that one is sold out.", True),
        ("The red Velour lipstick is sold out.", False),
        ("The brown Velour lipstick is in stock.", False),
        ("The Velour lipstick is sold out.", False),
    ],
)
def test_a_word_of_stock_is_about_the_version_that_is_named(sentence: str, true: bool) -> None:
    assert check_sentence(sentence, grounds=list_grounds(state=make_versions())).passed is true


@pytest.mark.parametrize(
    ("sentence", "brown", "true"),
    [
        ("It can't be pre-ordered.", "preorder", False),
        ("Sie kann nicht vorbestellt werden.", "preorder", False),
        ("It hasn't come in yet, but can be pre-ordered.", "preorder", True),
        ("It can't be pre-ordered.", "out_of_stock", True),
        ("It isn't in stock.", "preorder", True),
        ("It isn't in stock, but can be pre-ordered.", "preorder", True),
        ("Sie ist nicht auf Lager.", "backorder", True),
        ("No está en stock.", "preorder", True),
        ("Il n'est pas en stock.", "preorder", True),
        ("It is in stock.", "preorder", False),
        ("It is sold out.", "preorder", False),
        ("It isn't in stock.", "in_stock", False),
    ],
)
def test_what_can_be_ordered_ahead_is_not_said_to_be_closed(sentence: str, brown: str, true: bool) -> None:
    grounds = list_grounds(state=make_versions(brown=brown))
    assert check_sentence(sentence, grounds=grounds, about=frozenset({"LP-B"})).passed is true


@pytest.mark.parametrize(
    ("sentences", "true"),
    [
        (("Delivery of the Harrow Desk Lamp is free for orders over €60.00.",), True),
        (("Delivery takes 2 to 4 business days.", "It is free for orders over €60.00."), True),
        (("The Harrow Desk Lamp costs €60.00.",), False),
        (("Have a look at the Harrow Desk Lamp.", "It costs €60.00."), False),
    ],
)
def test_a_sum_in_a_text_of_the_shop_is_no_price(sentences: tuple[str, ...], true: bool) -> None:
    grounds, about, topics = list_grounds(state=make_state(LAMPS)), frozenset[str](), frozenset[str]()
    for sentence in sentences:
        checked = check_sentence(sentence, grounds=grounds, about=about, topics=topics)
        about, topics = checked.about, checked.topics

    assert checked.passed is true
