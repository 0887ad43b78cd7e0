"""What goes with a merchant that is no more.

A client message id is known for ever, its reply as long as the talk. `conversations_message` is no part of the
journal: the same id again answers the same place, marked as a duplicate, and has no effect, also after the
conversation was let go of. Erasure takes the ids along, since a client may have made them of anything: what comes
for an erased conversation is refused, new or not. To keep the reply as well would be to keep, for ever, what
retention and erasure are there to let go of; who asks for it hears that it is gone (410).
"""

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
    "conversations_handover",
    "conversations_message",
    "conversations_conversation",
    "conversations_datakey",
    "conversations_document",
    "conversations_shopperindex",
    "conversations_shopperprofile",
    "conversations_legalhold",
    "conversations_retentionperiod",
    "conversations_shopper",
)
"""Every other table with a merchant's rows, children first."""


async def forget_merchant(
    pool: AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]], *, merchant: MerchantId
) -> None:
    """Removes everything of a merchant, in one transaction."""
    async with pool.connection() as connection, connection.transaction():
        # The journal is ordered by conversation: a search for the merchant would read all of it.
        await connection.execute(
            "DELETE FROM conversations_journalentry WHERE conversation_id IN"
            " (SELECT id FROM conversations_conversation WHERE merchant_id = %s)",
            [merchant],
        )
        for table in TABLES:
            await connection.execute(f"DELETE FROM {table} WHERE merchant_id = %s", [merchant])
