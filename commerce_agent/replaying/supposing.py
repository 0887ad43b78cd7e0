"""What a turn would have said, had something been otherwise: a stock, a price, a policy, the message itself.

The turn runs twice over the shop of now, as it is and as it is supposed to be, so that what differs is what the
supposition does and nothing else. What is supposed is put into the shop's tables within one transaction that is
always taken back: a search, a promotion and a total see it, and nobody else ever does.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from decimal import Decimal

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from catalog.connectors import build_sources
from commerce_agent.composition import Platform, open_platform
from commerce_agent.replaying.rerun import CannotReplay, Rerun
from conversations.events import Event, Recorded
from conversations.events.carts import CartLineChecked
from conversations.events.facts import FactsObserved, FactSuperseded
from conversations.events.messages import ReplyGiven, TurnStarted
from conversations.ids import ConversationId, MerchantId
from conversations.replay import Difference, compare

PATIENCE = "SET LOCAL lock_timeout = '500ms'"
"""A row that an import holds is not waited for longer; nor does anybody wait longer for this."""
STOCK = (
    "UPDATE catalog_stocklevel stock SET quantity = %(value)s, observed_at = %(now)s FROM catalog_variant variant"
    " WHERE variant.id = stock.variant_id AND variant.merchant_id = %(merchant)s AND variant.sku = %(key)s"
)
PRICE = (
    "UPDATE catalog_variant SET price = %(value)s, sale_price = NULL, price_observed_at = %(now)s"
    " WHERE merchant_id = %(merchant)s AND sku = %(key)s"
)
STOCK_NEWS = ("stock", "availability")
PRICE_NEWS = ("price", "list_price")
POLICY = "UPDATE catalog_policy SET text = %(value)s WHERE merchant_id = %(merchant)s AND name = %(key)s"


class Supposition(msgspec.Struct, frozen=True, kw_only=True):
    """What is supposed. Empty, nothing is."""

    said: str = ""
    """What the shopper says instead."""
    stocks: tuple[tuple[str, int], ...] = ()
    prices: tuple[tuple[str, Decimal], ...] = ()
    policies: tuple[tuple[str, str], ...] = ()
    """A policy's name and its text, in every scope and version of it."""


class Supposed(msgspec.Struct, frozen=True, kw_only=True):
    """What came out, as the shop is and as it is supposed to be."""

    reply: str
    supposed_reply: str
    differences: tuple[Difference, ...]
    unknown: tuple[str, ...]
    """What was supposed of something that the shop does not have."""


class OneConnection:
    """Lends one connection, to one borrower at a time: what each sees is what the transaction holds."""

    def __init__(self, *, connection: AsyncConnection[TupleRow]) -> None:
        self._connection = connection
        self._lent = asyncio.Lock()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection[TupleRow]]:
        """The connection, for the length of a `with`."""
        async with self._lent:
            yield self._connection


async def suppose(
    *,
    conversation: ConversationId,
    turn: int,
    supposition: Supposition,
    now: datetime,
    prefix: str | None = None,
) -> Supposed:
    """Runs a turn as things are and as they are supposed to be. Nothing of it stays anywhere.

    Raises `CannotReplay` for a turn that cannot be run again, and psycopg's `LockNotAvailable` where an import
    is at work on the very rows.
    """
    async with open_platform(clock=lambda: now, quiet=True, prefix=prefix) as platform:
        events = await platform.conversations.list_events(conversation=conversation)
        merchant = await _get_merchant(platform, conversation=conversation)
        async with platform.pool.connection() as connection, connection.transaction(force_rollback=True):
            await connection.execute(PATIENCE)
            lent = OneConnection(connection=connection)
            rerun = _make_rerun(platform, lent=lent, conversation=conversation, events=events, now=now)
            plain = await rerun.answer_turn(turn)
            unknown = await _put(connection, merchant=merchant, supposition=supposition, now=now)
            # What the first one read of the shop's words is not what the second one is to find.
            heard = _leave_unheard(events, turn=turn, supposition=supposition)
            other = _make_rerun(platform, lent=lent, conversation=conversation, events=heard, now=now)
            supposed = await other.answer_turn(turn, said=supposition.said)
            return Supposed(
                reply=_find_reply(plain),
                supposed_reply=_find_reply(supposed),
                differences=compare(
                    before=rerun.tell_turn(turn, plain), after=rerun.tell_turn(turn, supposed)
                ),
                unknown=unknown,
            )


def _make_rerun(
    platform: Platform,
    *,
    lent: OneConnection,
    conversation: ConversationId,
    events: tuple[Recorded, ...],
    now: datetime,
) -> Rerun:
    return Rerun(
        conversation=conversation,
        events=events,
        turns=platform.turns,
        words=platform.words,
        sources=build_sources(pool=lent),
        facts="now",
        now=now,
        connections=lent,
    )


async def _get_merchant(platform: Platform, *, conversation: ConversationId) -> MerchantId:
    state = await platform.conversations.rebuild(conversation=conversation, up_to=1)
    return state.transcript.merchant


async def _put(
    connection: AsyncConnection[TupleRow], *, merchant: MerchantId, supposition: Supposition, now: datetime
) -> tuple[str, ...]:
    """Puts what is supposed into the tables of the transaction, and names what is not there."""
    wanted: list[tuple[str, str, object]] = [
        *((STOCK, sku, quantity) for sku, quantity in supposition.stocks),
        *((PRICE, sku, price) for sku, price in supposition.prices),
        *((POLICY, name, text) for name, text in supposition.policies),
    ]
    unknown: list[str] = []
    for statement, key, value in wanted:
        cursor = await connection.execute(
            statement, {"merchant": merchant, "key": key, "value": value, "now": now}
        )
        if cursor.rowcount == 0:
            unknown.append(key)
    return tuple(unknown)


def _leave_unheard(
    events: tuple[Recorded, ...], *, turn: int, supposition: Supposition
) -> tuple[Recorded, ...]:
    """The journal without the news that came since the last reply of what is supposed to be otherwise.

    Told to a shop in which it is not so, the turn would say that an item has sold out which it supposes to be there.
    """
    place = next(
        (
            at
            for at, each in enumerate(events)
            if isinstance(each.event, TurnStarted) and each.event.turn == turn
        ),
        0,
    )
    since = next((at for at in range(place, -1, -1) if isinstance(events[at].event, ReplyGiven)), 0)
    supposed = {
        *((("variant", sku), name) for sku, _ in supposition.stocks for name in STOCK_NEWS),
        *((("variant", sku), name) for sku, _ in supposition.prices for name in PRICE_NEWS),
        *((("policy", policy), f"policy.{policy}") for policy, _ in supposition.policies),
    }
    return tuple(
        msgspec.structs.replace(each, event=FactsObserved(facts=()))
        if at > since and each.turn == 0 and _find_news(each.event) in supposed
        else each
        for at, each in enumerate(events)
    )


def _find_news(event: Event) -> tuple[tuple[str, str], str] | None:
    """What of which thing an event says has changed."""
    match event:
        case FactSuperseded():
            return (event.fact.subject.kind, event.fact.subject.key), event.fact.name
        case CartLineChecked(verdict="sold_out" | "too_few"):
            return (event.ref.kind, event.ref.key), "stock"
        case CartLineChecked(verdict="repriced"):
            return (event.ref.kind, event.ref.key), "price"
        case _:
            return None


def _find_reply(events: tuple[Event, ...]) -> str:
    return next((event.text for event in events if isinstance(event, ReplyGiven)), "")


__all__ = ["CannotReplay", "Supposed", "Supposition", "suppose"]
