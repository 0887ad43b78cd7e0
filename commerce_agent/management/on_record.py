"""What a command at this machine reads of a conversation, on record before it is written out."""

from datetime import datetime

from conversations.accesses import Access, record_access
from conversations.ids import ConversationId, MerchantId
from conversations.models import Conversation

ACTOR = "operator:command"


def record_command(action: str, *, conversation: ConversationId, at: datetime) -> None:
    """Puts the look on record in the chain of the conversation's shop; of one that is not there nothing is read."""
    row = Conversation.objects.filter(pk=conversation).only("merchant_id").first()
    if row is not None:
        access = Access(
            merchant=MerchantId(str(row.merchant_id)),
            actor=ACTOR,
            action=action,
            subject=f"conversation:{conversation}",
        )
        record_access(access, at=at)
