from decimal import Decimal
from typing import assert_never

import msgspec

from conversations.events.carts import (
    MOVES_NOTHING,
    CartChanged,
    CartLine,
    CartLineChecked,
    Proposal,
    ProposalDoubted,
    ProposalMade,
    ProposalResolved,
    TakenOff,
)
from conversations.events.facts import Amount
from conversations.ids import EntityRef

CartEvent = CartChanged | CartLineChecked | ProposalDoubted | ProposalMade | ProposalResolved

KEPT_FORMER = 3
"""A press of the button that crosses so many changes of the cart is still understood."""


KEPT_EARLIER = 6
"""So many changes of the lines can be taken back."""


KEPT_RECEIPTS = 6
"""So many of the orders of a talk are told line by line without asking for them."""


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """An order as it was placed: what was confirmed, and what its keeper said that it comes to."""

    number: str
    proposal: Proposal
    total: Amount


class Cart(msgspec.Struct, frozen=True, kw_only=True):
    """The lines, the proposal that waits for the shopper's button, and the orders placed."""

    lines: tuple[CartLine, ...] = ()
    taken_off: tuple[TakenOff, ...] = ()
    """What promotions take off the lines together."""
    codes: tuple[str, ...] = ()
    proposal: Proposal | None = None
    former: tuple[Proposal, ...] = ()
    """Proposals that no longer stand; the button of one may have been pressed just before, or be pressed again."""
    done: tuple[str, ...] = ()
    """The ids of those that were confirmed and carried out."""
    orders: tuple[str, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    """The last of the orders, oldest first."""
    off: str = ""
    """Why the proposal would not be met as it stands; empty where nothing is known against it."""
    earlier: tuple[tuple[CartLine, ...], ...] = ()
    """The lines as they were before each of the last changes, oldest first."""
    doubts: dict[str, CartLineChecked] = {}
    """Lines that cannot be ordered as they stand, by the item's key; each change of the cart prices it anew."""

    def find_total(self) -> Amount | None:
        """What the lines come to, after what promotions take off them together; None of an empty cart."""
        if not self.lines:
            return None
        whole = sum((line.unit_price.amount * line.quantity for line in self.lines), Decimal(0))
        off = sum((taken.amount.amount for taken in self.taken_off), Decimal(0))
        return Amount(amount=whole - off, currency=self.lines[0].unit_price.currency)


def list_moved(cart: Cart, event: CartEvent) -> tuple[EntityRef, ...]:
    """What goes out of the shop or back into it by what was confirmed, as far as the proposal is at hand."""
    if not isinstance(event, ProposalResolved) or event.status != "accepted" or event.kind in MOVES_NOTHING:
        return ()
    offered = (*cart.former, *((cart.proposal,) if cart.proposal else ()))
    lines = (line for each in offered if each.id == event.id for line in (*each.lines, *each.new_lines))
    return tuple(dict.fromkeys(line.ref for line in lines))


def apply_cart(cart: Cart, event: CartEvent) -> Cart:
    """Answers the slice after the event. A changed cart leaves no proposal standing."""
    match event:
        case CartChanged():
            codes = cart.codes if event.codes is None else event.codes
            counted = [(line.ref, line.quantity) for line in cart.lines]
            same = counted == [(line.ref, line.quantity) for line in event.lines]
            return msgspec.structs.replace(
                _taken_back(cart),
                lines=event.lines,
                earlier=cart.earlier if same else (*cart.earlier, cart.lines)[-KEPT_EARLIER:],
                taken_off=event.taken_off,
                codes=codes,
                doubts=_list_left(cart.doubts, lines=event.lines),
            )
        case CartLineChecked():
            return _checked(cart, event)
        case ProposalMade():
            return msgspec.structs.replace(_taken_back(cart), proposal=event.proposal)
        case ProposalDoubted():
            stands = cart.proposal is not None and cart.proposal.id == event.id
            return msgspec.structs.replace(cart, off=event.text) if stands else cart
        case ProposalResolved(status="accepted"):
            return _ordered(_done(cart, event), event) if event.kind == "order" else _done(cart, event)
        case ProposalResolved():
            stands = cart.proposal is not None and cart.proposal.id != event.id
            return cart if stands else msgspec.structs.replace(cart, proposal=None, off="")
        case _:
            assert_never(event)


def _checked(cart: Cart, event: CartLineChecked) -> Cart:
    """The line at its price of now; what is amiss with it stays noted until the cart is changed."""
    lines = tuple(
        msgspec.structs.replace(line, unit_price=event.unit_price)
        if event.unit_price is not None and line.ref == event.ref
        else line
        for line in cart.lines
    )
    doubts = {key: doubt for key, doubt in cart.doubts.items() if key != event.ref.key}
    if event.verdict != "good":
        doubts[event.ref.key] = event
    return msgspec.structs.replace(cart, lines=lines, doubts=doubts)


def _list_left(
    doubts: dict[str, CartLineChecked], *, lines: tuple[CartLine, ...]
) -> dict[str, CartLineChecked]:
    """What is still amiss after a change: the change priced every line, and looked at the stock of its own."""
    held = {line.ref.key: line.quantity for line in lines}
    return {
        key: doubt
        for key, doubt in doubts.items()
        if doubt.verdict == "sold_out"
        or (doubt.verdict == "too_few" and held.get(key, 0) > (doubt.left or 0))
        if key in held
    }


def _taken_back(cart: Cart) -> Cart:
    if cart.proposal is None:
        return cart
    former = (*cart.former, cart.proposal)[-KEPT_FORMER:]
    return msgspec.structs.replace(cart, proposal=None, off="", former=former)


def _done(cart: Cart, event: ProposalResolved) -> Cart:
    """What was done stays at hand for a while: its button may be pressed once more, and gets the same answer."""
    if cart.proposal is not None and cart.proposal.id == event.id:
        cart = _taken_back(cart)
    done = cart.done if event.id in cart.done else (*cart.done, event.id)
    return msgspec.structs.replace(cart, done=done[-KEPT_FORMER:])


def _ordered(cart: Cart, event: ProposalResolved) -> Cart:
    """An order takes what it bought out of the cart, once; what was put in meanwhile stays."""
    if event.order in cart.orders:
        return cart
    cart = _taken_back(cart)
    bought = event.bought
    if bought is None:
        bought = next((proposal.lines for proposal in cart.former if proposal.id == event.id), ())
    lines = _without(cart.lines, bought=bought)
    return msgspec.structs.replace(
        cart,
        lines=lines,
        # What was ordered is put back by nobody.
        earlier=(),
        doubts=_list_left(cart.doubts, lines=lines),
        # What comes off a whole cart is reckoned anew for what is left of it.
        taken_off=(),
        codes=cart.codes if lines else (),
        orders=(*cart.orders, event.order) if event.order else cart.orders,
        receipts=_list_receipts(cart, event),
    )


def _list_receipts(cart: Cart, event: ProposalResolved) -> tuple[Receipt, ...]:
    offered = next((proposal for proposal in cart.former if proposal.id == event.id), None)
    if offered is None or not event.order:
        return cart.receipts
    total = offered.total if event.total is msgspec.UNSET else event.total
    receipt = Receipt(number=event.order, proposal=offered, total=total)
    return (*cart.receipts, receipt)[-KEPT_RECEIPTS:]


def _without(lines: tuple[CartLine, ...], *, bought: tuple[CartLine, ...]) -> tuple[CartLine, ...]:
    taken = {line.ref: line.quantity for line in bought}
    left = ((line, line.quantity - taken.get(line.ref, 0)) for line in lines)
    return tuple(msgspec.structs.replace(line, quantity=quantity) for line, quantity in left if quantity > 0)
