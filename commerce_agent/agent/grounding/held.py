"""What the shopper has: what is in the cart, and how far each order is."""

import re
from collections.abc import Iterable

import msgspec

from conversations.carts import Cart
from conversations.events.facts import Fact
from conversations.state import ConversationState

_NO_ORDER = frozenset[str]()
_STATES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("cancel", ("cancelled",)),
    ("storn", ("cancelled",)),
    ("refund", ("refunded", "cancelled", "returned")),
    ("return_requested", ("sent", "delivered")),
    ("exchange_requested", ("sent", "delivered")),
    ("returned", ("sent", "delivered", "returned")),
    ("out_for_delivery", ("sent", "underway", "out")),
    ("transit", ("sent", "underway")),
    ("on_its_way", ("sent", "underway")),
    ("ship", ("sent", "underway")),
    ("dispatch", ("sent", "underway")),
    ("despatch", ("sent", "underway")),
    ("deliver", ("sent", "delivered")),
    ("complete", ("sent", "delivered")),
    ("pending", ("pending",)),
    ("process", ("pending",)),
    ("prepar", ("pending",)),
    ("pack", ("pending",)),
    ("confirmed", ("pending",)),
    ("accepted", ("pending",)),
    ("placed", ("pending",)),
    ("new", ("pending",)),
)
"""What a status says of an order, by a piece of its name as the shop's system writes it; the first that fits."""
_NOT_YET = re.compile(r"^(?:un|not[_ ]|partial|part[_ ]|awaiting|ready|to[_ ]be|waiting|pre)")
"""Before such a piece it says another thing: "not_shipped", "ready_to_ship"."""
_DONE_BY_KIND = {"cancel": ("cancelled",), "return": ("sent", "delivered"), "exchange": ("sent", "delivered")}
PLACED = "placed"


def read_status(status: str) -> frozenset[str] | None:
    """What holds of an order with this status; None where nobody but the shop knows what it means."""
    plain = re.sub(r"[\s-]+", "_", status.strip().lower())
    if _NOT_YET.match(plain):
        return None
    return next((frozenset((*states, PLACED)) for piece, states in _STATES if piece in plain), None)


def _list_orders(facts: Iterable[Fact], *, cart: Cart) -> dict[str, frozenset[str] | None]:
    """By number, what holds of each order that was read, or that was placed or changed in this talk."""
    known: dict[str, frozenset[str] | None] = {
        number.lower(): frozenset({PLACED, "pending"}) for number in cart.orders
    }
    for fact in facts:
        if fact.subject.kind == "order" and fact.name == "status":
            known[fact.subject.key.lower()] = read_status(str(fact.value))
    for proposal in cart.former:
        if proposal.id in cart.done and proposal.order and proposal.kind in _DONE_BY_KIND:
            number = proposal.order.lower()
            held = known.get(number) or _NO_ORDER
            known[number] = held | {PLACED, *_DONE_BY_KIND[proposal.kind]}
    return known


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """The cart and the orders, as the turn has left them."""

    orders: dict[str, frozenset[str] | None] = {}
    """What holds of each order by its number; None where nobody but the shop knows what its status means."""
    ordered_here: bool = False
    """Whether an order was placed in this talk."""
    lines: dict[str, int] = {}
    """How many of each item are in the cart."""
    ever: frozenset[str] = frozenset()
    """All that is in the cart, or was."""
    before: dict[str, int] = {}
    """How many there were before the cart was changed last."""


def read_held(state: ConversationState) -> Held:
    """From the cart, and from what was read of orders."""
    before = state.cart.earlier[-1] if state.cart.earlier else ()
    return Held(
        orders=_list_orders(state.facts.canonical.values(), cart=state.cart),
        ordered_here=bool(state.cart.orders),
        ever=frozenset(line.ref.key for cart in (*state.cart.earlier, state.cart.lines) for line in cart),
        lines={line.ref.key: line.quantity for line in state.cart.lines},
        before={line.ref.key: line.quantity for line in before},
    )
