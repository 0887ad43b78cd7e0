from typing import assert_never

import msgspec

from conversations.events.carts import CartChanged, CartLine, Proposal, ProposalMade, ProposalResolved

CartEvent = CartChanged | ProposalMade | ProposalResolved


class Cart(msgspec.Struct, frozen=True, kw_only=True):
    """The lines, the proposal that waits for the shopper's button, and the orders placed."""

    lines: tuple[CartLine, ...] = ()
    proposal: Proposal | None = None
    orders: tuple[str, ...] = ()


def apply_cart(cart: Cart, event: CartEvent) -> Cart:
    """Answers the slice after the event. A changed cart leaves no proposal standing; an order empties it."""
    match event:
        case CartChanged():
            return msgspec.structs.replace(cart, lines=event.lines, proposal=None)
        case ProposalMade():
            return msgspec.structs.replace(cart, proposal=event.proposal)
        case ProposalResolved(status="accepted"):
            placed = (event.order,) if event.order else ()
            return Cart(orders=tuple(dict.fromkeys((*cart.orders, *placed))))
        case ProposalResolved():
            return msgspec.structs.replace(cart, proposal=None)
        case _:
            assert_never(event)
