"""Whatever two workers, a shopper, the shop and Redis do in whatever order: nothing is lost, nothing doubled."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from conversations.events.messages import ReplyGiven, ShopperSpoke, TurnStarted
from conversations.ids import ClientMessageId, ConversationId, MerchantId
from conversations.models import Conversation
from conversations.service import Conversations, Fenced, Turn
from conversations.store.projection import RedisDoor
from tests.conversations.state.talking import (
    NOON,
    after,
    forget_keys,
    make_notice,
    require_one_truth,
    say,
)

WORKERS = (0, 1)
DEEDS = (
    *[("say", 0)] * 3,
    ("say again", 0),
    ("arrive", 0),
    *[("take", worker) for worker in WORKERS] * 3,
    *[("commit", worker) for worker in WORKERS] * 3,
    *[("commit again", worker) for worker in WORKERS],
    *[("drop", worker) for worker in WORKERS],
    *[("die", worker) for worker in WORKERS],
    *[("fail", worker) for worker in WORKERS],
    ("flush", 0),
    ("shut", 0),
    ("open", 0),
)


class Play:
    """Does the deeds and remembers what must have come of them."""

    def __init__(
        self,
        *,
        services: tuple[Conversations, ...],
        conversation: ConversationId,
        door: RedisDoor,
        redis: Redis,
    ) -> None:
        self.services = services
        self.conversation = conversation
        self.door = door
        self.redis = redis
        self.held: dict[int, Turn] = {}
        self.spent: list[Turn] = []
        self.newest_fence = -1
        self.spoken: list[tuple[str, datetime]] = []
        self.answered: list[str] = []

    async def do(self, deed: str, worker: int) -> None:
        held = self.held.pop(worker, None) if deed in ("commit", "drop", "die", "fail") else None
        match deed:
            case "take":
                await self.take(worker)
            case "commit" if held:
                await self.commit(worker, held)
            case "commit again" if self.spent:
                await self.commit_spent(worker)
            case "drop" if held:
                await self.services[worker].drop_turn(turn=held)
            case "die" if held:
                await self.run_out()
            case "fail" if held:
                await self.fail(worker, held)
            case _:
                await self.do_around(deed)

    async def do_around(self, deed: str) -> None:
        """What the shopper, the shop and Redis do."""
        match deed:
            case "say":
                cid, at = f"m{len(self.spoken) + 1}", after(len(self.spoken))
                assert not (await say(self.services[0], self.conversation, cid, at=at)).duplicate
                self.spoken.append((cid, at))
            case "say again" if self.spoken:
                cid, _ = self.spoken[len(self.spoken) // 2]
                assert (await say(self.services[1], self.conversation, "again", cid=cid)).duplicate
            case "arrive":
                await self.services[1].record_arrivals(
                    conversation=self.conversation, events=(make_notice(),), at=NOON
                )
            case "flush":
                await forget_keys(self.redis, self.conversation)
            case "shut":
                self.door.shut()
            case "open":
                self.door.open()

    async def run_out(self) -> None:
        """Time passes: leases that nobody renews run out."""
        await self.redis.delete(self.services[0]._leases._key(self.conversation))
        await Conversation.objects.filter(id=self.conversation).aupdate(lease_until=None)

    async def take(self, worker: int) -> None:
        turn = await self.services[worker].take_turn(conversation=self.conversation, at=NOON)
        if turn is None:
            return
        assert turn.fence > self.newest_fence
        self.newest_fence = turn.fence
        if worker in self.held:
            self.spent.append(self.held[worker])
        self.held[worker] = turn
        waiting = [cid for cid, _ in self.spoken if cid not in self.answered]
        assert list(turn.cids) == waiting[: len(turn.cids)]
        assert turn.said.split("\n") == list(turn.cids)

    async def commit(self, worker: int, turn: Turn) -> None:
        reply = ReplyGiven(turn=turn.number, text=" ".join(turn.cids))
        try:
            await self.services[worker].commit_turn(turn=turn, events=(reply,), at=NOON)
        except Fenced:
            assert turn.fence < self.newest_fence
        else:
            assert turn.fence == self.newest_fence
            self.answered += turn.cids
            self.newest_fence += 1
        self.spent.append(turn)

    async def commit_spent(self, worker: int) -> None:
        turn = self.spent[-1]
        reply = ReplyGiven(turn=turn.number, text="once more")
        try:
            await self.services[worker].commit_turn(turn=turn, events=(reply,), at=NOON)
        except Fenced:
            return
        raise AssertionError("a token that was spent was good for a commit")

    async def fail(self, worker: int, turn: Turn) -> None:
        """The turn has written something of its own, and its worker is gone before the reply."""
        try:
            await self.services[worker].commit_turn(turn=turn, events=(make_notice("half"),), at=NOON)
        except Fenced:
            assert turn.fence < self.newest_fence

    async def require_laws(self) -> None:
        state = await require_one_truth(self.services[0], self.conversation)
        waiting = [(cid, at) for cid, at in self.spoken if cid not in self.answered]
        assert [(message.cid, message.at) for message in state.transcript.waiting] == waiting
        row = await Conversation.objects.aget(id=self.conversation)
        assert row.waiting_since == (waiting[0][1] if waiting else None)
        assert (row.version, row.frames, row.turns) == (state.version, state.frames, state.transcript.turns)

    async def finish(self) -> None:
        """Once everything is well again, what waits is answered, once and in order."""
        self.door.open()
        await self.run_out()
        self.held.clear()
        while True:
            await self.take(0)
            if 0 not in self.held:
                break
            await self.commit(0, self.held.pop(0))
        await self.require_laws()
        events = [line.event for line in await self.services[0].list_events(conversation=self.conversation)]
        said = [cid for cid, _ in self.spoken]
        assert [event.cid for event in events if isinstance(event, ShopperSpoke)] == said
        started = [event for event in events if isinstance(event, TurnStarted)]
        assert [event.turn for event in started] == list(range(1, len(started) + 1))
        assert [cid for event in started for cid in event.cids] == said
        replies = [event for event in events if isinstance(event, ReplyGiven)]
        assert [(reply.turn, reply.text) for reply in replies] == [
            (event.turn, " ".join(map(ClientMessageId, event.cids))) for event in started
        ]


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(deeds=st.lists(st.sampled_from(DEEDS), max_size=25))
async def test_nothing_is_lost_and_nothing_doubled(
    make_service: Callable[[], Conversations], door: RedisDoor, redis: Redis, deeds: list[tuple[str, int]]
) -> None:
    door.open()
    services = (make_service(), make_service())
    conversation = await services[0].open_conversation(merchant=MerchantId(str(uuid4())), at=NOON)
    play = Play(services=services, conversation=conversation, door=door, redis=redis)

    for deed, worker in deeds:
        await play.do(deed, worker)
        await play.require_laws()

    await play.finish()


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
