"""What is sent in place of a long talk to who was away: how things stand, and its newest part.

Who was away for more than 400 frames is sent a snapshot : who has the conversation, and whole exchanges of the
newest 200 frames. A press on "Earlier messages" says hello with `whole`.
"""

from commerce_agent.chat import protocol
from commerce_agent.composition import Platform
from conversations.events.messages import ShopperSpoke
from conversations.ids import ConversationId

AWAY_FRAMES = 400
"""Who missed more than so many frames is sent a snapshot."""
SHOWN_FRAMES = 200


async def find_snapshot(
    platform: Platform, *, conversation: ConversationId, head: int, missed: int
) -> protocol.Snapshot | None:
    """The snapshot for who has missed so many frames; None where those are few.

    It leaves out whole exchanges: what follows begins with a message of the shopper's.
    """
    if missed <= AWAY_FRAMES:
        return None
    service = platform.conversations
    newest = await service.list_frames(
        conversation=conversation, after=head - SHOWN_FRAMES, limit=SHOWN_FRAMES
    )
    begins = (each for each in newest if isinstance(each.event, ShopperSpoke))
    first = next(begins, newest[0]).frame or 1
    visit = (await service.load(conversation=conversation)).transcript.visit
    return protocol.Snapshot(since=first - 1, name=visit.name if visit and visit.is_here else "")
