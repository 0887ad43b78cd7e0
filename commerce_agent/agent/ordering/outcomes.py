"""What the shopper is told after pressing the button, in the language of the conversation."""

from typing import Literal

from moneyed import Money

from catalog.connectors import CallLimited, ConnectorUnavailable
from catalog.orders import (
    ChangeAltered,
    ChangeMade,
    ChangeRefused,
    LineChange,
    OrderPlaced,
    OrderRecord,
    OrderRefused,
)
from commerce_agent.agent.alternatives import Alternative
from commerce_agent.agent.ordering.charged import is_as_confirmed
from commerce_agent.agent.phrases import PhraseBook, find_book
from commerce_agent.agent.wording.items import name_line
from commerce_agent.agent.wording.terms import say_money
from commerce_agent.tools.proposing import get_owed
from commerce_agent.tools.showing import to_amount
from conversations.events.carts import Proposal, ProposalKind, ProposalResolved
from conversations.state import ConversationState

Status = Literal["accepted", "declined", "expired", "changed", "failed"]


def resolve(
    state: ConversationState,
    *,
    proposal: str,
    status: Status,
    key: str,
    kind: ProposalKind = "order",
    **values: str,
) -> ProposalResolved:
    """An end of the proposal, in the wording of the key."""
    text = get_book(state).put(key, **values)
    return ProposalResolved(id=proposal, status=status, text=text, kind=kind)


def resolve_unchecked(
    state: ConversationState, offered: Proposal, *, outage: ConnectorUnavailable | None
) -> ProposalResolved:
    """Nothing was done, since nobody could be asked; it may be pressed again. A system that wants fewer calls is not
    said to be silent.
    """
    why = "busy" if isinstance(outage, CallLimited) else "unchecked"
    key = f"order.{why}" if offered.kind == "order" else f"sale.{why}"
    return resolve(state, proposal=offered.id, status="failed", key=key, kind=offered.kind)


def resolve_undone(state: ConversationState, offered: Proposal, *, declined: bool) -> ProposalResolved:
    """The shopper let it go, or pressed too late."""
    status: Status = "declined" if declined else "expired"
    key = f"order.{status}" if offered.kind == "order" else f"sale.{status}"
    return resolve(state, proposal=offered.id, status=status, key=key, kind=offered.kind)


def get_book(state: ConversationState) -> PhraseBook:
    """The wordings of the conversation's language."""
    return find_book(state.transcript.locale)


def say_placed(
    state: ConversationState, offered: Proposal, *, placed: OrderPlaced | OrderRecord, checkout: str
) -> ProposalResolved:
    """The order stands, at the total that its keeper says; where the shop has a checkout of its own, that is where it
    is paid. A total that nobody confirmed is said to be another one.
    """
    book = get_book(state)
    key = "order.accepted.pay" if checkout else "order.accepted"
    said = [book.put(key, number=placed.number, total=say_money(placed.total, language=book.language))]
    if not is_as_confirmed(offered, done=placed):
        before = say_money(offered.total, language=book.language)
        said.append(book.put("order.accepted.otherwise", before=before))
    return ProposalResolved(
        id=offered.id,
        status="accepted",
        text=" ".join(said),
        order=placed.number,
        pay_at=checkout,
        total=to_amount(placed.total),
    )


def say_made(state: ConversationState, offered: Proposal, *, made: ChangeMade) -> ProposalResolved:
    """The change stands, at the sum that its keeper says. One that nobody confirmed is said to be another one."""
    book = get_book(state)
    done = book.put(
        f"sale.{offered.kind}.done",
        number=made.number,
        amount=say_money(abs(made.amount), language=book.language),
        owed=_say_way(made.amount),
        address=offered.address,
    )
    said = [done]
    if not is_as_confirmed(offered, done=made):
        before = say_money(offered.total, language=book.language)
        said.append(book.put("sale.otherwise", before=before, owed=_say_way(get_owed(offered))))
    text = " ".join(said)
    return ProposalResolved(id=offered.id, status="accepted", text=text, order=made.number, kind=offered.kind)


def _say_way(owed: Money) -> str:
    """Which way the money goes, as the wordings choose by it."""
    return "back" if owed.amount < 0 else "due" if owed.amount else "none"


def say_changes(
    state: ConversationState,
    offered: Proposal,
    *,
    refused: OrderRefused,
    fresh: Proposal | None,
    other: Alternative | None,
) -> ProposalResolved:
    """Exactly what is not as it was told, from old to new, line by line; what that does to the cart, what there is
    instead, and the order anew.
    """
    book = get_book(state)
    titles = {line.ref.key: name_line(line, state=state, book=book) for line in offered.lines}
    said = [_say_change(book, change, title=titles[change.sku]) for change in refused.changes]
    if refused.total is not None:
        said.append(
            book.put(
                "order.change.total",
                before=say_money(refused.total.wanted, language=book.language),
                after=say_money(refused.total.actual, language=book.language),
            )
        )
    parts = [book.put("order.changed", changes="; ".join(said)), *_say_cart(book, refused, titles=titles)]
    if other is not None:
        parts.append(other.say(book))
    if fresh is not None:
        parts.append(book.put("order.anew", total=say_money(fresh.total, language=book.language)))
    return ProposalResolved(id=offered.id, status="changed", text=" ".join(parts))


def _say_cart(book: PhraseBook, refused: OrderRefused, *, titles: dict[str, str]) -> list[str]:
    """What leaves the cart, and of what fewer stay in it."""
    short = [change for change in refused.changes if change.kind in ("stock", "gone")]
    out = [titles[change.sku] for change in short if not change.actual]
    fewer = [f"{change.actual} × {titles[change.sku]}" for change in short if change.actual]
    said = [book.put("order.out_of_cart", items=book.join(out))] if out else []
    return [*said, book.put("order.fewer_in_cart", items=book.join(fewer))] if fewer else said


def _say_change(book: PhraseBook, change: LineChange, *, title: str) -> str:
    before, after = (_say(book, value) for value in (change.wanted, change.actual))
    return book.put(f"order.change.{change.kind}", item=title, before=before, after=after)


def _say(book: PhraseBook, value: Money | int | None) -> str:
    if isinstance(value, Money):
        return say_money(value, language=book.language)
    return "" if value is None else str(value)


def say_altered(state: ConversationState, offered: Proposal, *, altered: ChangeAltered) -> ProposalResolved:
    """The change comes to another sum than was told."""
    book = get_book(state)
    return resolve(
        state,
        proposal=offered.id,
        status="changed",
        key="sale.altered",
        kind=offered.kind,
        before=say_money(offered.total, language=book.language),
        after=say_money(abs(altered.checked.amount), language=book.language),
    )


def say_refused(state: ConversationState, offered: Proposal, *, refused: ChangeRefused) -> ProposalResolved:
    """The change cannot be made any more, and why."""
    text = put_refusal(get_book(state), refused)
    return ProposalResolved(id=offered.id, status="failed", text=text, kind=offered.kind)


def put_refusal(book: PhraseBook, refused: ChangeRefused) -> str:
    """Why an order cannot be changed."""
    return book.put(
        f"refused.sale.{refused.because}",
        number=refused.number,
        status=book.name(refused.status, kind="status"),
        item=refused.item,
        days=refused.days or 0,
    )
