"""What a shopper asks or says about the talk itself; nothing of it is a message.

"Why this?" leaves nothing behind. `why` names a reply's decision (that of its `done` frame) and perhaps an item;
`because` answers from the record (`agent/explain`), in passing: the question is no message and takes no turn.

A rating is an event, a person reads it. `feedback` is durable, shows once it is kept, and of several the newest
holds; the agent's answers are no other because of it.
"""

from datetime import datetime

from django.utils.translation import gettext_noop as _

from commerce_agent.agent.explain.asking import NoSuchDecision, explain_to_shopper
from commerce_agent.chat import protocol
from commerce_agent.chat.line import Line
from commerce_agent.composition import Platform
from conversations.events.messages import FeedbackGiven
from conversations.ids import ConversationId


async def explain(
    frame: protocol.Why, *, platform: Platform, conversation: ConversationId, now: datetime
) -> protocol.Because:
    """Says why a reply is what it is; nothing is kept of the question. Raises `FrameRefused`."""
    try:
        text = await explain_to_shopper(
            conversations=platform.conversations,
            words=platform.words,
            conversation=conversation,
            decision=frame.decision,
            sku=frame.sku,
            now=now,
        )
    except NoSuchDecision as unknown:
        raise protocol.FrameRefused(
            code="no_such_decision", text=_("That reply is not of this conversation."), cid=frame.cid
        ) from unknown
    return protocol.Because(cid=frame.cid, decision=frame.decision, text=text)


async def record_rating(
    frame: protocol.Feedback, *, platform: Platform, conversation: ConversationId, at: datetime
) -> None:
    """Keeps what the shopper thinks of a reply; raises `FrameRefused` for one that was not given yet."""
    transcript = (await platform.conversations.load(conversation=conversation)).transcript
    if frame.turn > transcript.turns or (frame.turn == transcript.turns and transcript.taken):
        raise protocol.FrameRefused(
            code="no_such_reply", text=_("That reply was not given yet."), cid=frame.cid
        )
    given = FeedbackGiven(of_turn=frame.turn, score=frame.score, reason=frame.reason)
    await platform.conversations.record_arrivals(conversation=conversation, events=(given,), at=at)


async def record_read(
    frame: protocol.Read, *, platform: Platform, line: Line, conversation: ConversationId | None
) -> None:
    """Keeps how far the shopper has read, and has their other tabs count anew."""
    if conversation and await platform.conversations.reading.record(
        conversation=conversation, frame=frame.seq
    ):
        # Without a `seq`, for that is what durable frames have.
        told = {"t": "read", "read": frame.seq}
        await line.tell(conversation, {"type": "conversation.ephemeral", "frame": told})
