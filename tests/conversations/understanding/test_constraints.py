"""What a message says about the terms of a search, and what becomes of them."""

import pytest

from conversations.constraints import (
    ConstraintLeftOutError,
    Ledger,
    read_constraints,
    require_all_applied,
)
from conversations.language import Vocabulary
from tests.conversations.understanding.shops import FURNITURE, GROCERY, TOOLS, terms, told


@pytest.mark.parametrize(
    ("text", "vocabulary", "expected"),
    [
        ("under $100", TOOLS, [("price", "<=", 100.0)]),
        ("less than a hundred bucks", TOOLS, [("price", "<=", 100.0)]),
        ("100 dollars max", TOOLS, [("price", "<=", 100.0)]),
        ("my budget is 1,200.50", FURNITURE, [("price", "<=", 1200.5)]),
        ("between 50 and 80", TOOLS, [("price", ">=", 50.0), ("price", "<=", 80.0)]),
        ("$50-$80", TOOLS, [("price", ">=", 50.0), ("price", "<=", 80.0)]),
        ("around 60", TOOLS, [("price", ">=", 51.0), ("price", "<=", 69.0)]),
        ("over 20 dollars", TOOLS, [("price", ">=", 20.0)]),
        ("at least 4 stars", TOOLS, [("rating", ">=", 4.0)]),
        ("rated 4.5 or better", TOOLS, [("rating", ">=", 4.5)]),
        ("with good reviews", TOOLS, [("rating", ">=", 4.0)]),
        ("under half a kilo", TOOLS, [("weight", "<=", 500.0)]),
        ("no more than 1.2 kg", TOOLS, [("weight", "<=", 1200.0)]),
        ("at least 2 litres", GROCERY, [("volume", ">=", 2000.0)]),
        ("less than 1.8 m wide", FURNITURE, [("width", "<=", 180.0)]),
        ("not black", TOOLS, [("color", "!=", "black")]),
        ("not in red or black", TOOLS, [("color", "not in", ("red", "black"))]),
        ("are any of these waterproof?", TOOLS, [("waterproof", "=", "yes")]),
        ("in red or blue", TOOLS, [("color", "in", ("red", "blue"))]),
        ("nothing from Acme please", TOOLS, [("brand", "!=", "Acme")]),
        ("I never wear leather", TOOLS, [("material", "!=", "leather")]),
        ("size 43", TOOLS, [("size", "=", "43")]),
        ("in medium", TOOLS, [("size", "=", "M")]),
        ("in extra large", TOOLS, [("size", "=", "XL")]),
        ("waterproof", TOOLS, [("waterproof", "=", "yes")]),
        ("it has to be gluten free", GROCERY, [("gluten_free", "=", "yes")]),
        ("waterprof work jackets", TOOLS, [("waterproof", "=", "yes"), ("category", "=", "Work Jackets")]),
        ("a cordless drill by Torq", TOOLS, [("category", "=", "Cordless Drills"), ("brand", "=", "Torq")]),
        ("boots for work", TOOLS, [("category", "=", "Work Boots")]),
        ("a wrench", TOOLS, [("category", "=", "Spanners")]),
        ("hand tools", TOOLS, [("category", "=", "Hand Tools")]),
        ("tables", FURNITURE, [("category", "=", "Tables")]),
        ("lamps", FURNITURE, [("category", "in", ("Floor Lamps", "Desk Lamps"))]),
        ("a desk lamp for my sofa corner", FURNITURE, [("category", "=", "Desk Lamps")]),
        (
            "a leather sofa between 500 and 800 dollars",
            FURNITURE,
            [
                ("material", "=", "leather"),
                ("category", "=", "Sofas"),
                ("price", ">=", 500.0),
                ("price", "<=", 800.0),
            ],
        ),
        ("light grey sofas", FURNITURE, [("color", "=", "light grey"), ("category", "=", "Sofas")]),
        ("mint tea", GROCERY, []),
        ("tea with the flavour mint", GROCERY, [("flavour", "=", "mint")]),
        ("coffee holder", GROCERY, []),
        ("organic juice", GROCERY, [("organic", "=", "yes"), ("category", "=", "Juice")]),
        ("a mid-century rug", FURNITURE, [("style", "=", "mid-century"), ("category", "=", "Rugs")]),
        ("a round coffee table", FURNITURE, [("shape", "=", "round"), ("category", "=", "Coffee Tables")]),
        ("orange juice", GROCERY, [("category", "=", "Juice")]),
        ("juice, but not orange", GROCERY, [("category", "=", "Juice"), ("flavour", "!=", "orange")]),
    ],
)
def test_terms_are_read(text: str, vocabulary: Vocabulary, expected: list[tuple[str, str, object]]) -> None:
    assert terms(told(text, vocabulary=vocabulary)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello there",
        "what's the return policy on the blue one?",
        "the red ones please",
        "do you ship free over $50?",
        "add 2 hammers to my cart",
        "make it three",
        "is it $89?",
        "I have €50",
        "the second one",
    ],
)
def test_other_talk_states_nothing(text: str) -> None:
    assert terms(told(text, vocabulary=TOOLS)) == []


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        (("under $100", "actually make it 70"), [("price", "<=", 70.0)]),
        (("under $100", "up to 120 is fine"), [("price", "<=", 120.0)]),
        (("under $100", "over 50"), [("price", "<=", 100.0), ("price", ">=", 50.0)]),
        (("under $100", "over 150"), [("price", ">=", 150.0)]),
        (("between 50 and 80", "around 100"), [("price", ">=", 85.0), ("price", "<=", 115.0)]),
        (("under $100", "forget the budget"), []),
        (("under $100", "the price doesn't matter"), []),
        (("red please", "any colour is fine"), []),
        (("red please", "in blue instead"), [("color", "=", "blue")]),
        (("red please", "blue is fine too"), [("color", "in", ("red", "blue"))]),
        (("red please", "not red"), [("color", "!=", "red")]),
        (("not black", "black is ok after all"), []),
        (("waterproof", "it doesn't need to be waterproof"), []),
        (("waterproof", "they don't have to be waterproof"), []),
        (("waterproof", "it needn't be waterproof"), []),
        (("waterproof", "it needn't be waterproof, but max 20"), [("price", "<=", 20.0)]),
        (("waterproof", "waterproof isn't that important"), []),
        (("under $100", "under $100"), [("price", "<=", 100.0)]),
        (("under $100", "make it three"), [("price", "<=", 100.0)]),
        (
            ("work boots in size 43", "do you have it in size 44?"),
            [
                ("category", "=", "Work Boots"),
                ("size", "=", "43"),
                ("size", "=", "44"),
            ],
        ),
    ],
)
def test_later_words_change_earlier_terms(
    messages: tuple[str, ...], expected: list[tuple[str, str, object]]
) -> None:
    assert terms(told(*messages, vocabulary=TOOLS)) == expected


def test_a_new_topic_keeps_the_budget_and_refused_brands_and_drops_the_rest() -> None:
    ledger = told(
        "waterproof work boots in size 43 under $100",
        "nothing from Acme",
        "show me hammers",
        vocabulary=TOOLS,
    )
    assert terms(ledger) == [("price", "<=", 100.0), ("brand", "!=", "Acme"), ("category", "=", "Hammers")]
    assert [(past.constraint.field, past.reason) for past in ledger.history] == [
        ("category", "superseded"),
        ("waterproof", "topic_changed"),
        ("size", "topic_changed"),
    ]


def test_a_narrower_category_keeps_every_term() -> None:
    ledger = told("velvet seating under 900", "only sofas please", vocabulary=FURNITURE)
    assert terms(ledger) == [
        ("material", "=", "velvet"),
        ("price", "<=", 900.0),
        ("category", "=", "Sofas"),
    ]


def test_what_always_holds_outlives_starting_over() -> None:
    ledger = told("I never wear leather", "black work boots", "start over", vocabulary=TOOLS)
    assert [(one.field, one.op, one.value, one.scope) for one in ledger.active] == [
        ("material", "!=", "leather", "always")
    ]


def test_a_question_about_one_item_leaves_the_search_as_it_is() -> None:
    ledger = told("work jackets in blue", "do you have it in medium?", vocabulary=TOOLS)
    assert [(one.field, one.scope) for one in ledger.active] == [
        ("category", "search"),
        ("color", "search"),
        ("size", "item"),
    ]


@pytest.mark.parametrize(
    ("text", "focus", "expected"),
    [
        ("something cheaper", {"price": 89.0}, [("price", "<=", 88.99)]),
        ("70 is too much, something cheaper", {"price": 89.0}, [("price", "<=", 69.99)]),
        ("cheaper than 150 yen", {"price": 89.0}, []),
        ("a lighter one", {"weight": 240.0}, [("weight", "<=", 239.99)]),
        ("with better reviews", {"rating": 4.1}, [("rating", ">=", 4.11)]),
        ("the cheaper one", {"price": 89.0}, []),
    ],
)
def test_comparatives_are_measured_against_the_focus(
    text: str, focus: dict[str, float], expected: list[tuple[str, str, object]]
) -> None:
    assert terms(told(text, vocabulary=TOOLS, focus=focus)) == expected


def test_a_measure_that_the_focus_has_not_is_told() -> None:
    reading = read_constraints(
        text="something lighter", ledger=Ledger(), vocabulary=TOOLS, currency="USD", turn=1
    )
    assert (reading.stated, reading.unmeasured) == ((), ("weight",))


@pytest.mark.parametrize(("currency", "expected"), [("GBP", "price"), ("USD", "weight")])
def test_pounds_are_money_where_the_shop_counts_in_them(currency: str, expected: str) -> None:
    ledger = told("under 20 pounds", vocabulary=TOOLS, currency=currency)
    assert [one.field for one in ledger.active] == [expected]


@pytest.mark.parametrize("said", ["a saw, my budget is about 70 pounds", "a saw, I have 70 pounds to spend"])
def test_pounds_that_are_spent_are_money_in_every_shop(said: str) -> None:
    reading = read_constraints(text=said, ledger=Ledger(), vocabulary=TOOLS, currency="USD", turn=1)
    assert [one.field for one in reading.stated if one.field == "weight"] == []
    assert reading.foreign == ("70 pounds",)


def test_a_term_remembers_its_words_and_its_turn() -> None:
    ledger = told("hello", "I'm looking for work boots under $100", vocabulary=TOOLS)
    assert [(one.id, one.text, one.turn) for one in ledger.active] == [
        ("c1", "work boots", 2),
        ("c2", "under $100", 2),
    ]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("I'm looking for a torque wrench with ratchet under $50, not from Acme", "torque ratchet"),
        # How things are leads up to the wish, and names no goods.
        ("the nights are dark in there, so something luminous", "luminous"),
        ("my garage is damp and anything rustproof would help", "rustproof"),
        ("the handles are loose", "handles loose"),
        ("my brother is turning 30, any ideas? something luminous", "brother luminous"),
    ],
)
def test_words_that_are_no_terms_are_left_to_search_for(text: str, left: str) -> None:
    reading = read_constraints(text=text, ledger=Ledger(), vocabulary=TOOLS, currency="USD", turn=1)
    assert reading.rest == left


def test_a_phrase_that_points_can_be_read_as_a_search() -> None:
    reading = read_constraints(
        text="the red work jackets", ledger=Ledger(), vocabulary=TOOLS, currency="USD", turn=1, pointing=False
    )
    assert [(one.field, one.value) for one in reading.stated] == [
        ("color", "red"),
        ("category", "Work Jackets"),
    ]


def test_a_search_that_leaves_a_term_out_is_refused() -> None:
    ledger = told("work boots under $100", vocabulary=TOOLS)
    boots, budget = ("category", "=", "Work Boots"), ("price", "<=", 100.0)
    require_all_applied(ledger, applied=(boots, budget))
    require_all_applied(ledger, applied=(boots,), let_go=("c2",))
    with pytest.raises(ConstraintLeftOutError) as error:
        require_all_applied(ledger, applied=(boots, ("price", "<=", 120.0)))
    assert [one.id for one in error.value.left_out] == ["c2"]
    assert str(error.value) == (
        "The search left out c2 (price <= 100.0); apply every active term, or withdraw it first."
    )
