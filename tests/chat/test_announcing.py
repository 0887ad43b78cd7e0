"""What a hint brings along, and what is left for the socket to read in the journal."""

import asyncio
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest
from channels.layers import BaseChannelLayer
from django.conf import settings
from redis.asyncio import Redis
from typing_extensions import override

from commerce_agent.announcing import SealedLayer, announce_all_through, announce_through
from commerce_agent.chat import hints
from commerce_agent.chat.hints import Hint, Hints, tell
from conversations.events import Recorded
from conversations.events.messages import ReplyGiven, ShopperSpoke, TurnStarted
from conversations.ids import ClientMessageId, ConversationId
from tests.conversations.state.talking import NOON

TALK = ConversationId("0197f3f2-0000-7000-8000-000000000001")
OTHER = ConversationId("0197f3f2-0000-7000-8000-000000000002")
WORDS = "a present for my secret love"
SPOKE = Recorded(seq=2, frame=1, at=NOON, turn=0, event=ShopperSpoke(cid=ClientMessageId("m1"), text=WORDS))


class Heard(BaseChannelLayer):
    """A layer that remembers what was sent."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[dict[str, Any]] = []

    @override
    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        self.sent.append(message)


@pytest.mark.parametrize(
    ("event", "is_carried"),
    [
        (TurnStarted(turn=1, cids=(ClientMessageId("m1"),)), False),
        (ReplyGiven(turn=1, text="These."), True),
    ],
)
async def test_a_start_is_hinted_at_and_not_brought_along(
    event: TurnStarted | ReplyGiven, is_carried: bool
) -> None:
    layer = Heard()
    recorded = Recorded(seq=3, frame=2, at=NOON, turn=1, event=event)

    await announce_through(layer)(TALK, (recorded,))

    (hint,) = layer.sent
    assert (hint["type"], hint["head"]) == ("conversation.frame", 2)
    assert ("frames" in hint) is is_carried


def make_layer() -> SealedLayer:
    return SealedLayer(hosts=[settings.REDIS_URL], prefix=f"{settings.REDIS_PREFIX}:sealed")


class Listening:
    """A socket of one conversation, which remembers what it hears."""

    def __init__(self, layer: SealedLayer, conversation: ConversationId, *, is_waiting: bool = False) -> None:
        self.heard: asyncio.Queue[Hint | None] = asyncio.Queue()
        self._hints = Hints(
            layer=layer, conversation=conversation, hear=self.heard.put, is_waiting=lambda: is_waiting
        )

    async def __aenter__(self) -> "Listening":
        self._hints.open()
        # It hears now, and looks for the first time.
        assert await self.hear() is None
        return self

    async def hear(self) -> Hint | None:
        async with asyncio.timeout(30):
            return await self.heard.get()

    async def __aexit__(self, *_: object) -> None:
        await self._hints.close()


async def test_what_redis_passes_on_says_nothing_and_opens_for_its_own_conversation_only(
    redis: Redis,
) -> None:
    layer, passed = make_layer(), []
    async with redis.pubsub() as pubsub, Listening(layer, TALK) as here, Listening(layer, OTHER) as elsewhere:
        await pubsub.psubscribe(f"{settings.REDIS_PREFIX}:sealed*")
        await pubsub.get_message(timeout=30)

        await announce_through(layer)(TALK, (SPOKE,))
        await announce_all_through(layer, get_redis=lambda: redis)(((TALK, (SPOKE,)),))
        heard = [await here.hear() for _ in range(2)]
        while len(passed) < 2:
            message = await pubsub.get_message(timeout=30)
            assert message is not None
            passed.append(message)
        channel = passed[0]["channel"].replace(UUID(TALK).hex.encode(), UUID(OTHER).hex.encode())
        await redis.publish(channel, passed[0]["data"])
        await redis.publish(channel, b"\0" * 64)
        stray = [await elsewhere.hear() for _ in range(2)]

    for hint in heard:
        assert hint is not None
        assert (hint["head"], WORDS.encode() in hint["frames"]) == (1, True)
    assert not any(WORDS.encode() in message["data"] for message in passed)
    assert stray == [None, None]
    await layer.flush()


async def test_words_that_pass_all_the_time_do_not_keep_the_journal_unread(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hints, "WAITING_SECONDS", 0.2)
    layer = make_layer()
    word = {"type": "conversation.ephemeral", "frame": {"t": "delta", "turn": 1, "off": 0, "text": "So far."}}
    looked, until = 0, asyncio.get_running_loop().time() + 10
    async with Listening(layer, TALK, is_waiting=True) as here:
        while looked < 2:
            assert asyncio.get_running_loop().time() < until, f"looked {looked} times"
            await tell(layer, conversation=TALK, hint=word)
            # The next word comes as soon as this one was heard: there is no quiet moment.
            while (heard := await here.hear()) is None:
                looked += 1
            assert heard["frame"] == word["frame"]

    await layer.flush()


async def test_a_hint_under_a_key_that_is_not_known_yet_is_a_reason_to_look(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = make_layer()
    monkeypatch.setattr(settings, "KEY_ENCRYPTION_KEYS", {**settings.KEY_ENCRYPTION_KEYS, 3: b"n" * 32})
    new = make_layer()
    async with Listening(old, TALK) as behind, Listening(new, TALK) as ahead:
        await announce_through(new)(TALK, (SPOKE,))
        assert (await behind.hear(), bool(await ahead.hear())) == (None, True)
        await announce_through(old)(TALK, (SPOKE,))
        assert (bool(await behind.hear()), bool(await ahead.hear())) == (True, True)
    for layer in (old, new):
        with suppress(RuntimeError):
            await layer.flush()
