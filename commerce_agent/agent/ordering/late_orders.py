"""What the journal knows of a proposal whose order is told late, when the cart has gone on."""

from collections.abc import Iterable

import msgspec

from conversations.carts import Cart, CartEvent, apply_cart
from conversations.events import Event
from conversations.events.carts import CartLine, Proposal, ProposalMade, ProposalResolved


def find_forgotten(events: Iterable[Event], *, token: str) -> Proposal | None:
    """The proposal where so many changes of the cart crossed it that the state knows it no more.

    None when it was never made here, or was carried out and told.
    """
    listed = tuple(events)
    made = [event.proposal for event in listed if isinstance(event, ProposalMade)]
    told = {event.id for event in listed if isinstance(event, ProposalResolved) and event.order}
    return next((each for each in made if each.hash == token and each.id not in told), None)


def list_bought(events: Iterable[Event], *, proposal: str) -> tuple[CartLine, ...]:
    """The pieces of the proposal that were in the cart all the time since: what the order takes along.

    Whatever was taken out and put in again is wanted besides what was ordered.
    """
    cart, lines = Cart(), tuple[CartLine, ...]()
    for event in events:
        if not isinstance(event, CartEvent):
            continue
        cart = apply_cart(cart, event)
        if isinstance(event, ProposalMade) and event.proposal.id == proposal:
            lines = event.proposal.lines
        there = {line.ref: line.quantity for line in cart.lines}
        left = ((line, min(line.quantity, there.get(line.ref, 0))) for line in lines)
        lines = tuple(msgspec.structs.replace(line, quantity=number) for line, number in left if number > 0)
    return lines
