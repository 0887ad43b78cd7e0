"""Moves the cart that a shopper left in another conversation.

A cart is in one place. In a new conversation a known shopper finds the cart of the one that was active last, within
thirty days; it moves in one commit, so that it is never ordered twice nor lost between (`carry_cart`). Of a talk of
nobody known the cart moves where the caller was shown its handle. A press of its order is put on record first and
then looks whether the offer stands, behind whoever holds the talk; the cart looks for such a record while it holds
both talks. So it is ordered or it leaves.
"""

from collections.abc import Awaitable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, LiteralString, Protocol

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from conversations.events.carts import CartChanged
from conversations.events.entities import EntitiesIntroduced
from conversations.ids import ConversationId, MerchantId
from conversations.state import ConversationState
from conversations.store import together
from conversations.store.together import News

KEPT_FOR = timedelta(days=30)
"""A cart that lay untouched for longer is not brought along."""
LATEST = """
SELECT id FROM conversations_conversation
WHERE merchant_id = %(merchant)s AND shopper_id = %(shopper)s AND id <> %(but)s AND active_at > %(after)s
  AND erased_at IS NULL ORDER BY active_at DESC, id DESC LIMIT 1
"""
NOBODYS = """
SELECT id FROM conversations_conversation
WHERE merchant_id = %(merchant)s AND id = %(left)s AND shopper_id IS NULL AND id <> %(but)s AND active_at > %(after)s
  AND erased_at IS NULL
"""


class Load(Protocol):
    """Reads a conversation's state."""

    def __call__(self, *, conversation: ConversationId) -> Awaitable[ConversationState]:
        """The state at this moment."""
        ...


class RecordAll(Protocol):
    """Appends to several conversations at once."""

    def __call__(
        self, *, news: tuple[News, ...], at: datetime, may: together.May | None = None
    ) -> Awaitable[bool]:
        """To all or to none; says whether it did."""
        ...


class May(Protocol):
    """Asks whether a cart may go from a conversation, which nobody else can append to until it has gone."""

    def __call__(
        self,
        connection: AsyncConnection[tuple[Any, ...]],
        *,
        merchant: MerchantId,
        conversation: ConversationId,
    ) -> Awaitable[bool]:
        """True when it may."""
        ...


async def carry(
    pool: AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]],
    *,
    conversation: ConversationId,
    at: datetime,
    load: Load,
    record_all: RecordAll,
    left_by: ConversationId | None = None,
    may_leave: May | None = None,
) -> bool:
    """Empties the cart that was left behind and fills that of the new conversation with it, in one commit.

    That of a known shopper is the one of their last conversation; of anybody else the one of `left_by`, which is of
    nobody known either. The caller has seen to it that whoever comes may enter that. `may_leave` is asked whether
    it may go, while both are held.
    """
    state = await load(conversation=conversation)
    talk = state.transcript
    if state.version > 1:
        return False
    asked = {"merchant": talk.merchant, "shopper": talk.shopper, "left": left_by, "but": conversation}
    earlier = await _find(pool, NOBODYS if talk.shopper is None else LATEST, asked=asked, at=at)
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
        may=None if may_leave is None else partial(may_leave, merchant=talk.merchant, conversation=earlier),
    )


async def stand_behind(
    pool: AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]], *, conversation: ConversationId
) -> None:
    """Waits until whoever holds the conversation this moment has committed."""
    async with pool.connection() as connection:
        await connection.execute(
            "SELECT FROM conversations_conversation WHERE id = %s FOR SHARE", [conversation]
        )


async def _find(
    pool: AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]],
    query: LiteralString,
    *,
    asked: Mapping[str, str | None],
    at: datetime,
) -> ConversationId | None:
    """The conversation whose cart is meant, where it was active within `KEPT_FOR`."""
    async with pool.connection() as connection:
        cursor = await connection.execute(query, {**asked, "after": at - KEPT_FOR})
        row = await cursor.fetchone()
    return None if row is None else ConversationId(str(row[0]))
