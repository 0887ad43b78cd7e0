"""One conversation erased by staff, by its id: whoever talked may be known to nobody."""

from datetime import datetime

from commerce_agent.composition import Platform
from commerce_agent.shoppers.erasing import erase, erase_conversation
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
