"""What the holder of a turn has in hand, and what of it the journal is told.

The next state is made while PostgreSQL commits. Folding, encoding and sealing it need nothing from the database but
that it agrees. It is written after the commit, never before.
"""

import asyncio
from datetime import timedelta

import msgspec
from psycopg import OperationalError
from psycopg_pool import PoolTimeout

from conversations.events import Event, Recorded
from conversations.events.entities import EntitiesIntroduced, EntitiesShown
from conversations.events.facts import FactsObserved
from conversations.events.messages import CardsShown, ReplyGiven, TurnStarted
from conversations.events.visits import HandoffRequested
from conversations.ids import ClientMessageId, ConversationId, EntityRef, MerchantId
from conversations.state import ConversationState, fold
from conversations.store.append import Head
from conversations.store.at_once import has_landed
from conversations.store.outcomes import Closing
from conversations.store.projection import Projection
from conversations.store.shelving import Prepared, Shelved
from conversations.store.starts import Begun
from conversations.store.turn_lease import Lease

MOST_KIND, MOST_KEY = 32, 255
"""The longest that the index of what is shown takes."""


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """The right to answer, and what was known when it was taken."""

    conversation: ConversationId
    merchant: MerchantId
    number: int
    fence: int
    lease: Lease
    state: ConversationState
    """Includes this turn's start."""
    cids: tuple[ClientMessageId, ...]
    said: str
    without_redis: bool
    rebuilt: bool
    """Whether Redis kept nothing of it, and its state was folded from the journal."""
    lag: timedelta
    """By how much what Redis kept lagged behind the journal."""


def list_shown(events: tuple[Event, ...]) -> tuple[EntityRef, ...]:
    """What news of would concern the shopper: items that were shown, named or to choose, policies that were read, in
    order.

    The index lies in the clear, so it holds what is the shop's alone: no order, and no code as the shopper typed it.
    """
    shown = {
        entity.ref
        for event in events
        if isinstance(event, EntitiesShown | EntitiesIntroduced)
        for entity in event.entities
    }
    read = {
        fact.subject
        for event in events
        if isinstance(event, FactsObserved)
        for fact in event.facts
        if fact.name != "code"
    }
    to_choose = {
        EntityRef(card.ref.kind, one.sku)
        for event in events
        if isinstance(event, CardsShown)
        for card in event.cards
        for one in card.versions
        if one.sku
    }
    return tuple(
        sorted(ref for ref in shown | read | to_choose if ref.kind != "order" and _can_be_indexed(ref))
    )


def _can_be_indexed(ref: EntityRef) -> bool:
    """Of what the index cannot hold no news will come: no catalogue has a name with a NUL in it, or as long."""
    return "\0" not in ref.kind + ref.key and len(ref.kind) <= MOST_KIND and len(ref.key) <= MOST_KEY


def make_start(state: ConversationState) -> TurnStarted | None:
    """The start of the turn that answers what waits; None when nothing does, a turn is open already, or a person
    of the shop's has the conversation.
    """
    if state.transcript.taken or not state.transcript.waiting or state.transcript.person:
        return None
    return TurnStarted(
        turn=state.transcript.turns + 1, cids=tuple(message.cid for message in state.transcript.waiting)
    )


def make_closing(turn: Turn, events: tuple[Event, ...]) -> Closing | None:
    """What the end of the turn changes, where its reply is among the events."""
    if not any(isinstance(event, ReplyGiven) for event in events):
        return None
    others = [message.at for message in turn.state.transcript.waiting if message.cid not in turn.cids]
    return Closing(
        answered=turn.cids,
        waiting=min(others, default=None),
        at_once=not any(isinstance(event, HandoffRequested) for event in events),
        shown=list_shown(events),
    )


def get_known(state: ConversationState, *, merchant: MerchantId, fence: int = 0) -> Head:
    """The head that a state was loaded at."""
    return Head(merchant=merchant, version=state.version, frames=state.frames, fence=fence)


class Reading:
    """What Redis keeps of a conversation: its outline at once, the whole while PostgreSQL is at work on the start."""

    def __init__(self, kept: Shelved | None) -> None:
        self._kept = kept
        self._is_read = kept is None
        self._state: ConversationState | None = None

    def find_outline(self) -> ConversationState | None:
        """What a turn can be started by; None where none is kept."""
        return self._kept.find_outline() if self._kept else None

    def is_at(self, version: int) -> bool:
        """Whether nothing that Redis knows of came after this version, nor is missing up to it."""
        state = self.read()
        return state is not None and state.version == version

    def read(self) -> ConversationState | None:
        """The whole state, opened the first time that it is asked for; None where none is kept."""
        if not self._is_read and self._kept is not None:
            self._state = self._kept.find_state()
            self._is_read = True
        return self._state

    async def read_beside(self, start: asyncio.Task[Begun | None]) -> Begun | None:
        """Reads while a start is under way, and answers what came of that."""
        try:
            # One step of the loop sends off what was not sent yet.
            await asyncio.sleep(0)
            self.read()
        except BaseException:
            await has_landed(start)
            raise
        return await start


class Foresight:
    """Where a turn leads if nothing comes between, made ready while the database is at work on its commit."""

    def __init__(self, *, turn: Turn, projection: Projection) -> None:
        self._turn = turn
        self._projection = projection
        self._seen: tuple[ConversationState, Prepared] | None = None

    async def look(self, recorded: tuple[Recorded, ...]) -> None:
        """Foresees the state after these events; nothing where the key to seal it cannot be had just now."""
        state = fold(self._turn.state, recorded)
        try:
            prepared = await self._projection.prepare(
                conversation=self._turn.conversation, state=state, appended=recorded
            )
        except (OperationalError, PoolTimeout):
            return
        self._seen = state, prepared

    def find(self, *, version: int) -> tuple[ConversationState, Prepared] | None:
        """What was foreseen, where it came true."""
        return self._seen if self._seen and self._seen[0].version == version else None
