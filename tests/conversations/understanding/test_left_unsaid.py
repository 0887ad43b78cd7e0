"""What shoppers leave out because it was just said: counts of colours, "for her", "one that is", a size alone."""

import msgspec
import pytest

from commerce_agent.agent.understanding.english.counting import write_ones
from commerce_agent.agent.understanding.english.plain import find_left_unsaid, spell_out
from commerce_agent.agent.understanding.meant_in_cart import settle_both, settle_in_cart
from commerce_agent.agent.understanding.moves import Move
from commerce_agent.agent.understanding.own_items import find_counted
from commerce_agent.agent.understanding.parts import list_parts
from conversations.carts.slice import Cart
from conversations.decisions.slice import Decisions
from conversations.events.carts import CartLine
from conversations.events.decisions import Decision
from conversations.events.entities import Entity, Reference
from conversations.events.facts import Amount
from conversations.ids import DecisionId
from conversations.language import Category, Vocabulary
from conversations.language.glossing import Gloss
from conversations.state import ConversationState
from tests.conversations.understanding.shops import item, shown, told

SCARVES = Vocabulary(
    categories=(
        Category(name="Scarves", path=("Knitwear",), attributes=("gender",)),
        Category(name="Mittens", path=("Knitwear",), attributes=("gender",)),
    ),
    colors=("White", "Pink", "Rust"),
    sizes=("36", "38", "40"),
    attributes={"gender": ("women", "men", "kids", "unisex")},
)
PLAYERS = Vocabulary(
    categories=(
        Category(name="Wall Clocks", path=("Clocks",)),
        Category(name="Kids Clocks", path=("Clocks",)),
        Category(name="Lamps"),
    ),
)
WHITE = item("W", "Riva scarf", group="R", category="Scarves", color="White", measures={"price": 9})
PINK = item("P", "Riva scarf", group="R", category="Scarves", color="Pink", measures={"price": 9})
MITTENS = item("M", "Hoar mittens", category="Mittens", color="Rust", measures={"price": 15})


def _hold(*entities: Entity) -> ConversationState:
    lines = tuple(
        CartLine(ref=each.ref, title=each.name, quantity=2, unit_price=Amount(amount="9.00", currency="EUR"))
        for each in entities
    )
    known = shown((*entities, MITTENS))
    return msgspec.structs.replace(ConversationState(), entities=known, cart=Cart(lines=lines))


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("I'll have two white and one pink", "I'll have two white ones and one pink ones"),
        ("two white and three pink please", "two white ones and three pink ones please"),
        ("two scarves and one hat", "two scarves and one hat"),
        ("one white scarf and two mittens", "one white scarf and two mittens"),
    ],
)
def test_counted_colours_stand_for_the_goods_in_hand(said: str, written: str) -> None:
    assert write_ones(said) == written


def test_each_count_of_what_was_shown_is_a_request_of_its_own() -> None:
    parts = list_parts("five white ones and three pink ones", policies=())

    assert parts == ("five white ones", "add three pink ones")


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("so no white in 38?", "so do you have white in 38?"),
        ("no good?", "no good?"),
        ("no, the white one?", "no, the white one?"),
        ("no white please", "no white please"),
        ("the tea I had last time", "the tea I bought last time"),
        ("I had a white one in mind", "I had a white one in mind"),
    ],
)
def test_what_is_short_is_written_in_full(said: str, text: str) -> None:
    assert spell_out(Gloss(text=said, said=said)).text == text


def test_one_that_is_means_what_was_asked_just_before() -> None:
    asked = "is the second one dishwasher safe?"

    assert find_left_unsaid("I need one that is", before=asked) == "I need one that is dishwasher safe"
    assert find_left_unsaid("I need one that is red", before=asked) == ""
    assert find_left_unsaid("I need one that is", before="show me lamps") == ""


def _tell(*messages: str, shop: Vocabulary) -> dict[str, object]:
    return {term.field: term.value for term in told(*messages, vocabulary=shop).active}


def test_her_is_the_daughter_who_was_spoken_of() -> None:
    assert _tell("scarves for my daughter", shop=SCARVES)["gender"] == ("kids", "unisex")
    assert _tell("scarves for my daughter", "and mittens for her", shop=SCARVES)["gender"] == (
        "kids",
        "unisex",
    )


def test_her_is_a_woman_where_nobody_was_spoken_of() -> None:
    assert _tell("mittens for her", shop=SCARVES)["gender"] == ("women", "unisex")
    assert _tell("scarves for my son", "and mittens for her", shop=SCARVES)["gender"] == ("women", "unisex")


def test_a_shelf_for_kids_is_sought_for_a_son_where_no_attribute_tells_of_people() -> None:
    assert _tell("wall clocks", "and for my son?", shop=PLAYERS) == {"category": "Kids Clocks"}
    assert _tell("lamps", "and for my son?", shop=PLAYERS) == {"category": "Lamps"}


def test_a_size_alone_takes_the_place_of_the_size_before() -> None:
    said = "pink scarves in size 40"

    assert _tell(said, "I need 38 actually", shop=SCARVES)["size"] == "38"
    assert _tell(said, "under $38", shop=SCARVES)["size"] == "40"


def test_a_count_of_goods_moves_no_limit() -> None:
    said = "scarves under $5"

    assert _tell(said, "I meant four white", shop=SCARVES)["price"] == 5.0
    assert _tell(said, "make it 4", shop=SCARVES)["price"] == 4.0


@pytest.mark.parametrize(
    ("said", "field", "value"),
    [
        ("scarves under $5 and mittens", "price", 5.0),
        ("scarves for my daughter and some mittens", "gender", ("kids", "unisex")),
        ("scarves, 38, and mittens", "size", "38"),
        ("scarves in pink and mittens", "color", "pink"),
    ],
)
def test_a_second_kind_stands_behind_what_the_first_is_like(said: str, field: str, value: object) -> None:
    read = _tell(said, shop=SCARVES)

    assert read["category"] == ("Scarves", "Mittens")
    assert read[field] == value


def test_what_goods_are_for_is_no_second_kind() -> None:
    assert _tell("scarves for going out and mittens", shop=SCARVES)["category"] == "Scarves"
    assert _tell("a lamp for a kids clock and wall clocks", shop=PLAYERS)["category"] == "Lamps"


def test_so_many_were_meant_of_what_is_in_the_cart() -> None:
    found = find_counted("sorry I meant four white", state=_hold(WHITE))

    assert found is not None
    assert (found[0].kind, found[0].topic, found[1].refs) == ("set_quantity", "4", (WHITE.ref,))
    assert find_counted("I meant four pink", state=_hold(WHITE)) is None


def test_a_place_is_one_in_the_cart_where_something_is_taken_out_of_it() -> None:
    first = Reference(text="the first one", outcome="resolved", refs=(MITTENS.ref,), rules=("position",))
    taking, state = (Move(kind="take_from_cart"),), _hold(WHITE, PINK)

    (meant,) = settle_in_cart((first,), said="remove the first one", moves=taking, state=state)
    assert (meant.refs, meant.rules) == ((WHITE.ref,), ("position", "cart"))

    fifth = msgspec.structs.replace(first, text="the fifth one")
    assert settle_in_cart((fifth,), said="remove the fifth one", moves=taking, state=state) == (fifth,)


def test_each_is_the_item_and_the_version_that_was_asked_for() -> None:
    named = Reference(text="it", outcome="resolved", refs=(WHITE.ref, PINK.ref), rules=("pronoun",))
    decision = Decision(id=DecisionId("d1"), turn=1, planner="builtin", references=(named,))
    state = msgspec.structs.replace(_hold(WHITE, PINK), decisions=Decisions(latest=(decision,)))
    each = Reference(text="each", outcome="resolved", refs=(PINK.ref,), rules=("pronoun", "focus"))

    assert settle_both((each,), state=state)[0].refs == (WHITE.ref, PINK.ref)
    assert settle_both((msgspec.structs.replace(each, text="it"),), state=state)[0].refs == (PINK.ref,)
