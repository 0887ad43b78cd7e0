"""Telling the open sockets, as a part of the turn that it is told of."""

from commerce_agent.observing import names
from commerce_agent.observing.tracing import span_within
from conversations.events import Recorded
from conversations.ids import ConversationId
from conversations.service import Announce


def announce_traced(announce: Announce) -> Announce:
    """The same, in a span of its own within a turn's."""

    async def traced(conversation: ConversationId, visible: tuple[Recorded, ...]) -> None:
        with span_within(names.DELIVER, {names.FRAMES: len(visible)}):
            await announce(conversation, visible)

    return traced
