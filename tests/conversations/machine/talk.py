"""Two workers, a shopper, the shop and Redis in whatever order, with crashes between any two steps."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any
from uuid import uuid4

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from redis.asyncio import Redis

from conversations.ids import ClientMessageId, ConversationId, MerchantId
from conversations.service import Conversations, Fenced, MovedOn, Turn
from conversations.state import ConversationState
from tests.boxes import make_boxes
from tests.conversations.machine.deciding import decide, list_rows
from tests.conversations.machine.laws import Broken, Row, Seen, require, require_decisions, require_laws
from tests.conversations.machine.wires import Lost
from tests.conversations.machine.workers import (
    MakeBoxes,
    MakeService,
    Shelf,
    Worker,
    start_worker,
)
from tests.conversations.state.talking import NOON, after, make_notice
from tests.owning import connect_as_owner

LEASE_SECONDS = 60
"""Whoever stopped renewing has lost the turn by then, wherever its lease was kept."""
WORKERS = st.sampled_from([0, 1])
STEPS = st.integers(min_value=1, max_value=9)
LOST: st.SearchStrategy[Lost] = st.sampled_from(["request", "answer"])


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """Where the machine runs, and which bug is planted: the pieces are those of the product unless told otherwise."""

    database_url: str
    redis_url: str
    make_service: MakeService = Conversations
    seal_with: MakeBoxes = make_boxes
    plant: tuple[str, ...] = ()
    """Statements that break the database for one merchant; `{merchant}` is its id."""
    broken: list[Broken] = []
    """Every law that was found broken."""


class Talk(RuleBasedStateMachine):
    """One conversation and all that may happen to it."""

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        self.setting = setting
        self.runner = asyncio.Runner()
        self.merchant = MerchantId(str(uuid4()))
        self.seen = Seen()
        self.left: list[Turn] = []
        """Turns that their holders left: committed, given back, replaced or dead."""
        self.spent: set[int] = set()
        """Tokens by which a reply was given."""
        self.workers: list[Worker] = []
        self.started: list[Worker] = []
        self.redis: Redis | None = None
        self.count = 0

    def run(self, deed: Awaitable[Any]) -> Any:
        async def do() -> Any:
            return await deed

        try:
            return self.runner.run(do())
        except Broken as broken:
            self.setting.broken.append(broken)
            raise

    @initialize()
    def open(self) -> None:
        self._tell_database(*self.setting.plant)
        self.run(self._open())

    async def _open(self) -> None:
        self.redis = redis = Redis.from_url(self.setting.redis_url)
        self.witness = await self._start()
        card = await self.witness.service.shoppers.record(merchant=self.merchant, key="c-1", at=NOON)
        talks = [
            await self.witness.service.open_conversation(merchant=self.merchant, shopper=card.id, at=NOON)
            for _ in range(2)
        ]
        self.conversation = talks[0]
        self.shelf, self.other = (Shelf(redis=redis, conversation=talk) for talk in talks)
        # The shopper's other conversation, of the same length once this one has had its first turn.
        await self._have_answered(talks[1], "of another talk")
        self.workers = [await self._start() for _ in range(2)]

    async def _start(self) -> Worker:
        started = await start_worker(
            database_url=self.setting.database_url,
            redis_url=self.setting.redis_url,
            make_service=self.setting.make_service,
            seal_with=self.setting.seal_with,
        )
        self.started.append(started)
        return started

    async def _have_answered(self, conversation: ConversationId, text: str) -> None:
        service = self.witness.service
        cid = ClientMessageId(uuid4().hex)
        await service.record_message(conversation=conversation, cid=cid, text=text, at=NOON)
        turn = await service.take_turn(conversation=conversation, at=NOON)
        assert turn is not None
        await service.commit_turn(turn=turn, events=decide(turn, text), at=NOON)

    def _tell_database(self, *statements: str) -> None:
        with connect_as_owner(self.setting.database_url) as connection:
            for statement in statements:
                connection.execute(statement.format(merchant=self.merchant))  # type: ignore[arg-type]

    @rule(worker=WORKERS)
    def say(self, worker: int) -> None:
        self.run(self._say(self.workers[worker].service))

    async def _say(self, service: Conversations) -> None:
        cid = self._mint()
        arrival = await self._record(service, cid)
        require("a new message is new", holds=not arrival.duplicate)
        self.seen.acknowledged.append(cid)

    def _mint(self) -> ClientMessageId:
        self.count += 1
        return ClientMessageId(f"m{self.count}")

    async def _record(self, service: Conversations, cid: ClientMessageId) -> Any:
        return await service.record_message(
            conversation=self.conversation,
            cid=cid,
            text=f"say {cid}",
            at=after(self.count),
            answering=self.count % 3 > 0,
        )

    @precondition(lambda self: self.seen.acknowledged)
    @rule(worker=WORKERS, place=st.integers(min_value=0))
    def say_again(self, worker: int, place: int) -> None:
        cid = ClientMessageId(self.seen.acknowledged[place % len(self.seen.acknowledged)])
        self.run(self._say_again(self.workers[worker].service, cid))

    async def _say_again(self, service: Conversations, cid: ClientMessageId) -> None:
        arrival = await self._record(service, cid)
        require("the same message again changes nothing", holds=arrival.duplicate, seen=cid)

    @rule()
    def say_at_once(self) -> None:
        self.run(self._say_at_once())

    async def _say_at_once(self) -> None:
        cid = self._mint()
        arrivals = await asyncio.gather(
            *(self._record(self.workers[worker].service, cid) for worker in (0, 1, 0))
        )
        fresh = [arrival for arrival in arrivals if not arrival.duplicate]
        places = {arrival.seq for arrival in arrivals}
        require("one of many at once is taken", holds=len(fresh) == len(places) == 1, seen=arrivals)
        self.seen.acknowledged.append(cid)

    @rule()
    def speak_at_once(self) -> None:
        """Two tabs say different things in the same moment."""
        self.run(self._speak_at_once())

    async def _speak_at_once(self) -> None:
        cids = [self._mint(), self._mint()]
        arrivals = await asyncio.gather(
            *(self._record(worker.service, cid) for worker, cid in zip(self.workers, cids, strict=True))
        )
        placed = sorted(zip(arrivals, cids, strict=True), key=lambda each: each[0].seq)
        self.seen.acknowledged += [cid for _, cid in placed]

    @rule(worker=WORKERS)
    def arrive(self, worker: int) -> None:
        service = self.workers[worker].service
        self.run(service.record_arrivals(conversation=self.conversation, events=(make_notice(),), at=NOON))

    @rule()
    def act_at_once(self) -> None:
        """Two who decided on the same version: one acts."""
        self.run(self._act_at_once())

    async def _act_at_once(self) -> None:
        version = (await self.witness.service.load(conversation=self.conversation)).version
        outcomes = await asyncio.gather(
            *(
                worker.service.record_arrivals(
                    conversation=self.conversation,
                    events=(make_notice("act"),),
                    at=NOON,
                    expected_version=version,
                )
                for worker in self.workers
            ),
            return_exceptions=True,
        )
        refused = [outcome for outcome in outcomes if isinstance(outcome, MovedOn)]
        require("one of two who saw the same acts", holds=len(refused) == 1, seen=outcomes)

    @rule(worker=WORKERS, over=st.booleans())
    def take(self, worker: int, over: bool) -> None:
        """A worker takes the turn; or takes it over from one that stopped renewing."""
        if over:
            self.run(self._let_leases_run_out())
        self.run(self._take(self.workers[worker]))

    async def _take(self, worker: Worker) -> None:
        turn = await worker.service.take_turn(conversation=self.conversation, at=NOON)
        if turn is None:
            return
        if worker.held is not None:
            self.left.append(worker.held)
        worker.held = turn
        said = [f"say {cid}" for cid in turn.cids]
        require("a turn says what it took", holds=turn.said.split("\n") == said, seen=turn.said)
        events = await self.witness.service.list_events(conversation=self.conversation)
        started_at = turn.state.version
        # A turn that was begun with its message began then; news may have come since, as during any turn.
        later = events[started_at:]
        known = await self.witness.service.rebuild(conversation=self.conversation, up_to=started_at)
        require(
            "a turn knows the state of its version",
            holds=turn.state == known and not any(recorded.turn for recorded in later),
            seen=(started_at, len(events)),
        )

    @precondition(lambda self: any(worker.held for worker in self.workers))
    @rule(worker=WORKERS, again=st.booleans())
    def commit(self, worker: int, again: bool) -> None:
        """A worker ends its turn; and tries once more, as after a lost connection."""
        held, self.workers[worker].held = self.workers[worker].held, None
        if held is not None:
            self.run(self._commit(self.workers[worker], held))
            if again:
                self.run(self._commit_late(self.workers[worker], held))

    async def _commit(self, worker: Worker, turn: Turn) -> None:
        events = (make_notice("found"), *decide(turn, f"of token {turn.fence}"))
        self.left.append(turn)
        with suppress(Fenced):
            await worker.service.commit_turn(turn=turn, events=events, at=NOON)
            self.spent.add(turn.fence)

    @precondition(lambda self: self.left)
    @rule(worker=WORKERS, place=st.integers(min_value=0))
    def commit_late(self, worker: int, place: int) -> None:
        """A holder that was paused for long comes back, or tries again after a lost connection."""
        turn = self.left[place % len(self.left)]
        self.run(self._commit_late(self.workers[worker], turn))

    async def _commit_late(self, worker: Worker, turn: Turn) -> None:
        """Where nobody took over it may still be in time; the laws see to it that it is the only reply."""
        events = (make_notice("found"), *decide(turn, "late"))
        with suppress(Fenced):
            await worker.service.commit_turn(turn=turn, events=events, at=NOON)
            require("a reply spends its token", holds=turn.fence not in self.spent, seen=turn.fence)
            self.spent.add(turn.fence)

    @precondition(lambda self: any(worker.held for worker in self.workers))
    @rule(worker=WORKERS)
    def let_go(self, worker: int) -> None:
        held, self.workers[worker].held = self.workers[worker].held, None
        if held is not None:
            self.left.append(held)
            self.run(self.workers[worker].service.drop_turn(turn=held))

    @rule(
        worker=WORKERS,
        step=STEPS,
        lost=LOST,
        what=st.sampled_from(["say", "take", "commit", "arrive", "load"]),
    )
    def crash(self, worker: int, step: int, lost: Lost, what: str) -> None:
        """The worker dies between two steps of what it does; another takes its place."""
        self.run(self._crash(worker, step=step, lost=lost, what=what))

    async def _crash(self, place: int, *, step: int, lost: Lost, what: str) -> None:
        worker, cid = self.workers[place], self._mint()
        await worker.crash_in(self._get_deed(worker, what, cid), step=step, lost=lost)
        if worker.held is not None:
            self.left.append(worker.held)
        self.workers[place] = await self._start()
        if what == "say":
            # The shopper was told nothing, and sends it again.
            await self._record(self.witness.service, cid)
            self.seen.acknowledged.append(cid)

    def _get_deed(self, worker: Worker, what: str, cid: ClientMessageId) -> Callable[[], Awaitable[object]]:
        service = worker.service

        async def commit() -> None:
            held = worker.held or await service.take_turn(conversation=self.conversation, at=NOON)
            if held is not None:
                events = (make_notice("found"), *decide(held, "of the dead"))
                await service.commit_turn(turn=held, events=events, at=NOON)

        deeds: dict[str, Callable[[], Awaitable[object]]] = {
            "say": lambda: self._record(service, cid),
            "take": lambda: service.take_turn(conversation=self.conversation, at=NOON),
            "arrive": lambda: service.record_arrivals(
                conversation=self.conversation, events=(make_notice(), make_notice()), at=NOON
            ),
            "load": lambda: service.load(conversation=self.conversation),
            "commit": commit,
        }
        return deeds[what]

    @rule()
    def let_leases_run_out(self) -> None:
        self.run(self._let_leases_run_out())

    async def _let_leases_run_out(self) -> None:
        await self.shelf.age(seconds=LEASE_SECONDS)
        self._tell_database(
            "UPDATE conversations_conversation SET lease_until = now() - interval '1 second'"
            " WHERE merchant_id = '{merchant}' AND lease_until IS NOT NULL"
        )

    @rule()
    def flush(self) -> None:
        self.run(self.shelf.flush())

    @rule()
    def replicate(self) -> None:
        self.run(self.shelf.keep())

    @rule()
    def fail_over(self) -> None:
        """A replica of Redis that had not heard the latest takes over."""
        self.run(self.shelf.put_back())

    @rule()
    def mix_up(self) -> None:
        """Redis answers with what belongs to another conversation of the same shopper."""
        self.run(self.shelf.take_over(self.other, longer_than=LEASE_SECONDS))

    @rule(worker=WORKERS, apart=st.booleans())
    def part(self, worker: int, apart: bool) -> None:
        """The way between a worker and Redis is cut, or joined again."""
        self.workers[worker].wires.set_apart(apart=apart)

    @invariant()
    def laws_hold(self) -> None:
        if self.workers:
            self.run(self._require_laws())

    async def _require_laws(self) -> None:
        state = await self._require_own_laws()
        for worker in self.workers:
            loaded = await worker.service.load(conversation=self.conversation)
            require(
                "every worker knows the same", holds=loaded == state, seen=(loaded.version, state.version)
            )

    async def _require_own_laws(self) -> ConversationState:
        state = await require_laws(self.witness.service, self.conversation, seen=self.seen)
        require_decisions(self.seen.events, rows=self._list_rows())
        return state

    def _list_rows(self) -> tuple[Row, ...]:
        return list_rows(self.setting.database_url, conversation=self.conversation)

    def teardown(self) -> None:
        try:
            if self.workers:
                self.run(self._finish())
        finally:
            self.runner.run(self._close())
            self.runner.close()

    async def _finish(self) -> None:
        """Once all is well again, what waits is answered, once and in order."""
        await self._let_leases_run_out()
        while True:
            turn = await self.witness.service.take_turn(conversation=self.conversation, at=NOON)
            if turn is None:
                break
            events = decide(turn, "in the end")
            await self.witness.service.commit_turn(turn=turn, events=events, at=NOON)
        state = await self._require_own_laws()
        require("nothing waits in the end", holds=state.transcript.waiting == ())

    async def _close(self) -> None:
        for worker in self.started:
            await worker.bury()
        if self.redis is not None:
            await self.redis.aclose()
