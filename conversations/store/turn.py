"""What the holder of a turn has in hand, and what of it the journal is told."""

import msgspec

from conversations.events import Event
from conversations.events.entities import EntitiesIntroduced, EntitiesShown
from conversations.events.facts import FactsObserved
from conversations.events.messages import TurnStarted
from conversations.ids import ClientMessageId, ConversationId, EntityRef, MerchantId
from conversations.state import ConversationState
from conversations.store.turn_lease import Lease


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


def list_shown(events: tuple[Event, ...]) -> tuple[EntityRef, ...]:
    """What news of would concern the shopper: items that were shown or named, policies that were read."""
    shown = {
        entity.ref
        for event in events
        if isinstance(event, EntitiesShown | EntitiesIntroduced)
        for entity in event.entities
    }
    read = {fact.subject for event in events if isinstance(event, FactsObserved) for fact in event.facts}
    return tuple(sorted(shown | read))


def make_start(state: ConversationState) -> TurnStarted | None:
    """The start of the turn that answers what waits; None when nothing does, or a turn is open already."""
    if state.transcript.taken or not state.transcript.waiting:
        return None
    return TurnStarted(
        turn=state.transcript.turns + 1, cids=tuple(message.cid for message in state.transcript.waiting)
    )
