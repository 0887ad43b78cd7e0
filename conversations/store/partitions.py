"""The journal's partitions: one holds the conversations that were opened in one month.

A conversation's id begins with the instant of its opening (UUID version 7), and the journal is partitioned by
it. So a conversation is in one partition whole, whatever the instants of its events are: (conversation, seq)
is unique in the database, one conversation is read from one partition, and what retention drops leaves no gap.
"""

import secrets
from datetime import datetime
from uuid import UUID

from conversations.ids import ConversationId


def mint_conversation(at: datetime) -> ConversationId:
    """A new id of a conversation that is opened at this instant."""
    version, variant = 0x7, 0b10
    milliseconds = int(at.timestamp() * 1000) & (2**48 - 1)
    ordered = milliseconds << 16 | version << 12 | secrets.randbits(12)
    return ConversationId(str(UUID(int=ordered << 64 | variant << 62 | secrets.randbits(62))))
