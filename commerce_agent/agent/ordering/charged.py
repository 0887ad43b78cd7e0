"""What was charged or paid back in the end, held against what the shopper confirmed, and recorded."""

from datetime import datetime

import structlog
from moneyed import Money

from catalog.orders import ChangeMade, OrderPlaced, OrderRecord
from commerce_agent.agent.news.naming import name_answer
from commerce_agent.observing import metrics
from commerce_agent.tools.proposing import get_owed
from commerce_agent.tools.showing import get_ref, to_amount
from conversations.events import Event
from conversations.events.carts import Proposal
from conversations.events.facts import Amount, Fact, FactsObserved, Reckoned
from conversations.ids import EntityRef

log = structlog.get_logger(__name__)

Done = OrderPlaced | OrderRecord | ChangeMade


def get_sum(done: Done) -> Money:
    """What it comes to, by whoever did it: below nothing when it goes back."""
    return done.amount if isinstance(done, ChangeMade) else done.total


def is_as_confirmed(offered: Proposal, *, done: Done) -> bool:
    """Whether it comes to the sum that was confirmed; a sum of nothing is the same in every currency."""
    came, confirmed = get_sum(done), get_owed(offered)
    if came.amount != confirmed.amount:
        return False
    return not came.amount or came.currency == confirmed.currency


def watch_sum(offered: Proposal, *, done: Done) -> None:
    """A sum is checked where it is agreed to. One that is another than was confirmed was not."""
    if not is_as_confirmed(offered, done=done):
        metrics.UNCHECKED.inc()
        log.error("order.unchecked", proposal=offered.id)


def list_charged(offered: Proposal, *, done: Done, at: datetime) -> tuple[Event, ...]:
    """What the checkout itself says it charged in that step; whatever is read next takes its place."""
    if isinstance(done, ChangeMade):
        return _list_owed(offered, made=done, at=at)
    if isinstance(done, OrderRecord) and done.placed_at.tzinfo is not None:
        # It is found later: what was read since is later than what it was charged.
        at = min(done.placed_at, at)
    ref = EntityRef("order", done.number)
    total = _make_fact(ref, "total", to_amount(done.total), number=done.number, at=at)
    return (FactsObserved(facts=(*_list_prices(offered, placed=done, at=at), total)),)


def _list_prices(offered: Proposal, *, placed: OrderPlaced | OrderRecord, at: datetime) -> tuple[Fact, ...]:
    """Of each line. A system that names no line has charged what was confirmed only where its total is that."""
    prices = {get_ref(line.sku): to_amount(line.unit_price) for line in placed.lines}
    if is_as_confirmed(offered, done=placed):
        prices = {line.ref: line.unit_price for line in offered.lines} | prices
    return tuple(
        _make_fact(line.ref, "price", prices[line.ref], number=placed.number, at=at)
        for line in offered.lines
        if line.ref in prices
    )


def _list_owed(offered: Proposal, *, made: ChangeMade, at: datetime) -> tuple[Event, ...]:
    """What goes back or is due by the change; nothing where no money was to move, and none did."""
    if not made.amount.amount and is_as_confirmed(offered, done=made):
        return ()
    name = "back" if made.amount.amount < 0 or (offered.goes_back and not made.amount.amount) else "due"
    ref, value = EntityRef("order", made.number), to_amount(abs(made.amount))
    fact = _make_fact(ref, f"{offered.kind}.{name}", value, number=made.number, at=at)
    return (FactsObserved(facts=(fact,)),)


def _make_fact(ref: EntityRef, name: str, value: Amount, *, number: str, at: datetime) -> Fact:
    fact = Fact(
        id="",
        subject=ref,
        name=name,
        value=value,
        source=f"order:{number}",
        observed_at=at,
        valid_until=at,
        authority="checkout",
        # With a code that is spent by it, or a promotion that asked for a total: no price of the item alone.
        reckoned=Reckoned(used=(f"order:{number}",)),
    )
    return name_answer(fact)
