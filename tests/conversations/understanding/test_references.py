"""What words mean, in an invented furniture shop where two lamps and then three sofas were shown."""

import pytest

from conversations.entities import Entities
from conversations.language import Vocabulary
from conversations.references import Resolution, resolve_references
from tests.conversations.understanding.shops import (
    FURNITURE,
    LAMP,
    LAMP_DESK,
    SOFA,
    SOFA_NAVY,
    SOFA_TEAL,
    TABLE,
    TOOLS,
    asked,
    focused,
    item,
    shown,
)

LISTS = shown((LAMP, LAMP_DESK), (SOFA, SOFA_NAVY, SOFA_TEAL))


def resolve(text: str, entities: Entities = LISTS, vocabulary: Vocabulary = FURNITURE) -> Resolution:
    return resolve_references(text=text, entities=entities, vocabulary=vocabulary)


def meant(resolution: Resolution) -> list[str]:
    return [ref.key for reference in resolution.references for ref in reference.refs]


def outcomes(resolution: Resolution) -> list[str]:
    return [reference.outcome for reference in resolution.references]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("the navy one", ["S2"]),
        ("the grey one", ["S1"]),
        ("I like the gray sofa", ["S1"]),
        ("the leather one", ["S2"]),
        ("the couch from Fell & Fern", ["S2"]),
        ("the velvet sofa in teal", ["S3"]),
        ("the one that is leather", ["S2"]),
        ("what's the warranty on the leather sofa?", ["S2"]),
        ("the velvet ones", ["S1", "S3"]),
        ("the two Halden sofas", ["S1", "S3"]),
        ("the sofas from Halden", ["S1", "S3"]),
        ("add the navy and the teal one", ["S2", "S3"]),
        ("how do the navy and teal sofas compare?", ["S2", "S3"]),
        ("the white lamp and the navy sofa", ["L2", "S2"]),
    ],
)
def test_attributes_pick_items_out(text: str, keys: list[str]) -> None:
    assert meant(resolve(text)) == keys


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("the first one", ["S1"]),
        ("the 3rd one", ["S3"]),
        ("is the second one in stock?", ["S2"]),
        ("the last one", ["S3"]),
        ("the last two", ["S2", "S3"]),
        ("compare the first two", ["S1", "S2"]),
        ("the first and third", ["S1", "S3"]),
        ("I like the first and the last one", ["S1", "S3"]),
        ("the first one you showed me first", ["L1"]),
        ("the one on the left", ["S1"]),
        ("the middle one", ["S2"]),
    ],
)
def test_positions_count_in_the_list_that_was_shown_last(text: str, keys: list[str]) -> None:
    assert meant(resolve(text)) == keys


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("the cheapest one", ["S3"]),
        ("the most expensive", ["S2"]),
        ("the second cheapest", ["S1"]),
        ("the cheaper of the two", ["S3"]),
        ("the widest", ["S1"]),
        ("the heavier one", ["S2"]),
        ("the one with better reviews", ["S1"]),
        ("the one with the best rating", ["S1"]),
        ("the more expensive lamp", ["L1"]),
        ("which one is cheaper?", ["S3"]),
        ("which of these is the lightest?", ["S3"]),
    ],
)
def test_superlatives_rank_what_is_before_the_shopper(text: str, keys: list[str]) -> None:
    assert meant(resolve(text)) == keys


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("the Heron", ["L2"]),
        ("the Hreon lamp", ["L2"]),
        ("tell me about Meadow lamp", ["L1"]),
        ("how much is the meadow floor lamp?", ["L1"]),
        ("the price of the Harbour", ["S2"]),
        ("how wide is the Cove?", ["S3"]),
        ("ok the Nest then", ["S1"]),
        ("what's the difference between the Cove and the Harbour?", ["S3", "S2"]),
        ("back to the black lamp", ["L1"]),
        ("the desk lamp you showed me earlier", ["L2"]),
    ],
)
def test_names_reach_back_over_turns_and_slips_of_the_finger(text: str, keys: list[str]) -> None:
    assert meant(resolve(text)) == keys


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("how much is it?", ["S1"]),
        ("does it come in red?", ["S1"]),
        ("I'll take that one", ["S1"]),
        ("is that leather?", ["S1"]),
        ("do you have this in red?", ["S1"]),
        ("in navy?", ["S1"]),
        ("what's the price?", ["S1"]),
        ("and the width?", ["S1"]),
        ("do you have anything similar?", ["S1"]),
        ("the other sofas", ["S2", "S3"]),
    ],
)
def test_pronouns_and_gaps_mean_the_item_in_focus(text: str, keys: list[str]) -> None:
    assert meant(resolve(text, focused(LISTS, SOFA))) == keys


@pytest.mark.parametrize("text", ["compare them", "those", "all three", "all of them"])
def test_plural_pronouns_mean_all_that_is_in_focus(text: str) -> None:
    assert meant(resolve(text)) == ["S1", "S2", "S3"]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("the grey one", ["S1"]),
        ("teal", ["S3"]),
        ("the second", ["S3"]),
        ("second one", ["S3"]),
        ("the first and second", ["S1", "S3"]),
        ("both", ["S1", "S3"]),
        ("the cheaper one", ["S3"]),
        ("light grey please", ["S1"]),
        ("not the teal one", ["S1"]),
        ("the left one", ["S1"]),
        ("2", ["S3"]),
    ],
)
def test_an_answer_picks_among_what_was_asked(text: str, keys: list[str]) -> None:
    assert meant(resolve(text, asked(LISTS, SOFA, SOFA_TEAL))) == keys


@pytest.mark.parametrize(
    ("text", "candidates", "question"),
    [
        ("it", ["S1", "S2", "S3"], "color"),
        ("the Halden", ["S1", "S3"], "color"),
        ("the lamp", ["L1", "L2"], "color"),
        ("not the teal one", ["S1", "S2"], "color"),
        ("one of those sofas", ["S1", "S2", "S3"], "color"),
    ],
)
def test_equals_are_never_chosen_between(text: str, candidates: list[str], question: str) -> None:
    (reference,) = resolve(text).references
    assert reference.outcome == "ambiguous"
    assert reference.refs == ()
    assert [ref.key for ref in reference.candidates] == candidates
    assert reference.question == question


def test_the_question_asks_for_what_tells_the_candidates_apart() -> None:
    narrow = item("A", "Plain rug", category="Rugs", color="white", size="80x150")
    wide = item("B", "Plain rug", category="Rugs", color="white", size="160x230")
    (reference,) = resolve("the rug", shown((narrow, wide))).references
    assert (reference.outcome, reference.question) == ("ambiguous", "size")


@pytest.mark.parametrize(
    "text",
    ["the purple one", "is the armchair comfortable?", "the round one", "how tall is the Willow lamp?"],
)
def test_a_phrase_that_points_at_nothing_known_is_unknown(text: str) -> None:
    assert outcomes(resolve(text)) == ["unknown"]


@pytest.mark.parametrize(
    "text",
    [
        "show me rugs",
        "I'm looking for a sofa",
        "do you have a wool rug under $200?",
        "do you have something in red",
        "show me a blue sofa",
        "what about a rug?",
        "any lamps in green?",
    ],
)
def test_goods_that_are_only_described_are_searched_for(text: str) -> None:
    resolution = resolve(text)
    assert (resolution.references, resolution.starts_search) == ((), True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "thanks!",
        "never mind",
        "hello",
        "what is the return policy?",
        "that sounds good",
        "I'll think about that",
        "make it three",
        "what about delivery?",
        "what did I ask for?",
    ],
)
def test_talk_about_nothing_in_particular_refers_to_nothing(text: str) -> None:
    resolution = resolve(text)
    assert (resolution.references, resolution.starts_search) == ((), False)


def test_a_search_can_refer_too() -> None:
    resolution = resolve("anything cheaper than the Cove sofa?")
    assert (meant(resolution), resolution.starts_search) == (["S3"], True)


def test_a_question_over_a_set_means_the_set_and_none_of_its_items() -> None:
    resolution = resolve("are any of these waterproof?")
    assert resolution.references == ()
    assert [ref.key for ref in resolution.among] == ["S1", "S2", "S3"]


def test_an_exact_color_goes_before_a_shade_of_it() -> None:
    plain = item("A", "Rug", category="Rugs", color="grey")
    light = item("B", "Rug", category="Rugs", color="light grey")
    assert meant(resolve("the grey rug", shown((plain, light)))) == ["A"]
    assert meant(resolve("the light grey rug", shown((plain, light)))) == ["B"]


def test_two_colors_mean_the_item_that_has_both() -> None:
    both = item("A", "Rug", category="Rugs", color="white/black")
    black = item("B", "Rug", category="Rugs", color="black")
    entities = shown((both, black))
    assert meant(resolve("the black and white rug", entities)) == ["A"]
    assert meant(resolve("the black one", entities)) == ["B"]


def test_the_cart_narrows_a_phrase_that_names_it() -> None:
    resolution = resolve_references(
        text="the lamp in my cart", entities=LISTS, vocabulary=FURNITURE, cart=(LAMP_DESK.ref,)
    )
    assert meant(resolution) == ["L2"]


def test_past_orders_narrow_a_phrase_that_names_them() -> None:
    resolution = resolve_references(
        text="the sofa I bought", entities=LISTS, vocabulary=FURNITURE, orders=((SOFA_NAVY.ref,),)
    )
    assert meant(resolution) == ["S2"]


@pytest.mark.parametrize(
    "text",
    ["the lamp in my cart", "the one in my basket", "the kettle in my cart", "take the lamp out of my cart"],
)
def test_what_is_not_in_the_cart_is_unknown_and_not_taken_from_elsewhere(text: str) -> None:
    for cart in ((), (SOFA_NAVY.ref,)):
        resolution = resolve_references(text=text, entities=LISTS, vocabulary=FURNITURE, cart=cart)
        if "one" in text and cart:
            assert meant(resolution) == ["S2"]
        else:
            assert outcomes(resolution) == ["unknown"]
            assert "cart" in resolution.references[0].rules


@pytest.mark.parametrize("text", ["the navy sofa in my cart", "the navy sofa I bought"])
def test_a_cart_that_nobody_can_look_into_says_nothing_of_goods(text: str) -> None:
    resolution = resolve_references(text=text, entities=LISTS, vocabulary=FURNITURE, cart=None, orders=None)
    assert meant(resolution) == ["S2"]


@pytest.mark.parametrize("text", ["put the Meadow lamp in my cart", "add the Meadow lamp to my cart"])
def test_the_cart_that_goods_are_put_in_says_nothing_of_them(text: str) -> None:
    resolution = resolve_references(text=text, entities=LISTS, vocabulary=FURNITURE, cart=(LAMP_DESK.ref,))
    assert meant(resolution) == ["L1"]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("the one from my last order", ["S2"]),
        ("is the white lamp that I ordered waterproof?", ["L2"]),
        ("the Heron I bought", ["L2"]),
        ("the cheaper of the lamps I bought", ["L2"]),
        ("the last one I bought", ["S2"]),
        ("the first one I ordered", ["L1"]),
        ("add the lamp from my last order to my cart", []),
        ("the scarf I bought", []),
    ],
)
def test_past_orders_answer_order_by_order_and_with_nothing_else(text: str, keys: list[str]) -> None:
    resolution = resolve_references(
        text=text,
        entities=LISTS,
        vocabulary=FURNITURE,
        orders=((SOFA_NAVY.ref,), (LAMP.ref, LAMP_DESK.ref)),
    )
    assert resolution.of_purchases
    assert meant(resolution) == keys
    assert outcomes(resolution) == ["resolved" if keys else "unknown"]


@pytest.mark.parametrize("text", ["a lamp for the guest room", "sofas for the oak room under 800"])
def test_where_goods_are_to_stand_is_none_of_those_shown(text: str) -> None:
    assert resolve(text, shown((SOFA, TABLE))).references == ()
    assert meant(resolve("a lamp for the Grove", shown((SOFA, TABLE)))) == ["T1"]


def test_two_that_were_bought_are_asked_about() -> None:
    (reference,) = resolve_references(
        text="the lamp I bought", entities=LISTS, vocabulary=FURNITURE, orders=((LAMP.ref, LAMP_DESK.ref),)
    ).references
    assert (reference.outcome, [ref.key for ref in reference.candidates]) == ("ambiguous", ["L1", "L2"])


@pytest.mark.parametrize(
    "text", ["the seventh one", "the 4th", "the last seven", "the third lamp", "the seventh cheapest"]
)
def test_a_position_past_the_end_of_the_list_is_unknown_whatever_was_shown_before(text: str) -> None:
    five = shown((SOFA, SOFA_NAVY, SOFA_TEAL, LAMP, LAMP_DESK, TABLE), (LAMP, SOFA, LAMP_DESK))
    resolution = resolve(text, five)
    assert outcomes(resolution) == ["unknown"]
    assert "position" in resolution.references[0].rules


def test_evidence_names_the_rules_and_the_words() -> None:
    resolution = resolve("what about the navy sofa?")
    (reference,) = resolution.references
    assert reference.text == "the navy sofa"
    assert reference.rules == ("color", "category", "focus")
    assert resolution.spans == ((11, 24),)


def test_a_later_list_is_the_one_that_positions_count_in() -> None:
    entities = shown((SOFA, SOFA_NAVY), (LAMP, TABLE))
    assert meant(resolve("the second one", entities)) == ["T1"]


def test_a_product_named_before_anything_was_shown_is_unknown_and_so_looked_up() -> None:
    assert outcomes(resolve("how much is the Meadow lamp?", Entities())) == ["unknown"]
    assert outcomes(resolve("show me the cheapest sofas", Entities())) == []


def test_endless_pointing_is_not_followed_to_its_end() -> None:
    assert len(resolve("it " * 2000).references) == 1
    assert len(resolve("the navy one, the teal one, " * 200).references) == 12


def test_goods_of_another_kind_are_not_taken_for_what_was_named() -> None:
    boot = item("B1", "Ridge boot", category="Work Boots", brand="Ironside", color="black")
    resolution = resolve("I'll take the Ironside hammer", shown((boot,)), TOOLS)
    assert outcomes(resolution) == ["unknown"]


def test_a_demand_taken_back_is_about_no_item() -> None:
    assert resolve("it doesn't have to be leather", focused(LISTS, SOFA)).references == ()
    assert resolve("they needn't be leather", focused(LISTS, SOFA)).references == ()


def test_what_goods_that_are_sought_do_points_at_none() -> None:
    assert resolve("a sofa that fits a small room", focused(LISTS, SOFA)).references == ()


def test_a_bare_wish_refines_the_search_and_a_question_asks_for_a_variant() -> None:
    assert resolve("in black or navy", focused(LISTS, SOFA)).references == ()
    assert meant(resolve("and in navy?", focused(LISTS, SOFA))) == ["S1"]
    assert resolve("in navy?").references == ()
