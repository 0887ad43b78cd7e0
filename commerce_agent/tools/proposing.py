"""From what the shop quotes to a proposal that the shopper may confirm."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import msgspec
from moneyed import Money

from catalog.orders import Change, ChangeChecked, OrderedLine
from catalog.pricing import CartItem, CartPrice
from commerce_agent.decoding import decode_json
from commerce_agent.tools.showing import get_ref, to_amount
from conversations.events.carts import CartLine, Proposal, TakenOff
from conversations.events.facts import Amount
from conversations.state import ConversationState

PROPOSAL_MINUTES = 15


class Bound(msgspec.Struct, frozen=True, kw_only=True):
    """What a proposal is tied to besides its own contents."""

    conversation: str
    state: ConversationState
    """The hash names merchant, shopper and version, so that no two proposals are the same."""
    turn: int
    now: datetime


def list_cart_lines(priced: CartPrice, *, titles: Mapping[str, str]) -> tuple[CartLine, ...]:
    """The priced lines as the conversation keeps them."""
    return tuple(
        CartLine(
            ref=get_ref(line.sku),
            title=titles[line.sku],
            quantity=line.quantity,
            unit_price=to_amount(line.unit_price),
        )
        for line in priced.lines
    )


def list_kept_lines(
    priced: CartPrice, *, wanted: Iterable[CartItem], titles: Mapping[str, str], held: Iterable[CartLine]
) -> tuple[CartLine, ...]:
    """A line for each item that is wanted: at its price of now, or, where it has none now, at what it cost last.

    What the shop has no more stays in the cart until the shopper takes it out; its line is marked elsewhere.
    """
    before = {line.ref.key: line for line in held}
    now = {line.ref.key: line for line in list_cart_lines(priced, titles=titles)}
    lines = (now.get(item.sku) or _recount(before.get(item.sku), quantity=item.quantity) for item in wanted)
    return tuple(line for line in lines if line is not None)


def _recount(line: CartLine | None, *, quantity: int) -> CartLine | None:
    return None if line is None else msgspec.structs.replace(line, quantity=quantity)


def list_taken_off(priced: CartPrice) -> tuple[TakenOff, ...]:
    """What comes off the cart as a whole."""
    taken = priced.order_discount
    return (TakenOff(title=taken.title, amount=to_amount(taken.amount)),) if taken else ()


def make_order_proposal(
    bound: Bound, *, priced: CartPrice, titles: Mapping[str, str], codes: tuple[str, ...]
) -> Proposal:
    """A proposal to order what was priced."""
    charges = priced.charges
    return _seal(
        bound,
        Proposal(
            id="",
            hash="",
            lines=list_cart_lines(priced, titles=titles),
            total=to_amount(charges.total),
            expires_at=bound.now + timedelta(minutes=PROPOSAL_MINUTES),
            taken_off=list_taken_off(priced),
            shipping=_find_amount(charges.shipping),
            tax=_find_amount(charges.tax),
            tax_included=charges.tax_included,
            codes=codes,
        ),
    )


def make_change_proposal(bound: Bound, *, change: Change, checked: ChangeChecked) -> Proposal:
    """A proposal to change an order that was placed."""
    kind = msgspec.to_builtins(change)["type"]
    return _seal(
        bound,
        Proposal(
            id="",
            hash="",
            kind=kind,
            order=checked.number,
            lines=_list_lines(checked.lines),
            new_lines=_list_lines(checked.new_lines),
            total=to_amount(abs(checked.amount)),
            goes_back=checked.amount.amount < 0,
            address=checked.address,
            policy=checked.policy,
            expires_at=bound.now + timedelta(minutes=PROPOSAL_MINUTES),
            change=msgspec.json.encode(change).decode(),
        ),
    )


def read_change(proposal: Proposal) -> Change:
    """The change that the proposal is about."""
    change: Change = decode_json(proposal.change, Change)
    return change


def get_owed(proposal: Proposal) -> Money:
    """What the shopper was told that a change comes to: below nothing when it goes back."""
    total = Money(proposal.total.amount, proposal.total.currency)
    return -total if proposal.goes_back else total


def _list_lines(lines: tuple[OrderedLine, ...]) -> tuple[CartLine, ...]:
    return tuple(
        CartLine(
            ref=get_ref(line.sku),
            title=line.title,
            quantity=line.quantity,
            unit_price=to_amount(line.unit_price),
        )
        for line in lines
    )


def _find_amount(money: Money | None) -> Amount | None:
    return None if money is None else to_amount(money)


def _seal(bound: Bound, proposal: Proposal) -> Proposal:
    talk = bound.state.transcript
    names = (talk.merchant, talk.shopper, bound.conversation, bound.turn, bound.state.version)
    digest = hashlib.sha256(msgspec.json.encode((names, proposal))).hexdigest()
    return msgspec.structs.replace(proposal, id=f"p{bound.turn}-{digest[:8]}", hash=digest)
