"""What is asked of an order of this talk, placed or waiting for its button: what it came to, and whether it stands."""

from collections.abc import Iterable

from commerce_agent.agent.understanding.english.placed import (
    GOODS_COST,
    MONEY_BACK,
    OFFER,
    ORDER_NUMBER,
    STANDS_WHERE,
    STILL_GOOD,
    STILL_HAD,
    TOTAL_AGAIN,
    TOTAL_OF_ORDER,
    TOTAL_OF_ORDERS,
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
    if STILL_HAD.search(said) and _are_others(list_resolved(references), state=state):
        return Move(kind="stock")
    if any(move.kind not in _BESIDE for move in moves):
        return None
    cart = state.cart
    if _asks_of_press(said, cart):
        return Move(kind="orders")
    if is_of_other_order(said, cart):
        # The talk was not told of it.
        return Move(kind="orders") if TOTAL_OF_ORDER.search(said) or MONEY_BACK.search(said) else None
    if asked := _find_of_offer(said, references, state=state):
        return Move(kind=asked)
    if MONEY_BACK.search(said):
        return Move(kind="money_back")
    if asked := _find_of_total(said, cart):
        return Move(kind=asked)
    if cart.receipts and TOTAL_AGAIN.search(said) and (number := _find_ordered(references, state=state)):
        return Move(kind="order_total", topic=number)
    if (
        list_named(references)
        and GOODS_COST.search(said)
        and (number := _find_ordered(references, state=state))
    ):
        return Move(kind="order_total", topic=number)
    return None


def _find_of_total(said: str, cart: Cart) -> MoveKind | None:
    """As in "total of my order?"; with where it is, or of several, the orders themselves tell."""
    if TOTAL_OF_ORDERS.search(said):
        return "orders"
    if not TOTAL_OF_ORDER.search(said):
        return None
    if cart.receipts:
        return "orders" if STANDS_WHERE.search(said) else "order_total"
    # Before anything was ordered, "my order" is what would be.
    return "show_cart" if cart.lines else "orders"


def list_named(references: Iterable[Reference]) -> tuple[Reference, ...]:
    """Those by which goods are pointed at in words."""
    return tuple(
        each for each in references if "implied" not in each.rules and (each.refs or each.candidates)
    )


def list_resolved(references: Iterable[Reference]) -> tuple[Reference, ...]:
    """Those of them by which it is clear which goods are meant."""
    return tuple(each for each in list_named(references) if each.outcome == "resolved")


def list_of_order(references: Iterable[Reference], *, moves: Iterable[Move]) -> tuple[Reference, ...]:
    """The goods that such a question is still about: what comes back of the lamp is by the lamp's own terms."""
    points = any(move.kind in ("money_back", "stock") for move in moves)
    return list_resolved(references) if points else ()


def is_of_other_order(said: str, cart: Cart) -> bool:
    """Whether a number is named that is none of the orders of this talk."""
    named = [match["number"].lower() for match in ORDER_NUMBER.finditer(said)]
    here = [each.lower() for each in cart.orders]
    return any(not any(number in each for each in here) for number in named)


def _find_of_offer(
    said: str, references: tuple[Reference, ...], *, state: ConversationState
) -> MoveKind | None:
    """As in "can I still order?": of what waits for the button, or would be ordered; not where other goods are named.
    "Is the offer still valid?" is said of the shop's where none was made in this talk.
    """
    cart, asked = state.cart, STILL_GOOD.search(said)
    if asked is None:
        return None
    if cart.proposal is None and not cart.former and OFFER.search(asked[0]):
        return "promotions"
    unsaid = cart.lines and not cart.orders and state.transcript.shopper is None
    if cart.proposal is None and not unsaid:
        return None
    unknown = any("implied" not in each.rules and not each.refs for each in references)
    others = _are_others(list_named(references), state=state)
    return None if others or (unknown and asked["ordering"]) else "offer_stands"


def _are_others(references: Iterable[Reference], *, state: ConversationState) -> bool:
    """Whether they point at goods that are not in what waits for the button, nor in the cart where nothing does."""
    cart = state.cart
    offered = (*cart.proposal.lines, *cart.proposal.new_lines) if cart.proposal is not None else cart.lines
    held = {line.ref for line in offered}
    return any(not {*each.refs, *each.candidates} <= held for each in references)


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
