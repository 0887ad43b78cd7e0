"""A crowd of workers on one conversation: every message is answered by one whom a message woke.

What two workers, a shopper, the shop and Redis may do in whatever order is driven in `tests/conversations/machine`.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from redis.asyncio import Redis

from conversations.events.messages import ReplyGiven, ShopperSpoke
from conversations.ids import ConversationId
from conversations.service import Conversations, Fenced
from tests.conversations.state.talking import NOON, forget_keys, require_one_truth, say


async def test_every_message_of_a_crowd_is_answered_by_whom_it_woke(
    make_service: Callable[[], Conversations], conversation: ConversationId, redis: Redis
) -> None:
    """Workers look only when a message wakes them, as in life: one that is turned away is not forgotten."""

    async def speak_and_wake(number: int) -> None:
        service = make_service()
        await say(service, conversation, f"m{number}")
        if number % 7 == 0:
            await forget_keys(redis, conversation)
        while turn := await service.take_turn(conversation=conversation, at=NOON):
            reply = ReplyGiven(turn=turn.number, text=turn.said)
            with suppress(Fenced):
                await service.commit_turn(turn=turn, events=(reply,), at=NOON)

    await asyncio.gather(*(speak_and_wake(number) for number in range(40)))

    state = await require_one_truth(make_service(), conversation)
    assert state.transcript.waiting == ()
    events = [line.event for line in await make_service().list_events(conversation=conversation)]
    replies = [event.text for event in events if isinstance(event, ReplyGiven)]
    assert "\n".join(replies).split("\n") == [
        event.cid for event in events if isinstance(event, ShopperSpoke)
    ]
    assert len(events) == 1 + 40 + 2 * len(replies)
