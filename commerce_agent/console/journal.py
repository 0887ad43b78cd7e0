"""The one bridge from the console's pages, which wait, to the state service, which does not."""

from asgiref.sync import async_to_sync
from psycopg import OperationalError

from commerce_agent.composition import open_platform
from conversations.events import Recorded
from conversations.events.messages import ShopperSpoke
from conversations.ids import ConversationId
from conversations.service import UnreadableEvent

__all__ = ["OperationalError", "UnreadableEvent", "list_events", "list_openings"]

UNREADABLE = "Cannot be read any more"
OPENING_FRAMES = 3
"""The first words stand among the first visible events."""


def list_events(*, conversation: ConversationId) -> tuple[Recorded, ...]:
    """Everything that happened in a conversation, in order; raises `UnreadableEvent` where it was erased."""
    return async_to_sync(_list_events)(conversation)


def list_openings(*, conversations: tuple[ConversationId, ...]) -> dict[ConversationId, str]:
    """The shopper's first words in each conversation that has some."""
    return async_to_sync(_list_openings)(conversations) if conversations else {}


async def _list_events(conversation: ConversationId) -> tuple[Recorded, ...]:
    async with open_platform(quiet=True) as platform:
        return await platform.conversations.list_events(conversation=conversation)


async def _list_openings(conversations: tuple[ConversationId, ...]) -> dict[ConversationId, str]:
    openings: dict[ConversationId, str] = {}
    async with open_platform(quiet=True) as platform:
        for conversation in conversations:
            try:
                frames = await platform.conversations.list_frames(
                    conversation=conversation, after=0, limit=OPENING_FRAMES
                )
            except UnreadableEvent:
                openings[conversation] = UNREADABLE
                continue
            said = [frame.event.text for frame in frames if isinstance(frame.event, ShopperSpoke)]
            if said:
                openings[conversation] = said[0]
    return openings
