"""Runs the recorded turns of a conversation again. It reads; it never writes, announces or orders."""

from datetime import datetime
from typing import Literal

import msgspec

from catalog.connectors import Sources
from catalog.connectors.store_rows import Connections
from commerce_agent.agent.answering import answer
from commerce_agent.agent.builtin import planner as builtin
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.claude.planner import answer_again
from commerce_agent.agent.claude.recalled import HeardUnreadable, ModelNotAsked
from commerce_agent.agent.closing import Spoke, Used
from commerce_agent.agent.shop.settings import AgentSettings
from commerce_agent.agent.shop.words import ShopWordsKeeper
from commerce_agent.agent.speaking import PlannerFailed
from commerce_agent.agent.turns import NO_KEY, Turns
from commerce_agent.agent.understanding.understood import ShopWords
from commerce_agent.agent.voice import Voice
from commerce_agent.replaying.account import Plain, tell_account
from commerce_agent.tools.answers import AnswersUnreadable, NotAsked, RecalledShop, unpack_answers
from commerce_agent.tools.goods import Goods
from commerce_agent.tools.trail import Trail
from conversations.events import Event, Recorded
from conversations.events.decisions import Basis, Decision, DecisionMade
from conversations.events.messages import ReplyGiven, ServiceDegraded, ServiceRecovered, TurnStarted
from conversations.ids import ConversationId, MerchantId
from conversations.replay import Difference, compare
from conversations.state import ConversationState, fold, recall

FactsOf = Literal["then", "now"]
Outcome = Literal["same", "different", "not_replayed", "undecided"]
"""`undecided`: nothing was decided in it, or is yet, so there is nothing to run again."""


class TurnReplayed(msgspec.Struct, frozen=True, kw_only=True):
    """A turn that was run again, or why it was not."""

    turn: int
    said: str
    outcome: Outcome
    reason: str = ""
    """Why it was not run again, or could not be to its end."""
    differences: tuple[Difference, ...] = ()
    """What was decided or shown otherwise, by path: as recorded, and as it came out now."""
    events: tuple[Event, ...] = ()
    """What the turn would have recorded."""


class _Recording(msgspec.Struct, frozen=True, kw_only=True):
    """A turn as the journal has it, with all that is needed to run it again."""

    turn: int
    before: tuple[Recorded, ...]
    own: tuple[Event, ...]
    decision: Decision
    basis: Basis


class CannotReplay(Exception):
    """The turn cannot be run again; its state was folded all the same. The message says why."""


class Undecided(CannotReplay):
    """Nothing was decided in the turn: nobody misses what is not run again."""


class Rerun:
    """Runs the turns of one conversation again."""

    def __init__(
        self,
        *,
        conversation: ConversationId,
        events: tuple[Recorded, ...],
        turns: Turns,
        words: ShopWordsKeeper,
        sources: Sources,
        facts: FactsOf,
        now: datetime,
        connections: Connections | None = None,
    ) -> None:
        self._connections = connections
        self._conversation = conversation
        self._events = events
        self._turns = turns
        self._words = words
        self._sources = sources
        self._facts = facts
        self._now = now
        self._read: dict[str, ShopWords | None] = {}
        self._own: dict[int, list[Event]] = {}
        for recorded in events:
            self._own.setdefault(recorded.turn, []).append(recorded.event)
        self._folded = ConversationState()

    async def run(self) -> tuple[TurnReplayed, ...]:
        """Every turn in order, each from the state that the recorded one started from."""
        numbers = dict.fromkeys(e.event.turn for e in self._events if isinstance(e.event, TurnStarted))
        return tuple([await self._run_turn(number) for number in numbers])

    async def answer_turn(self, turn: int, *, said: str = "") -> tuple[Event, ...]:
        """What the turn would have recorded, had the shopper said something else where `said` is given.

        Raises `CannotReplay`, and `NotAsked` with the facts of then.
        """
        recording = self._get_recording(turn)
        # What a model would have said otherwise nobody knows: the built-in planner speaks.
        decision = msgspec.structs.replace(recording.decision, planner="builtin", planner_reason=NO_KEY)
        recording = msgspec.structs.replace(recording, decision=decision)
        state = fold(ConversationState(), recording.before)
        return (await self._answer_again(recording, state=_put_words(state, said) if said else state)).events

    def tell_turn(self, turn: int, events: tuple[Event, ...]) -> Plain:
        """Lays out what a turn recorded, or would have."""
        before = tuple(recorded.event for recorded in self._get_recording(turn).before)
        return tell_account(events, before=before, timed=False)

    async def _run_turn(self, turn: int) -> TurnReplayed:
        started = next(
            e.seq for e in self._events if isinstance(e.event, TurnStarted) and e.event.turn == turn
        )
        said = self._fold_up_to(started).transcript.said
        try:
            recording = self._get_recording(turn)
            state = self._fold_up_to(len(recording.before))
            trail = await self._answer_again(recording, state=state)
        except Undecided as reason:
            return TurnReplayed(turn=turn, said=said, outcome="undecided", reason=str(reason))
        except (CannotReplay, HeardUnreadable) as reason:
            return TurnReplayed(turn=turn, said=said, outcome="not_replayed", reason=str(reason))
        except (NotAsked, ModelNotAsked, PlannerFailed) as left:
            return TurnReplayed(turn=turn, said=said, outcome="different", reason=str(left))
        differences = self._compare(recording, trail.events)
        return TurnReplayed(
            turn=turn,
            said=said,
            outcome="different" if differences else "same",
            differences=differences,
            events=trail.events,
        )

    def _fold_up_to(self, seq: int) -> ConversationState:
        """The state at a seq. Turns are asked for in their order, so what was folded goes on being folded."""
        since = self._folded if self._folded.version <= seq else ConversationState()
        self._folded = fold(since, self._events[since.version : seq])
        return self._folded

    def _get_recording(self, turn: int) -> _Recording:
        own = tuple(event for event in self._own[turn] if not isinstance(event, TurnStarted))
        reply = next((event for event in own if isinstance(event, ReplyGiven)), None)
        made = next((event for event in own if isinstance(event, DecisionMade)), None)
        if reply is None:
            raise Undecided("it is not answered yet")
        if made is None or made.decision.planner == "none":
            raise Undecided(f"it was closed early ({reply.status}), nothing was decided")
        if made.basis is None:
            raise CannotReplay("it was made before answers of the shop were kept")
        if made.decision.planner != "builtin" and not made.basis.heard:
            raise CannotReplay(f"what {made.decision.planner} answered was not kept")
        before = self._events[: made.basis.since]
        return _Recording(turn=turn, before=before, own=own, decision=made.decision, basis=made.basis)

    async def _answer_again(self, recording: _Recording, *, state: ConversationState) -> Trail:
        shop = await self._open_shop(recording, state=state)
        words = await self._get_words(recording, merchant=state.transcript.merchant)
        trail = Trail(state=state, turn=recording.turn, at=shop.now)
        health = [e for e in recording.own if isinstance(e, ServiceDegraded | ServiceRecovered)]
        trail.record(*health)

        version = recording.decision.settings_version
        settings = await self._turns.find_settings(merchant=state.transcript.merchant, version=version)

        async def speak(scene: Scene) -> Spoke:
            return await _speak_again(scene, recording=recording)

        async def recall_before() -> ConversationState:
            return recall(recording.before)

        await answer(
            conversation=self._conversation,
            trail=trail,
            voice=Voice(trail=trail, publish=_hush),
            words=words,
            shop=shop,
            speak=speak,
            recall=recall_before,
            settings=settings or AgentSettings(),
        )
        return trail

    async def _open_shop(self, recording: _Recording, *, state: ConversationState) -> Goods:
        if self._facts == "now":
            merchant = state.transcript.merchant
            return await self._turns.shops.open_shop(
                merchant=merchant,
                state=state,
                now=self._now,
                sources=self._sources,
                connections=self._connections,
                why="a replay of a turn",
            )
        try:
            return RecalledShop(packed=unpack_answers(recording.basis.answers))
        except AnswersUnreadable as error:
            raise CannotReplay(str(error)) from error

    async def _get_words(self, recording: _Recording, *, merchant: MerchantId) -> ShopWords:
        digest = recording.basis.words if self._facts == "then" else ""
        if digest not in self._read:
            self._read[digest] = (
                await self._words.find_words(merchant=merchant, digest=digest)
                if self._facts == "then"
                else await self._words.read_words(
                    merchant=merchant, now=self._now, policies=self._sources.policies
                )
            )
        words = self._read[digest]
        if words is None:
            raise CannotReplay("the shop's words of then were not put on record")
        return words

    def _compare(self, recording: _Recording, replayed: tuple[Event, ...]) -> tuple[Difference, ...]:
        before = tuple(recorded.event for recorded in recording.before)
        timed = self._facts == "then"
        return compare(
            before=tell_account(recording.own, before=before, timed=timed),
            after=tell_account(replayed, before=before, timed=timed),
        )


async def _speak_again(scene: Scene, *, recording: _Recording) -> Spoke:
    """Has the planner of then answer, with what the model said then where one did."""
    decision = recording.decision
    # What a model cost in vain then stays on record.
    used = Used(
        model=decision.model,
        input_tokens=decision.input_tokens,
        output_tokens=decision.output_tokens,
        prompt=decision.prompt,
        micros=decision.cost_micros,
        calls=decision.calls,
    )
    if decision.planner == "builtin":
        await builtin.answer(scene)
        if decision.planner_reason != NO_KEY and scene.voice.has_used("unclear"):
            await scene.say("plain_spoken")
    else:
        again = await answer_again(scene, heard=recording.basis.heard)
        is_same = again.calls == tuple(call for call in decision.calls if not call.broken)
        # Calls that broke off before another was answered are not made again.
        used = msgspec.structs.replace(used, heard=again.heard, prompt=again.prompt) if is_same else again
    return Spoke(
        planner=decision.planner,
        reason=decision.planner_reason,
        used=used,
        settings=decision.settings_version,
    )


def _put_words(state: ConversationState, said: str) -> ConversationState:
    """The state as if the turn's messages had been these words."""
    talk = state.transcript
    first, *others = (message for message in talk.waiting if message.cid in talk.taken)
    kept = tuple(message for message in talk.waiting if message not in others)
    changed = tuple(
        msgspec.structs.replace(message, text=said) if message is first else message for message in kept
    )
    return msgspec.structs.replace(state, transcript=msgspec.structs.replace(talk, waiting=changed))


async def _hush(frame: dict[str, object]) -> None:
    """A replay is heard by nobody."""
