"""What is asked of an order of this talk, placed or waiting for its button: what it came to, and whether it stands."""

from collections.abc import Iterable

from commerce_agent.agent.understanding.english.placed import (
    GOODS_COST,
    MONEY_BACK,
    STILL_GOOD,
    TOTAL_AGAIN,
    TOTAL_OF_ORDER,
    WENT_THROUGH,
)
from commerce_agent.agent.understanding.moves import Move, MoveKind
from conversations.carts import Cart
from conversations.events.entities import Reference
from conversations.state import ConversationState

OF_ORDER: frozenset[MoveKind] = frozenset({"order_total", "money_back", "offer_stands"})
"""They are about the order, and point at no goods."""
_BESIDE: frozenset[MoveKind] = frozenset({
    "price", "price_sum", "show_cart", "orders", "details", "promotions", "policy", "stock", "check_out", "search",
    "return_items", "more", "thank", "agree", "language",
})  # fmt: skip
"""Moves whose words such a question also has."""


def find_of_order(
    said: str, moves: tuple[Move, ...], references: tuple[Reference, ...], *, state: ConversationState
) -> Move | None:
    """The question, where there is an order that it may be about; None where something else is wanted too."""
    if any(move.kind not in _BESIDE for move in moves):
        return None
    cart = state.cart
    if _asks_of_press(said, cart):
        return Move(kind="orders")
    unsaid = cart.lines and not cart.orders and state.transcript.shopper is None
    if (cart.proposal is not None or unsaid) and STILL_GOOD.search(said):
        return Move(kind="offer_stands")
    if MONEY_BACK.search(said):
        return Move(kind="money_back")
    if TOTAL_OF_ORDER.search(said):
        # Before anything was ordered, "my order" is what would be.
        asked: MoveKind = "order_total" if cart.receipts else "show_cart" if cart.lines else "orders"
        return Move(kind=asked)
    if cart.receipts and TOTAL_AGAIN.search(said) and (number := _find_ordered(references, state=state)):
        return Move(kind="order_total", topic=number)
    named = any("implied" not in each.rules and (each.refs or each.candidates) for each in references)
    if named and GOODS_COST.search(said) and (number := _find_ordered(references, state=state)):
        return Move(kind="order_total", topic=number)
    named = any("implied" not in each.rules and (each.refs or each.candidates) for each in references)
    if named and GOODS_COST.search(said) and (number := _find_ordered(references, state=state)):
        return Move(kind="order_total", topic=number)
    return None


def _asks_of_press(said: str, cart: Cart) -> bool:
    """As in "did it go through?"; "did that work?" may be said of a code as well, where a cart is filling."""
    asked = WENT_THROUGH.search(said)
    if asked is None:
        return False
    works = asked["works"] is not None
    return (
        cart.proposal is not None
        or bool(cart.done and not (works and cart.lines))
        or bool(cart.lines and not works)
    )


def asks_of_order(moves: tuple[Move, ...]) -> bool:
    """Whether such a question is all there is."""
    return bool(moves) and all(move.kind in OF_ORDER for move in moves)


def _find_ordered(references: Iterable[Reference], *, state: ConversationState) -> str:
    """The last order that has all that is pointed at; where nothing is, the last one, if no cart is filling anew."""
    meant = {ref for reference in references for ref in (*reference.refs, *reference.candidates)}
    if not meant and state.cart.lines:
        return ""
    having = (
        each.number
        for each in reversed(state.cart.receipts)
        if meant <= {line.ref for line in each.proposal.lines}
    )
    return next(having, "")
