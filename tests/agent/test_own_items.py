"""Of the goods in the cart and those that were just shown, which are meant, and how many of them."""

from decimal import Decimal

import pytest

from commerce_agent.agent.understanding.choosing import settle_alike
from commerce_agent.agent.understanding.finding_moves import find_moves
from commerce_agent.agent.understanding.own_items import find_counted
from conversations.carts.slice import Cart
from conversations.entities.slice import Entities, Known, Showing
from conversations.events.carts import CartLine
from conversations.events.entities import Entity, Reference
from conversations.events.facts import Amount
from conversations.ids import EntityRef
from conversations.state import ConversationState

OWN, FIRST, SECOND, THIRD = (EntityRef("variant", sku) for sku in ("A", "C", "D", "E"))
GOODS = {
    OWN: ("Rime Lamp", "black"),
    FIRST: ("Fell Lamp", "white"),
    SECOND: ("Moor Lamp", "black"),
    THIRD: ("Tarn Lamp", "black"),
}
KNOWN = {
    ref.key: Known(
        entity=Entity(ref=ref, name=name, group=ref.key, attributes={"color": (color,)}),
        introduced=1,
        touched=1,
    )
    for ref, (name, color) in GOODS.items()
}
CART = Cart(lines=(CartLine(ref=OWN, title="Rime Lamp", quantity=2, unit_price=Amount(Decimal(20), "EUR")),))


def _make_state(*shown: EntityRef, focus: tuple[EntityRef, ...] = ()) -> ConversationState:
    entities = Entities(known=KNOWN, showings=(Showing(turn=1, refs=shown),), focus=focus)
    return ConversationState(entities=entities, cart=CART)


def _settle(said: str, *, state: ConversationState) -> Reference:
    black = Reference(text="the black one", outcome="ambiguous", candidates=(SECOND, THIRD))
    (settled,) = settle_alike((black,), moves=find_moves(said), state=state)
    return settled


@pytest.mark.parametrize(
    "said", ["how much is the black lamp?", "is the black one in stock?", "the black one"]
)
def test_of_several_in_the_list_none_is_chosen_for_what_is_in_the_cart(said: str) -> None:
    state = _make_state(FIRST, SECOND, THIRD, focus=(FIRST,))

    assert _settle(said, state=state).outcome == "ambiguous"


def test_past_the_list_the_shoppers_own_is_meant() -> None:
    assert _settle("how much is the black one?", state=_make_state(FIRST)).refs == (OWN,)


def test_nothing_is_chosen_where_nothing_is_asked_of_it() -> None:
    assert _settle("the black one", state=_make_state(FIRST)).outcome == "ambiguous"


@pytest.mark.parametrize(
    ("said", "count"),
    [("ok just one lamp then", "1"), ("only one lamp", "1"), ("make it just three lamps", "3")],
)
def test_so_many_of_what_is_in_the_cart_are_wanted_after_all(said: str, count: str) -> None:
    found = find_counted(said, state=_make_state(FIRST))

    assert found is not None
    assert (found[0].kind, found[0].topic, found[1].refs) == ("set_quantity", count, (OWN,))


@pytest.mark.parametrize(
    "said",
    ["just one more lamp please", "ok just two more lamps then", "only one other lamp", "only one lamp?"],
)
def test_more_of_it_and_a_question_set_no_count(said: str) -> None:
    assert find_counted(said, state=_make_state(FIRST)) is None
