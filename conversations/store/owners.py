"""Whose a conversation is, and how an anonymous one becomes a known shopper's.

An anonymous conversation can become a shopper's, and never anybody else's (`store/owners.py`). What it holds stays
sealed under its own key (`own_key`), because no value opens under another identity; destroying the shopper's key
destroys that one too.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from conversations.accesses import Access, record_access_within
from conversations.events.messages import ShopperIdentified
from conversations.ids import ConversationId, MerchantId, ShopperId
from conversations.store.append import append_events, get_head
from conversations.store.boxes import Boxes
from conversations.store.profiles import Reader
from conversations.store.projection import Projection
from conversations.store.shoppers import SHOP, NoSuchShopper, ShopperCard


class BelongsElsewhere(Exception):
    """The conversation is another shopper's and stays so; open one of this shopper's own."""

    def __init__(self, *, conversation: ConversationId) -> None:
        super().__init__(
            f"Conversation {conversation!r} is another shopper's: open one of this shopper's own."
        )
        self.conversation = conversation


class Owners:
    """Joins conversations to shoppers, in one direction only: a conversation never changes hands, nor leaves them."""

    def __init__(
        self,
        *,
        pool: AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]],
        boxes: Boxes,
        projection: Projection,
    ) -> None:
        self._pool = pool
        self._boxes = boxes
        self._projection = projection

    async def find_owner(self, *, conversation: ConversationId) -> ShopperId | None:
        """The shopper whose conversation it is; None for an anonymous one, and for one that is not there."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT shopper_id FROM conversations_conversation WHERE id = %s", [conversation]
            )
            row = await cursor.fetchone()
        return ShopperId(str(row[0])) if row and row[0] else None

    async def list_conversations(
        self, *, merchant: MerchantId, shopper: ShopperId
    ) -> tuple[ConversationId, ...]:
        """The shopper's conversations that can be read, the oldest first."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT id FROM conversations_conversation WHERE merchant_id = %s AND shopper_id = %s::uuid"
                " AND erased_at IS NULL ORDER BY opened_at, id",
                [merchant, shopper],
            )
            return tuple([ConversationId(str(row[0])) async for row in cursor])

    async def join(
        self, *, conversation: ConversationId, shopper: ShopperCard, at: datetime, reader: Reader = SHOP
    ) -> bool:
        """Makes an anonymous conversation this shopper's, on record; False where it was already.

        What it holds stays sealed under the conversation's own key, which is destroyed with the shopper's. Raises
        `BelongsElsewhere` for another shopper's, `NoSuchShopper` for one whom its merchant has not named.
        """
        box = await self._boxes.get_box(conversation=conversation)
        async with self._pool.connection() as connection, connection.transaction():
            head = await get_head(connection, conversation=conversation, lock=True)
            cursor = await connection.execute(
                "UPDATE conversations_conversation SET shopper_id = shopper.id, own_key = true"
                " FROM conversations_shopper shopper"
                " WHERE conversations_conversation.id = %s AND conversations_conversation.shopper_id IS NULL"
                " AND shopper.id = %s AND shopper.merchant_id = conversations_conversation.merchant_id"
                " RETURNING conversations_conversation.merchant_id",
                [conversation, UUID(shopper.id)],
            )
            joined = await cursor.fetchone()
            if joined is None:
                await _require_owned(connection, conversation=conversation, shopper=shopper.id)
                return False
            appended = await append_events(
                connection,
                conversation=conversation,
                box=box,
                head=head,
                events=(ShopperIdentified(shopper=shopper.id, tier=shopper.tier),),
                turn=0,
                at=at,
            )
            access = Access(
                merchant=MerchantId(str(joined[0])),
                actor=reader.actor,
                action="conversation.joined",
                subject=f"shopper:{shopper.id}",
                purpose=reader.purpose,
                detail=(("conversation", conversation),),
            )
            await record_access_within(connection, access, at=at)
        await self._projection.append(conversation=conversation, appended=appended)
        return True


async def _require_owned(
    connection: AsyncConnection[tuple[Any, ...]], *, conversation: ConversationId, shopper: ShopperId
) -> None:
    cursor = await connection.execute(
        "SELECT shopper_id FROM conversations_conversation WHERE id = %s", [conversation]
    )
    row = await cursor.fetchone()
    if row is None or row[0] is None:
        raise NoSuchShopper(shopper=shopper)
    if str(row[0]) != shopper:
        raise BelongsElsewhere(conversation=conversation)
