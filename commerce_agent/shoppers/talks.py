"""One conversation held or erased by staff, by its id: whoever talked may be known to nobody."""

from datetime import datetime

from commerce_agent.composition import Platform
from commerce_agent.shoppers.erasing import erase, erase_conversation
from conversations.accesses import Access
from conversations.ids import ConversationId, MerchantId
from conversations.service import Reader, Whose


async def erase_talk(
    platform: Platform, *, merchant: MerchantId, conversation: ConversationId, reader: Reader, at: datetime
) -> int:
    """Erases one conversation and says how many events went. Of a named shopper all else stays; one of nobody loses its
    key, so that it opens in no backup either. Raises as `erase` and `erase_conversation` do.
    """
    owner = await platform.conversations.owners.find_owner(conversation=conversation)
    if owner is None:
        gone = await erase(platform, merchant=merchant, owner=conversation, reader=reader, at=at)
        return gone.events
    whose = Whose(merchant=merchant, shopper=owner)
    return await erase_conversation(platform, whose=whose, conversation=conversation, reader=reader, at=at)


async def hold_talk(
    platform: Platform, *, merchant: MerchantId, conversation: ConversationId, reader: Reader, at: datetime
) -> bool:
    """Keeps it, whoever asks, for the reader's reason; False where it is held already. On record."""
    access = _make_access("conversation.held", merchant=merchant, conversation=conversation, reader=reader)
    return await platform.holds.place(
        merchant=merchant, owner=conversation, reason=reader.purpose, by=reader.actor, at=at, access=access
    )


async def release_talk(
    platform: Platform, *, merchant: MerchantId, conversation: ConversationId, reader: Reader, at: datetime
) -> bool:
    """Ends its hold; False where there is none. On record."""
    access = _make_access(
        "conversation.released", merchant=merchant, conversation=conversation, reader=reader
    )
    return await platform.holds.lift(
        merchant=merchant, owner=conversation, by=reader.actor, at=at, access=access
    )


def _make_access(
    action: str, *, merchant: MerchantId, conversation: ConversationId, reader: Reader
) -> Access:
    return Access(
        merchant=merchant,
        actor=reader.actor,
        action=action,
        subject=f"conversation:{conversation}",
        purpose=reader.purpose,
    )
