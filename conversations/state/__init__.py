"""What a conversation knows: a pure fold of its events.

`apply` reads no clock, network or store, so a snapshot with the later events applied, a rebuild from the
first event and a replay are the same state, always.
"""

from collections.abc import Iterable
from typing import assert_never

import msgspec

from conversations.carts import Cart, apply_cart, list_moved
from conversations.constraints import Ledger, apply_constraints
from conversations.decisions import Decisions, apply_decisions
from conversations.entities import Entities, apply_entities, cool_entities
from conversations.events import Event, Recorded
from conversations.events.carts import (
    CartChanged,
    CartLineChecked,
    ProposalDoubted,
    ProposalMade,
    ProposalResolved,
)
from conversations.events.constraints import ConstraintStated, ConstraintSuperseded, ConstraintWithdrawn
from conversations.events.decisions import DecisionMade, ToolCalled
from conversations.events.entities import (
    EntitiesFocused,
    EntitiesIntroduced,
    EntitiesMentioned,
    EntitiesShown,
    ReferenceResolved,
    SearchMade,
)
from conversations.events.facts import FactsCited, FactsObserved, FactSuperseded
from conversations.events.messages import (
    CardsShown,
    ConversationOpened,
    FeedbackGiven,
    NoticeGiven,
    QuickRepliesOffered,
    ReplyGiven,
    ServiceDegraded,
    ServiceRecovered,
    ShopperIdentified,
    ShopperSpoke,
    TableShown,
    TierChanged,
    TurnStarted,
)
from conversations.events.summaries import EpisodeSummarised, MemoryFormed
from conversations.events.visits import HandoffEnded, HandoffRequested, PersonJoined, PersonSpoke
from conversations.facts import Facts, apply_facts, cool_facts, forget_told_stock
from conversations.summaries import Summaries, apply_summaries
from conversations.transcript import Transcript, TranscriptEvent, apply_transcript

STATE_SHAPE = 6
"""Raised whenever the fold gives the same fields another meaning: projections of before are rebuilt then.
A field that comes, goes or changes its type is noticed without this."""


class OutOfOrder(Exception):
    """An event was applied out of its place. The caller read the journal wrongly; nothing was changed."""

    def __init__(self, *, version: int, seq: int) -> None:
        super().__init__(f"The state is at version {version}; event {seq} does not follow it.")
        self.version = version
        self.seq = seq


class ConversationState(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a turn needs to know, at one version."""

    version: int = 0
    """The seq of the last event applied."""
    frames: int = 0
    """The number of the last visible event."""
    transcript: Transcript = Transcript()
    entities: Entities = Entities()
    constraints: Ledger = Ledger()
    facts: Facts = Facts()
    decisions: Decisions = Decisions()
    cart: Cart = Cart()
    summaries: Summaries = Summaries()


def apply(state: ConversationState, recorded: Recorded) -> ConversationState:
    """Answers the state after the event; raises `OutOfOrder` unless it is the very next one."""
    if recorded.seq != state.version + 1:
        raise OutOfOrder(version=state.version, seq=recorded.seq)
    after = _applied(_placed(state, recorded), recorded)
    return cool(after) if isinstance(recorded.event, ReplyGiven) else after


def outline(state: ConversationState) -> ConversationState:
    """The state with nothing in it but where it stands and who waits for what: enough to start a turn by."""
    visit = state.transcript.visit
    brief = msgspec.structs.replace(visit, lines=()) if visit else None
    talk = msgspec.structs.replace(state.transcript, tail=(), visit=brief)
    return ConversationState(version=state.version, frames=state.frames, transcript=talk)


def apply_to_outline(outlined: ConversationState, recorded: Recorded) -> ConversationState:
    """The outline after the event: as `apply`, where only the transcript is kept."""
    placed = _placed(outlined, recorded)
    return _applied(placed, recorded) if isinstance(recorded.event, TranscriptEvent) else placed


def recall(events: Iterable[Recorded]) -> ConversationState:
    """The state with everything that ever came up still at hand: for what the hot state has left to the journal."""
    state = ConversationState()
    for recorded in events:
        state = _applied(_placed(state, recorded), recorded)
    return state


def cool(state: ConversationState) -> ConversationState:
    """The state with what came up long ago left to the journal, so that a turn's cost does not grow."""
    held = frozenset(line.ref.key for line in state.cart.lines)
    entities = cool_entities(state.entities, held=held)
    gone = frozenset(state.entities.known.keys() - entities.known.keys())
    facts = cool_facts(state.facts, gone=gone, at_hand=entities.known, held=held | _list_awaited(state))
    return msgspec.structs.replace(state, entities=entities, facts=facts)


def _list_awaited(state: ConversationState) -> frozenset[str]:
    """What a later reply or press is yet to rest on, whether or not it is at hand."""
    proposed = state.cart.proposal.lines if state.cart.proposal else ()
    noticed = (notice.ref.key for notice in state.transcript.notices)
    return frozenset((*(line.ref.key for line in proposed), *noticed, *state.cart.codes))


def _placed(state: ConversationState, recorded: Recorded) -> ConversationState:
    frames = state.frames if recorded.frame is None else recorded.frame
    return msgspec.structs.replace(state, version=recorded.seq, frames=frames)


def fold(state: ConversationState, events: Iterable[Recorded]) -> ConversationState:
    """Applies the events in turn."""
    for recorded in events:
        state = apply(state, recorded)
    return state


def _applied(state: ConversationState, recorded: Recorded) -> ConversationState:
    replace = msgspec.structs.replace
    event: Event = recorded.event
    match event:
        case (
            EntitiesShown()
            | EntitiesIntroduced()
            | ReferenceResolved()
            | EntitiesMentioned()
            | EntitiesFocused()
            | SearchMade()
        ):
            return replace(state, entities=apply_entities(state.entities, event, turn=recorded.turn))
        case ConstraintStated() | ConstraintSuperseded() | ConstraintWithdrawn():
            return replace(state, constraints=apply_constraints(state.constraints, event, turn=recorded.turn))
        case FactsObserved() | FactsCited() | FactSuperseded():
            return replace(state, facts=apply_facts(state.facts, event))
        case DecisionMade() | ToolCalled():
            return replace(state, decisions=apply_decisions(state.decisions, event))
        case CartChanged() | CartLineChecked() | ProposalMade() | ProposalDoubted() | ProposalResolved():
            moved = frozenset(list_moved(state.cart, event))
            facts = forget_told_stock(state.facts, refs=moved)
            return replace(state, cart=apply_cart(state.cart, event), facts=facts)
        case (
            ConversationOpened()
            | ShopperIdentified()
            | ShopperSpoke()
            | TurnStarted()
            | CardsShown()
            | TableShown()
            | QuickRepliesOffered()
            | ReplyGiven()
            | NoticeGiven()
            | HandoffRequested()
            | PersonJoined()
            | PersonSpoke()
            | HandoffEnded()
            | ServiceDegraded()
            | ServiceRecovered()
            | TierChanged()
        ):
            return replace(state, transcript=apply_transcript(state.transcript, event, at=recorded.at))
        case EpisodeSummarised() | MemoryFormed():
            return replace(state, summaries=apply_summaries(state.summaries, event))
        case FeedbackGiven():
            # For people to read, and for counting: an answer is no other because of it.
            return state
        case _:
            assert_never(event)
