"""Moves the cart that a shopper left in another conversation."""

from collections.abc import Awaitable
from datetime import datetime, timedelta
from typing import Any, Protocol

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from conversations.events.carts import CartChanged
from conversations.events.entities import EntitiesIntroduced
from conversations.ids import ConversationId, MerchantId, ShopperId
from conversations.state import ConversationState
from conversations.store.together import News

KEPT_FOR = timedelta(days=30)
"""A cart that lay untouched for longer is not brought along."""
LATEST = """
SELECT id FROM conversations_conversation
WHERE merchant_id = %(merchant)s AND shopper_id = %(shopper)s AND id <> %(but)s AND active_at > %(after)s
  AND erased_at IS NULL ORDER BY active_at DESC, id DESC LIMIT 1
"""


class Load(Protocol):
    """Reads a conversation's state."""

    def __call__(self, *, conversation: ConversationId) -> Awaitable[ConversationState]:
        """The state at this moment."""
        ...


class RecordAll(Protocol):
    """Appends to several conversations at once."""

    def __call__(self, *, news: tuple[News, ...], at: datetime) -> Awaitable[bool]:
        """To all or to none; says whether it did."""
        ...


async def carry(
    pool: AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]],
    *,
    conversation: ConversationId,
    at: datetime,
    load: Load,
    record_all: RecordAll,
) -> bool:
    """Empties the cart that was left behind and fills that of the new conversation with it, in one commit."""
    state = await load(conversation=conversation)
    talk = state.transcript
    if talk.shopper is None or state.version > 1:
        return False
    earlier = await _find_latest_of(
        pool, merchant=talk.merchant, shopper=talk.shopper, but=conversation, at=at
    )
    if earlier is None:
        return False
    left = await load(conversation=earlier)
    if not left.cart.lines:
        return False
    known = tuple(entity for line in left.cart.lines if (entity := left.entities.find(line.ref)) is not None)
    emptied = CartChanged(lines=(), codes=())
    moved = CartChanged(
        lines=left.cart.lines, taken_off=left.cart.taken_off, codes=left.cart.codes, moved_from=earlier
    )
    introduced = EntitiesIntroduced(entities=known, source="cart")
    # Where either conversation is in use this moment, the cart stays where it is.
    return await record_all(
        news=(
            News(conversation=earlier, events=(emptied,), expected_version=left.version),
            News(
                conversation=conversation,
                events=(introduced, moved),
                expected_version=state.version,
                shown=tuple(line.ref for line in left.cart.lines),
            ),
        ),
        at=at,
    )


async def _find_latest_of(
    pool: AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]],
    *,
    merchant: MerchantId,
    shopper: ShopperId,
    but: ConversationId,
    at: datetime,
) -> ConversationId | None:
    """The shopper's conversation that was active last, within `KEPT_FOR`."""
    asked = {"merchant": merchant, "shopper": shopper, "but": but, "after": at - KEPT_FOR}
    async with pool.connection() as connection:
        cursor = await connection.execute(LATEST, asked)
        row = await cursor.fetchone()
    return None if row is None else ConversationId(str(row[0]))
