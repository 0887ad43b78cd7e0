"""A shopper's word that the reply may end, and whether anybody can have heard it.

The reply runs in one process, which need not be the socket's; the others hear of the stop by a hint. The client keeps
a stop until its ack, so that it is given for what is on its way, or needless, and for nothing else.
"""

from commerce_agent.chat import protocol
from commerce_agent.chat.admitting import KEPT
from commerce_agent.chat.line import Line
from commerce_agent.composition import Platform
from conversations.ids import ConversationId

_AGAIN_SECONDS = 2.0


async def stop_reply(
    frame: protocol.Stop, *, platform: Platform, line: Line, conversation: ConversationId
) -> None:
    """Ends this reply, wherever it runs. Raises `FrameRefused` where it goes on and cannot be told."""
    here = platform.turns.stop(conversation, turn=frame.turn or None)
    told = await line.tell(conversation, {"type": "conversation.stop", "turn": frame.turn})
    if not (here or told) and await platform.conversations.is_waiting(conversation=conversation):
        raise protocol.FrameRefused(code="unavailable", text=KEPT, cid=frame.cid, retry_after=_AGAIN_SECONDS)
