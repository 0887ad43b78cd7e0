"""What goes with a merchant that is no more."""

from typing import Any

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from conversations.ids import MerchantId

TABLES = (
    "conversations_apikey",
    "conversations_opening",
    "conversations_decisionrecord",
    "conversations_resumehandle",
    "conversations_shownentity",
    "conversations_message",
    "conversations_journalentry",
    "conversations_conversation",
    "conversations_datakey",
    "conversations_document",
    "conversations_shopper",
)
"""Every table with a merchant's rows, children first."""


async def forget_merchant(
    pool: AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]], *, merchant: MerchantId
) -> None:
    """Removes everything of a merchant, in one transaction."""
    async with pool.connection() as connection, connection.transaction():
        for table in TABLES:
            await connection.execute(f"DELETE FROM {table} WHERE merchant_id = %s", [merchant])
