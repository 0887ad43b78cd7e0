"""What shoppers type in short, half or in one breath, over a shop for bags and tanks."""

import msgspec
import pytest

from commerce_agent.agent.understanding.finding_moves import find_moves
from commerce_agent.agent.understanding.sizes_by_rank import list_sizes_by_rank
from commerce_agent.agent.understanding.understand import understand
from commerce_agent.agent.understanding.understood import ShopWords, Understanding
from conversations.events.entities import Reference
from conversations.language import Category, Vocabulary
from conversations.language.glossing import gloss
from conversations.state import ConversationState
from conversations.transcript import Exchange
from tests.conversations.understanding.shops import focused, item, shown

WORDS = ShopWords(
    vocabulary=Vocabulary(
        categories=(
            Category(name="Duffels", attributes=("volume", "weight")),
            Category(name="Wash Bags", path=("Accessories",)),
            Category(name="Weekend Bags"),
            Category(name="Briefcases", attributes=("laptop",)),
            Category(name="Air Pumps", attributes=("outlets",)),
        ),
        brands=("Stowaway", "Hartley"),
        colors=("Orange", "Black", "Tan"),
        materials=("Leather", "Canvas"),
        sizes=("40 l", "70 l"),
        measures={"volume": "l", "weight": "g", "outlets": "", "laptop": "cm"},
    ),
    policies=(("monogram", "Monogramming"), ("gift_wrap", "Emballage cadeau"), ("classes", "Sewing classes")),
)
SMALL = item(
    "D40",
    "Stowaway duffel 40 l",
    group="D",
    category="Duffels",
    color="Orange",
    size="40 l",
    measures={"price": 75, "volume": 40, "weight": 1100},
)
BIG = item(
    "D70",
    "Stowaway duffel 70 l",
    group="D",
    category="Duffels",
    color="Black",
    size="70 l",
    measures={"price": 95, "volume": 70, "weight": 1400},
)
SEEN = msgspec.structs.replace(ConversationState(), entities=shown((SMALL, BIG)))
ONE = msgspec.structs.replace(ConversationState(), entities=shown((SMALL,)))
NEW = ConversationState()


def read(said: str, state: ConversationState = NEW) -> Understanding:
    return understand(said=said, state=state, words=WORDS)


def terms(understanding: Understanding) -> list[tuple[str, str, object]]:
    return [(term.field, term.op, term.value) for term in understanding.reading.stated]


def kinds(understanding: Understanding) -> list[str]:
    return [move.kind for move in understanding.moves]


def meant(understanding: Understanding) -> list[str]:
    return [ref.key for ref in understanding.resolved]


def test_short_forms_are_read_as_they_are_written_in_full() -> None:
    assert kinds(read("thanks, thats all")) == ["part"]
    assert read("somthing in tan pls").reading.rest == ""
    assert read("do u have wash bags").said == "do you have wash bags"


@pytest.mark.parametrize(
    "said", ["the bigger one", "the bigger duffel", "the biggest", "the bigger one then, in the basket"]
)
def test_bigger_is_what_holds_more_where_no_size_is_stated(said: str) -> None:
    assert meant(read(said, SEEN)) == ["D70"]
    bigger = [("volume", ">=", 40.01), ("category", "=", "Duffels")]
    assert terms(read("anything bigger?", ONE)) == bigger, "of the kind at hand"


def test_the_bigger_of_one_is_another_version() -> None:
    understanding = read("how much is the bigger one?", ONE)

    assert (kinds(understanding), meant(understanding)) == (["variants"], ["D40"])


@pytest.mark.parametrize(
    ("said", "stated"),
    [
        ("what else under 130, weight doesn't matter", [("price", "<=", 130.0)]),
        (
            "air pump with 2 outlets under 15",
            [("category", "=", "Air Pumps"), ("outlets", "=", 2.0), ("price", "<=", 15.0)],
        ),
        ("no the briefcase in tan", [("category", "=", "Briefcases"), ("color", "=", "tan")]),
        ("no briefcase", [("category", "!=", "Briefcases")]),
        ("a duffel bag, not black", [("category", "=", "Duffels"), ("color", "!=", "black")]),
    ],
)
def test_each_number_and_each_no_is_about_its_own_clause(
    said: str, stated: list[tuple[str, str, object]]
) -> None:
    understanding = read(said)

    assert terms(understanding) == stated
    assert understanding.reading.rest == ""


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("how much am I at", "show_cart"),
        ("forget the basket", "empty_cart"),
        ("only two left?", "stock"),
        ("tell me when it's back", "stock"),
        ("can I get something off?", "promotions"),
        ("do you do initials on it", "policy"),
        ("one please", "add_to_cart"),
        ("get me that", "add_to_cart"),
        ("ok a pack of the small ones", "add_to_cart"),
        ("do you have it longer?", "variants"),
        ("can I get it wrapped as a present?", "policy"),
        ("do you offer courses", "policy"),
    ],
)
def test_what_is_wanted_is_heard_in_everyday_words(said: str, kind: str) -> None:
    assert kind in kinds(read(said, ONE))


def test_what_something_is_to_hold_is_asked_of_the_item_in_hand() -> None:
    understanding = read('does my 15" laptop fit in there?', ONE)

    assert (kinds(understanding), meant(understanding), terms(understanding)) == (["details"], ["D40"], [])


def test_colours_are_asked_of_the_version_that_is_named() -> None:
    understanding = read("so what colours does the 40 l come in", SEEN)

    assert (meant(understanding), understanding.wishes) == (["D40"], ())


def test_and_now_asks_again_what_was_asked() -> None:
    tail = (Exchange(turn=1, said="is it in stock?", replied="I can't say."),)
    asked = msgspec.structs.replace(ONE, transcript=msgspec.structs.replace(ONE.transcript, tail=tail))

    assert kinds(read("and now?", asked)) == ["stock"]


def test_the_first_list_is_where_the_talk_started() -> None:
    lists = msgspec.structs.replace(NEW, entities=shown((SMALL, BIG), (SMALL,)))

    assert meant(read("the second one you showed me at the start", lists)) == ["D70"]


def test_a_policy_is_heard_by_its_title_in_the_shops_own_words() -> None:
    moves = find_moves(
        "a emballage gift it is possible?", policies=WORDS.policies, own="un emballage cadeau ?"
    )

    assert [move.topic for move in moves if move.kind == "policy"] == ["gift_wrap"]


def test_goods_named_in_one_breath_are_what_the_pronoun_means() -> None:
    understanding = read("briefcases in tan, are they in stock?", ONE)

    assert (kinds(understanding), meant(understanding)) == (["search"], [])
    assert terms(understanding) == [("category", "=", "Briefcases"), ("color", "=", "tan")]


def test_what_is_wanted_next_stands_apart_from_what_goes_into_the_cart() -> None:
    understanding = read("ok add it. and now something for me, briefcases, not black", ONE)

    assert (kinds(understanding), meant(understanding)) == (["add_to_cart", "search"], ["D40"])
    assert terms(understanding) == [("category", "=", "Briefcases"), ("color", "!=", "black")]


@pytest.mark.parametrize(
    ("said", "read_as"),
    [
        ("die 4000er von Stowaway", "the 4000 one from Stowaway"),
        ("gibts die auch länger?", "do you have that one also longer?"),
        ("liefert ihr auch nach Österreich", "do you deliver also to Austria"),
    ],
)
def test_german_ends_on_numbers_and_comparisons_are_no_pronouns_and_no_names(said: str, read_as: str) -> None:
    shop = Vocabulary(brands=("Stowaway",), measures={"Länge": "cm"}, attributes={"Länge": ("2 m",)})

    assert gloss(said, language="de", vocabulary=shop).text == read_as


ASKED = Reference(
    text="size",
    outcome="ambiguous",
    candidates=(SMALL.ref, BIG.ref),
    question="color",
    rules=("size",),
)


def ask(said: str) -> Understanding:
    tail = (Exchange(turn=1, said="add the duffel", replied="Orange or black?"),)
    entities = msgspec.structs.replace(SEEN.entities, asked=ASKED, asked_in=SEEN.transcript.turns)
    transcript = msgspec.structs.replace(SEEN.transcript, tail=tail)
    return read(said, msgspec.structs.replace(SEEN, entities=entities, transcript=transcript))


def test_an_answer_and_another_wish_are_both_heard() -> None:
    understanding = ask("black, and do you have briefcases?")

    assert (meant(understanding), kinds(understanding)) == (["D70"], ["add_to_cart", "search"])
    assert terms(understanding) == [("category", "=", "Briefcases")]


@pytest.mark.parametrize("said", ["black, please", "the black one"])
def test_an_answer_alone_is_no_other_wish(said: str) -> None:
    assert kinds(ask(said)) == ["add_to_cart"]


SHOE = item("A8", "Lark shoe", group="A", category="Shoes", size="8")
PUMP = item("B1", "Rook pump", group="B", category="Air Pumps", size="5")


@pytest.mark.parametrize(
    ("replied", "sizes"),
    [
        ("The Lark shoe comes in 8 or 9.5.", (("size", "large"),)),
        ("The Lark shoe costs $89.00, 8 are left.", ()),
        ("Le Lark coûte 89 €, plus que 8.", ()),
        ("The Lark shoe is 20% off, in 8.", ()),
    ],
)
def test_a_price_that_was_told_is_no_size_to_choose(replied: str, sizes: tuple[tuple[str, str], ...]) -> None:
    tail = (Exchange(turn=1, said="how about the lark?", replied=replied),)
    state = msgspec.structs.replace(
        NEW,
        entities=focused(shown((SHOE, PUMP)), SHOE),
        transcript=msgspec.structs.replace(NEW.transcript, tail=tail),
    )
    other = Reference(text="the big one", outcome="resolved", refs=(PUMP.ref,), rules=("extreme",))

    assert list_sizes_by_rank("the big one", (), (other,), state=state)[1] == sizes


DOG_FOOD = item("F1", "Barnaby lamb", category="Dogs/Dry food")
PETS = ShopWords(
    vocabulary=Vocabulary(
        categories=(Category(name="Dry food", path=("Dogs",)), Category(name="Dry food", path=("Cats",)))
    )
)


def test_a_kind_in_its_department_is_the_kind_that_was_shown() -> None:
    other = item("F2", "Barnaby beef", category="Dogs/Dry food")
    state = msgspec.structs.replace(NEW, entities=shown((DOG_FOOD, other)))
    said = "which dry food for my dog would you recommend?"

    assert "recommend" in kinds(understand(said=said, state=state, words=PETS))
