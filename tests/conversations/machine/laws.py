"""What must hold after every step, whatever happened: read from the stores, held against what was acknowledged."""

from collections import Counter
from itertools import pairwise

import msgspec

from conversations.events import Recorded
from conversations.events.decisions import DecisionMade
from conversations.events.messages import ReplyGiven, ShopperSpoke, TurnStarted
from conversations.ids import ConversationId
from conversations.service import Conversations
from conversations.state import ConversationState, fold


class Broken(AssertionError):
    """A law does not hold."""

    def __init__(self, *, law: str, seen: object) -> None:
        super().__init__(f"{law}: {seen}")
        self.law = law


def require(law: str, *, holds: bool, seen: object = "") -> None:
    """Raises `Broken` unless the law holds."""
    if not holds:
        raise Broken(law=law, seen=seen)


class Seen(msgspec.Struct, kw_only=True):
    """How far the laws were checked, and what the clients were told."""

    events: tuple[Recorded, ...] = ()
    acknowledged: list[str] = []
    """Message ids in the order in which the clients were told that they are durable."""


async def require_laws(
    service: Conversations, conversation: ConversationId, *, seen: Seen
) -> ConversationState:
    """Checks every law on the stores as they stand; answers the state."""
    events = await service.list_events(conversation=conversation)
    _require_journal(events, before=seen.events)
    seen.events = events
    state = await require_one_truth(service, conversation, events=events)
    _require_messages(events, state, acknowledged=seen.acknowledged)
    waits = await service.is_waiting(conversation=conversation)
    require("who waits is found", holds=waits == bool(state.transcript.waiting), seen=waits)
    return state


def _require_journal(events: tuple[Recorded, ...], *, before: tuple[Recorded, ...]) -> None:
    seqs = [recorded.seq for recorded in events]
    require("versions rise by one", holds=seqs == list(range(1, len(seqs) + 1)), seen=seqs)
    frames = [recorded.frame for recorded in events if recorded.frame is not None]
    require("frames rise by one", holds=frames == list(range(1, len(frames) + 1)), seen=frames)
    require("what was recorded stays", holds=events[: len(before)] == before)


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """The row by which a decision is found."""

    id: str
    seq: int
    is_of_one: bool
    """Whether it, the decision and the reply were written by one transaction."""


def require_decisions(events: tuple[Recorded, ...], *, rows: tuple[Row, ...]) -> None:
    """Where every reply is committed with a decision, there is never one without the other, nor without its row."""
    made = [each for each in events if isinstance(each.event, DecisionMade)]
    replied = [each.seq for each in events if isinstance(each.event, ReplyGiven)]
    paired = [
        reply.seq
        for before, reply in pairwise(events)
        if isinstance(before.event, DecisionMade) and isinstance(reply.event, ReplyGiven)
        if before.turn == reply.turn
    ]
    together = paired == replied and len(made) == len(replied)
    require("a decision comes with its reply", holds=together, seen=(made, replied))
    expected = [
        Row(id=each.event.decision.id, seq=each.seq, is_of_one=True)
        for each in made
        if isinstance(each.event, DecisionMade)
    ]
    require(
        "a decision's row is of its turn's own transaction",
        holds=sorted(rows, key=_by_seq) == expected,
        seen=rows,
    )


def _by_seq(row: Row) -> int:
    return row.seq


async def require_one_truth(
    service: Conversations, conversation: ConversationId, *, events: tuple[Recorded, ...]
) -> ConversationState:
    """Snapshot with its tail, rebuild and replay are one state."""
    folded = fold(ConversationState(), events)
    loaded = await service.load(conversation=conversation)
    require(
        "snapshot with tail is the rebuild", holds=loaded == folded, seen=(loaded.version, folded.version)
    )
    rebuilt = await service.rebuild(conversation=conversation)
    require("rebuild is the replay", holds=rebuilt == folded)
    return folded


def _require_messages(
    events: tuple[Recorded, ...], state: ConversationState, *, acknowledged: list[str]
) -> None:
    spoken = [each.event.cid for each in events if isinstance(each.event, ShopperSpoke)]
    require("a message is there once", holds=len(set(spoken)) == len(spoken), seen=spoken)
    require(
        "what was acknowledged is there in order", holds=spoken == acknowledged, seen=(spoken, acknowledged)
    )
    started = [each.event for each in events if isinstance(each.event, TurnStarted)]
    turns = [event.turn for event in started]
    require("turns rise by one", holds=turns == list(range(1, len(turns) + 1)), seen=turns)
    taken = [cid for event in started for cid in event.cids]
    require("a message is in one turn, in order", holds=taken == spoken[: len(taken)], seen=taken)
    replies = Counter(each.event.turn for each in events if isinstance(each.event, ReplyGiven))
    require("a turn has one reply", holds=all(count == 1 for count in replies.values()), seen=replies)
    open_turns = [event.turn for event in started if event.turn not in replies]
    require("one turn is open at most", holds=open_turns in ([], turns[-1:]), seen=open_turns)
    answered = [cid for event in started if event.turn in replies for cid in event.cids]
    waiting = [message.cid for message in state.transcript.waiting]
    require("a message is answered or waits", holds=answered + waiting == spoken, seen=(answered, waiting))
