"""What shoppers say about people, sizes, weather and limits, and how long each of it holds, in a shop for outdoors."""

import pytest

from conversations.language import Category, Vocabulary
from tests.conversations.understanding.shops import terms, told

OUTDOORS = Vocabulary(
    categories=(
        Category(name="Tents", path=("Camping",)),
        Category(name="Sleeping Bags", path=("Camping",)),
        Category(name="Boots", path=("Footwear",)),
        Category(name="Rain Jackets", path=("Outerwear",)),
    ),
    brands=("Acme", "Ridgeway"),
    colors=("blue", "green", "black", "red"),
    sizes=("S", "M", "L", "9", "9.5", "10", "42", "43"),
    materials=("leather", "nylon"),
    attributes={
        "waterproof": ("yes", "no"),
        "vegan": ("yes", "no"),
        "capacity": ("1 person", "2 person", "4 person"),
        "gender": ("men", "women", "kids", "unisex"),
    },
    measures={"weight": "kg", "volume": "l", "comfort_temperature": "°C"},
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("boots for my son", [("category", "=", "Boots"), ("gender", "in", ("kids", "unisex"))]),
        ("women's warm boots", [("gender", "in", ("women", "unisex")), ("category", "=", "Boots")]),
        ("women's boots", [("gender", "in", ("women", "unisex")), ("category", "=", "Boots")]),
        ("a gift for my dad", [("gender", "in", ("men", "unisex"))]),
        ("her birthday is soon, boots please", [("category", "=", "Boots")]),
        ("for two people", [("capacity", "=", "2 person")]),
        ("a four person tent", [("capacity", "=", "4 person"), ("category", "=", "Tents")]),
        ("a 2-person tent", [("capacity", "=", "2 person"), ("category", "=", "Tents")]),
        ("a tent that sleeps at least 3", [("category", "=", "Tents"), ("capacity", "=", "4 person")]),
        ("a tent for at least 2 people", [("category", "=", "Tents"), ("capacity", "in", ("2 person", "4 person"))]),
        ("size nine and a half", [("size", "=", "9.5")]),
        ("size 9½", [("size", "=", "9.5")]),
        ("size 9 1/2", [("size", "=", "9.5")]),
        ("boots in a 9.5", [("category", "=", "Boots"), ("size", "=", "9.5")]),
        ("EU 42", [("size", "=", "42")]),
        ("under 3 lb", [("weight", "<=", 1.360777)]),
        ("less than 500 grams", [("weight", "<=", 0.5)]),
        ("at least 20 fl oz", [("volume", ">=", 0.591471)]),
        ("comfort temperature below -5 °C", [("comfort_temperature", "<=", -5.0)]),
        ("good down to 14°F", [("comfort_temperature", "<=", -10.0)]),
        ("down to minus 10 degrees", [("comfort_temperature", "<=", -10.0)]),
        ("I can't go over $80", [("price", "<=", 80.0)]),
        ("it shouldn't cost more than fifty", [("price", "<=", 50.0)]),
        ("any color but black", [("color", "!=", "black")]),
        ("neither black nor blue", [("color", "not in", ("black", "blue"))]),
        ("boots in blue or green without leather", [
            ("category", "=", "Boots"), ("color", "in", ("blue", "green")), ("material", "!=", "leather"),
        ]),
    ],
)  # fmt: skip
def test_terms_are_read(text: str, expected: list[tuple[str, str, object]]) -> None:
    assert terms(told(text, vocabulary=OUTDOORS)) == expected


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        (("boots in blue", "or green"), [("category", "=", "Boots"), ("color", "in", ("blue", "green"))]),
        (("boots in blue", "make it green"), [("category", "=", "Boots"), ("color", "=", "green")]),
        (("blue boots", "same but in red"), [("category", "=", "Boots"), ("color", "=", "red")]),
        (("boots size 9", "sorry, I meant 10"), [("category", "=", "Boots"), ("size", "=", "10")]),
        (("under $100", "no wait, 80"), [("price", "<=", 80.0)]),
        (("boots for my son", "show me tents"), [("category", "=", "Tents")]),
        (("boots under $100", "show me tents"), [("price", "<=", 100.0), ("category", "=", "Tents")]),
    ],
)
def test_later_words_change_earlier_terms(
    messages: tuple[str, ...], expected: list[tuple[str, str, object]]
) -> None:
    assert terms(told(*messages, vocabulary=OUTDOORS)) == expected


@pytest.mark.parametrize("text", ["is it waterproof?", "are they vegan?", "does it come in red?"])
def test_what_is_asked_of_an_item_is_no_wish_for_others(text: str) -> None:
    ledger = told("boots", text, vocabulary=OUTDOORS)
    assert [one.scope for one in ledger.active] == ["search", "item"]


@pytest.mark.parametrize("text", ["are there any waterproof boots?", "boots, they have to be waterproof"])
def test_what_goods_are_to_be_is_a_wish(text: str) -> None:
    ledger = told(text, vocabulary=OUTDOORS)
    assert {one.scope for one in ledger.active} == {"search"}


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("my size is 10", ("size", "=", "10")),
        ("I wear M", ("size", "=", "M")),
        ("I'm vegan", ("vegan", "=", "yes")),
        ("I never wear leather", ("material", "!=", "leather")),
    ],
)
def test_what_the_shopper_never_changes_holds_for_every_topic(
    text: str, term: tuple[str, str, object]
) -> None:
    ledger = told(text, "waterproof boots", "show me tents", "start over", vocabulary=OUTDOORS)
    assert terms(ledger) == [term]
    assert ledger.active[0].scope == "always"


@pytest.mark.parametrize(
    ("language", "values", "wanted", "refused"),
    [
        ("en", ("caffeine", "yes", "no"), "gels with caffeine", "gels without caffeine"),
        ("de", ("koffein", "ja", "nein"), "Gels mit Koffein", "Gels ohne Koffein"),
        ("es", ("cafeína", "sí", "no"), "geles con cafeína", "geles sin cafeína"),
        ("fr", ("caféine", "oui", "non"), "des gels avec caféine", "des gels sans caféine"),
    ],
)
def test_what_was_wanted_can_be_refused(
    language: str, values: tuple[str, str, str], wanted: str, refused: str
) -> None:
    name, yes, no = values
    shop = Vocabulary(categories=(Category(name="Gels"),), attributes={name: (yes, no)})
    assert (name, "=", yes) in terms(told(wanted, vocabulary=shop, language=language))
    both = terms(told(wanted, refused, vocabulary=shop, language=language))
    assert [term for term in both if term[0] == name] in ([(name, "!=", yes)], [(name, "=", no)])


@pytest.mark.parametrize(
    ("text", "rating", "price"),
    [
        ("boots rated 5 stars, under 10", 5.0, 10.0),
        ("boots rated 5 stars under 10", 5.0, 10.0),
        ("boots under 40 dollars rated at least 4.5", 4.5, 40.0),
        ("boots with a rating of at least 4, under 9", 4.0, 9.0),
    ],
)
def test_a_rating_is_said_of_its_own_number_alone(text: str, rating: float, price: float) -> None:
    asked = terms(told(text, vocabulary=OUTDOORS))
    assert set(asked) == {("category", "=", "Boots"), ("rating", ">=", rating), ("price", "<=", price)}
