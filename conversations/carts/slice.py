from typing import assert_never

import msgspec

from conversations.events.carts import CartChanged, CartLine, Proposal, ProposalMade, ProposalResolved

CartEvent = CartChanged | ProposalMade | ProposalResolved

KEPT_FORMER = 3
"""A press of the button that crosses so many changes of the cart is still understood."""


class Cart(msgspec.Struct, frozen=True, kw_only=True):
    """The lines, the proposal that waits for the shopper's button, and the orders placed."""

    lines: tuple[CartLine, ...] = ()
    proposal: Proposal | None = None
    former: tuple[Proposal, ...] = ()
    """Proposals that no longer stand; the button of one may have been pressed just before."""
    orders: tuple[str, ...] = ()


def apply_cart(cart: Cart, event: CartEvent) -> Cart:
    """Answers the slice after the event. A changed cart leaves no proposal standing."""
    match event:
        case CartChanged():
            return msgspec.structs.replace(_taken_back(cart), lines=event.lines)
        case ProposalMade():
            return msgspec.structs.replace(_taken_back(cart), proposal=event.proposal)
        case ProposalResolved(status="accepted"):
            return _ordered(cart, event)
        case ProposalResolved():
            stands = cart.proposal is not None and cart.proposal.id != event.id
            return cart if stands else msgspec.structs.replace(cart, proposal=None)
        case _:
            assert_never(event)


def _taken_back(cart: Cart) -> Cart:
    if cart.proposal is None:
        return cart
    former = (*cart.former, cart.proposal)[-KEPT_FORMER:]
    return msgspec.structs.replace(cart, proposal=None, former=former)


def _ordered(cart: Cart, event: ProposalResolved) -> Cart:
    """An order takes what it bought out of the cart, once; what was put in meanwhile stays."""
    if event.order in cart.orders:
        return cart
    proposals = (*cart.former, cart.proposal) if cart.proposal else cart.former
    bought = next((proposal.lines for proposal in proposals if proposal.id == event.id), ())
    return Cart(
        lines=_without(cart.lines, bought=bought),
        former=tuple(proposal for proposal in proposals if proposal.id != event.id)[-KEPT_FORMER:],
        orders=(*cart.orders, event.order) if event.order else cart.orders,
    )


def _without(lines: tuple[CartLine, ...], *, bought: tuple[CartLine, ...]) -> tuple[CartLine, ...]:
    taken = {line.ref: line.quantity for line in bought}
    left = ((line, line.quantity - taken.get(line.ref, 0)) for line in lines)
    return tuple(msgspec.structs.replace(line, quantity=quantity) for line, quantity in left if quantity > 0)
