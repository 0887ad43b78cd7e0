"""Words that only sound like an act: nothing is put in, taken out, counted, ordered or withdrawn by them."""

from datetime import timedelta
from time import perf_counter

import pytest

from commerce_agent.agent.understanding.asking_after import find_asked
from commerce_agent.agent.understanding.english.negated import blank_undone
from commerce_agent.agent.understanding.english.remarks import REMARK
from commerce_agent.agent.understanding.finding_moves import find_moves
from commerce_agent.agent.understanding.moves import EFFECTS
from commerce_agent.composition import Platform
from conversations.ids import ConversationId
from conversations.language.glossing import Gloss, gloss
from conversations.language.vocabulary import Category, Vocabulary
from tests.agent.talking import find_reply, open_talk, say

GREEN, WHITE, BRIM, CHAIR = "MEADOW-G", "MEADOW-W", "BRIM-Y", "CHAIR-O"
ADDED = ("show me the sill chair", "add it", "show me the green meadow lamp", "add it")
"""The chair and then the lamp, which is in focus."""
HELD = {CHAIR: 1, GREEN: 1}
SOON = timedelta(seconds=1)


async def _talk(platform: Platform, shop: str, *messages: str) -> ConversationId:
    conversation = await open_talk(platform, merchant=shop)
    for message in messages:
        await say(platform, conversation, message)
    return conversation


async def _list_cart(platform: Platform, conversation: ConversationId) -> dict[str, int]:
    state = await platform.conversations.load(conversation=conversation)
    return {line.ref.key: line.quantity for line in state.cart.lines}


async def _find_offer(platform: Platform, conversation: ConversationId) -> str | None:
    proposal = (await platform.conversations.load(conversation=conversation)).cart.proposal
    return proposal.kind if proposal else None


def _list_kinds(said: str) -> set[str]:
    return {move.kind for move in find_moves(said)}


async def test_what_is_asked_again_twice_is_told_twice(platform: Platform, lamp_shop: str) -> None:
    conversation = await _talk(platform, lamp_shop, "show me the brim lamp", "how much is it?")

    first = find_reply(await say(platform, conversation, "how much was that again?"))
    again = find_reply(await say(platform, conversation, "how much was that again?"))

    assert "€39" in first.text
    assert "€39" in again.text


@pytest.mark.parametrize(
    "said",
    [
        "can I buy it without the box?",
        "order it without the gift wrap",
        "can I pay without the app?",
        "order it without the lamp shade",
        "raise my budget to 90",
        "increase the limit to 90",
        "could you lower it to 30?",
        "set the temperature to 5",
        "bump up the size to 10",
        "make my budget 50, please",
        "No, leave it in",
        "ok keep it in",
        "reverse camera",
        "reverse osmosis filters",
        "go back to what I had",
        "never mind the lamp's colour",
        "just the green then",
        "put it back please",
    ],
)
async def test_the_cart_stays_as_it_is(platform: Platform, lamp_shop: str, said: str) -> None:
    conversation = await _talk(platform, lamp_shop, *ADDED)
    assert await _list_cart(platform, conversation) == HELD

    await say(platform, conversation, said)

    assert await _list_cart(platform, conversation) == HELD


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("check out without the chair", {GREEN: 1}),
        ("order everything but not the sill chair please", {GREEN: 1}),
        ("pay without the chair and the lamp", {}),
        ("raise it to 3", {CHAIR: 1, GREEN: 3}),
        ("change the chair to 2", {CHAIR: 2, GREEN: 1}),
        ("undo", {CHAIR: 1}),
        ("reverse that", {CHAIR: 1}),
        ("never mind the lamp", {CHAIR: 1}),
        ("just the chair then", {CHAIR: 1}),
        ("take everything out except the sill chair", {CHAIR: 1}),
        ("take everything out except the kettle", {CHAIR: 1, GREEN: 1}),
    ],
)
async def test_what_is_meant_is_still_done(
    platform: Platform, lamp_shop: str, said: str, left: dict[str, int]
) -> None:
    conversation = await _talk(platform, lamp_shop, *ADDED)

    await say(platform, conversation, said)

    assert await _list_cart(platform, conversation) == left


async def test_a_question_for_less_than_all_of_it_orders_nothing(platform: Platform, lamp_shop: str) -> None:
    conversation = await _talk(platform, lamp_shop, *ADDED, "can I buy it without the box?")

    assert await _find_offer(platform, conversation) is None


async def test_a_limit_is_raised_and_no_number(platform: Platform, lamp_shop: str) -> None:
    conversation = await _talk(
        platform, lamp_shop, "lamps under 85", "add the green meadow lamp", "raise my budget to 90"
    )

    state = await platform.conversations.load(conversation=conversation)
    assert [(term.field, term.value) for term in state.constraints.active if term.field == "price"] == [
        ("price", 90.0)
    ]
    assert await _list_cart(platform, conversation) == {GREEN: 1}


async def test_only_what_went_out_is_left_in_after_all(platform: Platform, lamp_shop: str) -> None:
    conversation = await _talk(platform, lamp_shop, *ADDED, "take the chair out", "actually leave it in")

    assert await _list_cart(platform, conversation) == HELD


async def test_what_was_said_of_a_price_is_why_it_is_taken(platform: Platform, lamp_shop: str) -> None:
    conversation = await _talk(
        platform, lamp_shop, "show me the brim lamp", "how much is it?", "you said it's 39, I'll take it"
    )

    assert await _list_cart(platform, conversation) == {BRIM: 1}


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("My drill won't start, I'd like to return it", "return_items"),
        ("I couldn't use it, I want to return it", "return_items"),
        ("I would not use it so please cancel my order", "cancel_order"),
    ],
)
def test_what_goods_will_not_do_leaves_what_is_wanted(said: str, kind: str) -> None:
    asked = find_asked(Gloss(text=said, said=said), tail=(), read_before=lambda _: Gloss(text="", said=""))

    assert asked is not None
    assert asked.kind == kind


def test_what_is_taken_in_place_of_another_is_heard() -> None:
    assert _list_kinds("Don't add the black mug, I'll take the white one") == {"add_to_cart"}


@pytest.mark.parametrize(
    "said",
    [
        "show me filters that do not use bleach",
        "a cream which won't use perfume",
        "glue that should not drop",
    ],
)
def test_what_goods_are_like_is_left_in_the_message(said: str) -> None:
    assert blank_undone(said) == said


async def test_do_it_is_said_of_what_was_just_offered_or_done(platform: Platform, lamp_shop: str) -> None:
    conversation = await _talk(
        platform, lamp_shop, *ADDED, "check out", "can I return it if it doesn't fit?", "yes, go ahead"
    )
    assert await _find_offer(platform, conversation) == "order"

    conversation = await _talk(
        platform, lamp_shop, *ADDED, "show me the brim lamp", "can I swap the chair for the brim lamp?"
    )
    assert await _list_cart(platform, conversation) == {GREEN: 1, BRIM: 1}
    reply = find_reply(await say(platform, conversation, "ok do it"))
    assert "order" not in reply.text.lower()


@pytest.mark.parametrize(
    ("said", "offer"),
    [
        ("no problem", "order"),
        ("no worries", "order"),
        ("No rush", "order"),
        ("no questions", "order"),
        ("no changes", "order"),
        ("no, looks good", "order"),
        ("none of them", "order"),
        ("keep both please", "order"),
        ("don't send me emails", "order"),
        ("No need to ship it fast", "order"),
        ("ok keep it in", "order"),
        ("no", None),
        ("no thanks, not yet", None),
        ("never mind", None),
        ("no wait, don't order it yet", None),
        ("I don't want to check out yet", None),
    ],
)
async def test_only_a_no_withdraws_an_offer(
    platform: Platform, lamp_shop: str, said: str, offer: str | None
) -> None:
    conversation = await _talk(platform, lamp_shop, *ADDED, "check out")
    assert await _find_offer(platform, conversation) == "order"

    await say(platform, conversation, said)

    assert await _find_offer(platform, conversation) == offer
    assert await _list_cart(platform, conversation) == HELD


async def test_an_offer_is_taken_back_before_the_cart_is(platform: Platform, lamp_shop: str) -> None:
    conversation = await _talk(platform, lamp_shop, *ADDED, "check out", "undo")

    assert await _find_offer(platform, conversation) is None
    assert await _list_cart(platform, conversation) == HELD

    await say(platform, conversation, "undo")
    assert await _list_cart(platform, conversation) == {CHAIR: 1}


async def test_what_changed_nothing_is_not_taken_back(platform: Platform, lamp_shop: str) -> None:
    conversation = await _talk(platform, lamp_shop, *ADDED, "make it two", "make it two", "undo")

    assert await _list_cart(platform, conversation) == HELD


async def test_an_answer_to_a_question_empties_nothing(platform: Platform, lamp_shop: str) -> None:
    conversation = await _talk(
        platform,
        lamp_shop,
        *ADDED,
        "show me lamps",
        "add the lamp",
        "just the green meadow lamp then",
    )

    assert CHAIR in await _list_cart(platform, conversation)


def _is_cancelled(said: str, *, asked: bool) -> bool:
    found = find_asked(
        Gloss(text=said, said=said),
        tail=(),
        read_before=lambda _: Gloss(text="", said=""),
        last="asked" if asked else "told",
    )
    return found is not None and found.kind == "cancel_order"


@pytest.mark.parametrize("said", ["cancel", "cancel it please", "how do I cancel?", "can I cancel?"])
def test_to_cancel_is_no_order_where_a_question_is_open(said: str) -> None:
    assert _is_cancelled(said, asked=False)
    assert not _is_cancelled(said, asked=True)


def test_an_order_that_is_named_is_cancelled_whatever_is_open() -> None:
    assert _is_cancelled("cancel my order", asked=True)


@pytest.mark.parametrize(
    "said", ["where is my nearest store?", "is my size coming back?", "where are my points?"]
)
def test_no_order_is_asked_after(said: str) -> None:
    assert "orders" not in _list_kinds(said)


@pytest.mark.parametrize("said", ["where is my tent?", "has my tent come yet?", "is my desk lamp coming?"])
def test_goods_that_were_ordered_are_asked_after(said: str) -> None:
    assert "orders" in _list_kinds(said)


VOCABULARY = Vocabulary(
    categories=(Category(name="Lampen"), Category(name="Lámparas"), Category(name="Lampes"))
)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("de", "nimm die Lampe nicht raus"),
        ("de", "bestell sie nicht"),
        ("de", "leg sie nicht in den Warenkorb"),
        ("de", "nimm sie bitte noch nicht raus"),
        ("de", "bitte nicht rausnehmen"),
        ("de", "leer den Warenkorb nicht"),
        ("de", "ich will sie nicht kaufen"),
        ("es", "no la quites"),
        ("es", "no la pongas en el carrito"),
        ("es", "no quiero comprarla"),
        ("es", "no quites la lámpara"),
        ("es", "no vacíes el carrito"),
        ("fr", "n'enlève pas la lampe"),
        ("fr", "ne l'enlève pas"),
        ("fr", "ne vide pas le panier"),
        ("fr", "ne l'ajoute pas au panier"),
    ],
)
def test_what_is_not_to_be_done_is_not_done_in_any_language(language: str, said: str) -> None:
    read = gloss(said, language=language, vocabulary=VOCABULARY).text

    assert not _list_kinds(read) & EFFECTS, read


@pytest.mark.parametrize(
    ("language", "said", "kind"),
    [
        ("de", "nein, nimm die Lampe raus", "take_from_cart"),
        ("es", "no, quita la lámpara", "take_from_cart"),
        ("es", "no, ponla en el carrito", "add_to_cart"),
        ("fr", "non, enlève la lampe", "take_from_cart"),
        ("en", "add the lamp, not the mug", "add_to_cart"),
        ("en", "add the lamp not the mug", "add_to_cart"),
        ("en", "why not order it", "why_not"),
        ("en", "where is my parcel, not the order from May", "orders"),
        ("en", "order not arrived, what's your returns policy?", "policy"),
    ],
)
def test_a_no_before_what_is_wanted_is_no_not(language: str, said: str, kind: str) -> None:
    read = said if language == "en" else gloss(said, language=language, vocabulary=VOCABULARY).text

    assert kind in _list_kinds(read), read


def test_many_full_stops_are_read_in_no_time() -> None:
    started = perf_counter()
    REMARK.sub("", ". " * 10_000)

    assert perf_counter() - started < SOON.total_seconds()
