"""Runs turns. A turn belongs to its conversation: no socket owns it, any worker may take it."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Literal

import msgspec
import structlog
from psycopg import AsyncConnection, DataError, IntegrityError
from psycopg_pool import AsyncConnectionPool

from catalog.clock import Clock
from catalog.connectors import Connectors
from commerce_agent.agent.answering import answer
from commerce_agent.agent.builtin import planner as builtin
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.builtin.talk import is_for_person, is_left_alone
from commerce_agent.agent.builtin.whys import is_for_record
from commerce_agent.agent.closing import (
    Spoke,
    record_health,
    record_no_decision,
    record_reply,
    word_stop,
)
from commerce_agent.agent.looking_again import LaterLooks
from commerce_agent.agent.memory.remembering import Remembering
from commerce_agent.agent.phrases import find_book
from commerce_agent.agent.shop.settings import AgentSettings
from commerce_agent.agent.shop.words import ShopWordsKeeper
from commerce_agent.agent.shops import Shops, acting_for_shopper_of
from commerce_agent.agent.speaking import Attempt, Models, PlannerFailed
from commerce_agent.agent.spending.payers import AnonymousPayers
from commerce_agent.agent.summaries.built_in import find_due
from commerce_agent.agent.summaries.writing import Wake
from commerce_agent.agent.voice import Voice
from commerce_agent.ending import end, is_ending
from commerce_agent.isolation.acting import acting_for
from commerce_agent.observing import names
from commerce_agent.observing.watching import Began, TurnWatch, begin, watch_conflicts, watch_turn
from commerce_agent.tools.trail import Trail, list_dropped
from conversations.events import Event
from conversations.ids import MerchantId
from conversations.metrics import CONFLICTS, CONVERSATION
from conversations.service import (
    ConversationId,
    Conversations,
    Fenced,
    KeyDestroyed,
    NoSuchConversation,
    Overtaken,
    Turn,
    UnknownSchema,
    UnreadableEvent,
)
from conversations.state import ConversationState

TURN_SECONDS = 45.0
"""A turn that takes longer is closed with an apology; the shopper can ask again."""
RENEW_SECONDS = 3.0
ENDING_SECONDS = 1.0
"""What a turn that is given up may take to let go of what it was at."""
STOPPED = "it was stopped"
NO_KEY = "no key is set"
"""Why the built-in planner speaks where no other can."""
UNSTORABLE = (DataError, IntegrityError, UnreadableEvent, UnicodeEncodeError)
"""What a commit fails with where it is the turn's events that cannot be stored, however often they are tried."""
MOST_OVERTAKEN = 3
"""A turn that the cart overtook so often is left to whoever comes next."""

PublishTo = Callable[[ConversationId, dict[str, object]], Awaitable[None]]

Recheck = Callable[[ConversationId, ConversationState, tuple[Event, ...]], Awaitable[None]]
"""Looks once more at items that a turn has just read; takes the state before it, and its events."""

log = structlog.get_logger(__name__)


class Ran(msgspec.Struct, frozen=True, kw_only=True):
    """A turn that was run, and what of its time went into the state: taking it, loading, committing."""

    state_ms: float
    total_ms: float


class Turns:
    """The turns of one process."""

    def __init__(
        self,
        *,
        conversations: Conversations,
        pool: AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]],
        connectors: Connectors,
        words: ShopWordsKeeper,
        clock: Clock,
        publish: PublishTo,
        models: Models,
    ) -> None:
        self._conversations = conversations
        self._words = words
        self._clock = clock
        self._publish = publish
        self._models = models
        self.remembering = Remembering(conversations=conversations, settings=models.settings)
        self.shops = Shops(
            conversations=conversations, pool=pool, connectors=connectors, remembering=self.remembering
        )
        self.recheck: Recheck | None = None
        self.compress: Wake | None = None
        self._running: dict[ConversationId, asyncio.Task[None]] = {}
        self._again: set[ConversationId] = set()
        self._later = LaterLooks(kick=self.kick)
        self._answering: dict[ConversationId, tuple[int, asyncio.Task[None]]] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._closing = False

    def kick(self, conversation: ConversationId) -> None:
        """Starts the conversation's turn, or has the running one followed by another. Returns at once."""
        if conversation in self._running:
            self._again.add(conversation)
            return
        if not self._closing:
            self._running[conversation] = asyncio.create_task(self._run_kicked(conversation))

    def stop(self, conversation: ConversationId, *, turn: int | None = None) -> bool:
        """Asks the turn that runs here to end, if it is this one; what was said so far stays. False where none does."""
        number, answering = self._answering.get(conversation, (0, None))
        if answering is None or turn not in (None, number):
            return False
        self._end_later(answering)
        return True

    def _end_later(self, answering: asyncio.Task[None]) -> asyncio.Task[None]:
        """Cancels an answer until it is over, while others go on."""
        ending = asyncio.create_task(end(answering))
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)
        return ending

    async def close(self) -> None:
        """Takes no new turns and waits for those in flight, within their deadline."""
        self._closing = True
        running = tuple(self._running.values())
        if running:
            await asyncio.wait(running, timeout=TURN_SECONDS)

    async def _run_kicked(self, conversation: ConversationId) -> None:
        """Runs turns until nothing waits. A kick between the last look and the end is seen: nothing awaits there."""
        try:
            while True:
                self._again.discard(conversation)
                done = await self._run_logged(conversation)
                if conversation not in self._again:
                    if done or self._closing:
                        self._later.forget(conversation)
                    else:
                        self._later.look(conversation)
                    return
        finally:
            self._running.pop(conversation, None)
            self._again.discard(conversation)

    async def _run_logged(self, conversation: ConversationId) -> bool:
        """Answers what waits; False where something still does, for another holds it or the turn crashed."""
        try:
            return bool(await self.run_all(conversation)) or not await self._conversations.is_waiting(
                conversation=conversation
            )
        except (NoSuchConversation, KeyDestroyed):
            log.warning("turn.of_nothing", conversation=conversation)
            return True
        except Exception:
            log.exception("turn.crashed", conversation=conversation)
            return False

    async def run_all(self, conversation: ConversationId) -> int:
        """Answers until nothing waits or another holder is at it; says how many turns that took."""
        turns = 0
        while await self.run(conversation) is not None:
            turns += 1
        return turns

    async def run(self, conversation: ConversationId) -> Ran | None:
        """Answers what waits, once. None when nothing waited or another holder is at it."""
        with watch_conflicts() as conflicts:
            for _ in range(MOST_OVERTAKEN):
                try:
                    return await self._run_once(conversation)
                except Overtaken:
                    conflicts.note()
                    log.info("turn.overtaken", conversation=conversation)
        return None

    async def _run_once(self, conversation: ConversationId) -> Ran | None:
        began = begin()
        turn = await self._conversations.take_turn(conversation=conversation, at=self._clock())
        if turn is None:
            return None
        with acting_for(turn.merchant):
            return await self._run_taken(turn, began=began)

    async def _run_taken(self, turn: Turn, *, began: Began) -> Ran | None:
        conversation = turn.conversation
        with watch_turn(began, turn=turn) as watch:
            watch.count_wait(turn, at=self._clock())
            closed = await self._close(turn, watch=watch)
            if closed is None:
                return None
            events, state = closed
            watch.count(events, at=self._clock())
        await self._look_again(turn, events)
        if state is not None:
            with acting_for_shopper_of(conversation, state=state, customer=None):
                await self.remembering.learn(conversation, state=state, events=events, at=self._clock())
            if self.compress is not None and find_due(state):
                await self.compress(conversation)
        return Ran(state_ms=watch.state_seconds * 1000, total_ms=watch.total_seconds * 1000)

    async def _close(
        self, turn: Turn, *, watch: TurnWatch
    ) -> tuple[tuple[Event, ...], ConversationState | None] | None:
        """Answers and commits; None where a later holder took over."""
        renewing, attempt = asyncio.create_task(self._renew(turn)), Attempt()
        try:
            events = await self._answer_in_time(turn, watch=watch, attempt=attempt)
            try:
                state = await self._commit(turn, events=events, watch=watch)
            except (KeyDestroyed, UnknownSchema):
                # Of the second a process of the newer release takes the turn.
                raise
            except UNSTORABLE as error:
                # Whoever took it next would come to the same: it ends here, under the token that is still good.
                log.exception("turn.not_storable", conversation=turn.conversation, turn=turn.number)
                why = f"it could not be kept: {type(error).__name__}"
                events = self._give_up(turn, spoke=attempt.close_without_words(reason=why))
                state = await self._commit(turn, events=events, watch=watch)
        except Overtaken:
            raise
        except Fenced:
            log.warning("turn.fenced", conversation=turn.conversation, turn=turn.number)
            CONFLICTS.labels(CONVERSATION, "given_up").inc()
            return None
        except BaseException:
            await self._conversations.drop_turn(turn=turn)
            raise
        finally:
            await end(renewing)
        return events, state

    async def _commit(
        self, turn: Turn, *, events: tuple[Event, ...], watch: TurnWatch
    ) -> ConversationState | None:
        with watch.committing(before=turn.state.version) as current:
            state = await self._conversations.commit_turn(turn=turn, events=events, at=self._clock())
            if state is not None:
                current.set_attribute(names.VERSION_AFTER, state.version)
        return state

    async def _look_again(self, turn: Turn, events: tuple[Event, ...]) -> None:
        """The turn is committed: what goes wrong here must not look like a turn that failed."""
        if self.recheck is None:
            return
        try:
            await self.recheck(turn.conversation, turn.state, events)
        except Exception:
            log.exception("turn.not_rechecked", conversation=turn.conversation)

    async def _renew(self, turn: Turn) -> None:
        while not is_ending():
            await asyncio.sleep(RENEW_SECONDS)
            try:
                await self._conversations.renew(turn=turn)
            except Exception:
                # Not renewed is no harm yet: the fence decides at the commit.
                log.exception("lease.not_renewed", conversation=turn.conversation)

    async def _answer_in_time(self, turn: Turn, *, watch: TurnWatch, attempt: Attempt) -> tuple[Event, ...]:
        """The events of the answer; of an honest ending when it failed, took too long or was stopped."""
        trail = Trail(state=turn.state, turn=turn.number, at=self._clock())
        publish = watch.hear(lambda frame: self._publish(turn.conversation, frame))
        voice = Voice(trail=trail, publish=publish)
        record_health(trail, without_redis=turn.without_redis)
        answering = asyncio.create_task(self._answer(turn, trail=trail, voice=voice, attempt=attempt))
        repeating = asyncio.create_task(voice.keep_repeating())
        self._answering[turn.conversation] = (turn.number, answering)
        try:
            async with asyncio.timeout(TURN_SECONDS):
                await asyncio.shield(answering)
        except asyncio.CancelledError:
            if not answering.cancelled():
                # Whoever takes the turn next must not find it still being answered.
                await end(answering)
                raise
            heard, spoke = word_stop(voice.text, trail=trail), attempt.close(planner="none", reason=STOPPED)
            return self._close_early(trail, turn=turn, text=heard, status="stopped", spoke=spoke)
        except Exception as error:
            ending = self._end_later(answering)
            log.exception("turn.failed", conversation=turn.conversation, turn=turn.number)
            # Of what broke only the kind: its text may quote anything.
            slow = isinstance(error, TimeoutError)
            reason = "it took too long" if slow else f"it broke: {type(error).__name__}"
            # What was called when it ended notes so as it is cancelled.
            await asyncio.wait((ending,), timeout=ENDING_SECONDS)
            spoke = attempt.close(planner="none", reason=reason)
            return self._close_early(trail, turn=turn, status="failed", spoke=spoke)
        finally:
            self._answering.pop(turn.conversation, None)
            await end(repeating)
            watch.tier = attempt.tier
        return trail.events

    def _close_early(
        self, left: Trail, *, turn: Turn, status: Literal["stopped", "failed"], spoke: Spoke, text: str = ""
    ) -> tuple[Event, ...]:
        """Nothing half-done is kept: only what the shopper heard, which tools were called in vain, and what it cost."""
        trail = Trail(state=turn.state, turn=turn.number, at=self._clock())
        trail.record(*list_dropped(left.events))
        decision = record_no_decision(trail, conversation=turn.conversation, spoke=spoke)
        if status == "failed":
            text = find_book(turn.state.transcript.locale).say("trouble", seed=turn.number)
        record_reply(trail, text=text, status=status, decision=decision)
        return trail.events

    def _give_up(self, turn: Turn, *, spoke: Spoke) -> tuple[Event, ...]:
        """The ending of a turn of which nothing may be kept, for any part of it may be what cannot be stored."""
        nothing = Trail(state=turn.state, turn=turn.number, at=self._clock())
        return self._close_early(nothing, turn=turn, status="failed", spoke=spoke)

    async def _answer(self, turn: Turn, *, trail: Trail, voice: Voice, attempt: Attempt) -> None:
        """Answers for this shopper alone: whatever it asks, the database knows no other of the shop's."""
        words = await self._words.get_words(merchant=turn.merchant, now=trail.at)
        card = await self.shops.find_card(turn.merchant, state=turn.state)
        customer = card.key if card else None
        settings = await self._models.settings.get_settings(merchant=turn.merchant)
        attempt.settings, attempt.tier = settings.version, settings.tier
        with acting_for_shopper_of(turn.conversation, state=turn.state, customer=customer):
            await answer(
                conversation=turn.conversation,
                trail=trail,
                voice=voice,
                words=words,
                shop=await self.shops.open_for(card, merchant=turn.merchant, state=turn.state, now=trail.at),
                speak=partial(self._speak, attempt=attempt),
                recall=lambda: self._conversations.recall(conversation=turn.conversation),
                settings=settings,
            )

    async def _speak(self, scene: Scene, *, attempt: Attempt) -> Spoke:
        """Has Claude answer where it can, else the built-in planner; says which and why."""
        models = self._models
        if models.claude is None:
            reason = NO_KEY
        elif not scene.settings.use_claude:
            reason = "the shop has chosen so"
        elif is_for_person(scene):
            reason = "a rule of the shop's calls a person"
        elif is_left_alone(scene):
            reason = "the shop leaves this topic alone"
        elif is_for_record(scene):
            reason = "why-questions are answered from the record"
        else:
            mark = scene.desk.trail.mark()
            try:
                await models.claude.answer(scene, door=models.door, attempt=attempt)
            except PlannerFailed as failure:
                log.warning("planner.failed", planner=models.claude.name, reason=failure.reason)
                scene.desk.trail.give_up_since(mark)
                scene.voice.start_again()
                reason = failure.reason
            else:
                return attempt.close(planner=models.claude.name, reason="a key is set")
        await builtin.answer(scene)
        if models.claude is not None and scene.voice.has_used("unclear"):
            # It matters to the shopper only here: Claude might have understood.
            await scene.say("plain_spoken")
        return attempt.close(planner="builtin", reason=reason)

    @property
    def payers(self) -> AnonymousPayers:
        """Where talks of nobody known come from, as it was kept whoever answered them."""
        return self._models.door.anonymous

    @property
    def anonymous(self) -> AnonymousPayers | None:
        """Where talks of nobody known come from, where there is a model that costs anything."""
        return self._models.door.anonymous if self._models.claude else None

    async def find_settings(self, *, merchant: MerchantId, version: int) -> AgentSettings | None:
        """The shop's settings as a decision names them."""
        return await self._models.settings.find_version(merchant=merchant, version=version)
