"""Recorded conversations: journals as an earlier schema stored them, and what they must fold to."""

from datetime import datetime
from pathlib import Path

import msgspec

from commerce_agent.decoding import decode_json
from conversations.events import Recorded
from conversations.events.facts import Amount
from conversations.state import ConversationState
from conversations.store.codec import CURRENT_SCHEMA, decode_event, encode_event

RECORDED = Path(__file__).parent.parent / "recorded"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A journal row as a line of a recording."""

    seq: int
    frame: int | None
    turn: int
    at: datetime
    schema: int
    body: msgspec.Raw


def read_lines(schema: int) -> tuple[Line, ...]:
    """The rows that were recorded when the schema was the newest."""
    lines = (RECORDED / f"v{schema}.jsonl").read_bytes().splitlines()
    return tuple(decode_json(line, Line) for line in lines)


def read_recording(schema: int) -> tuple[Recorded, ...]:
    """Their journal, in today's shape."""
    return tuple(map(_to_recorded, read_lines(schema)))


def _to_recorded(line: Line) -> Recorded:
    event = decode_event(bytes(line.body), schema=line.schema)
    return Recorded(seq=line.seq, frame=line.frame, at=line.at, turn=line.turn, event=event)


def write_recording(events: tuple[Recorded, ...], *, path: Path) -> None:
    """Keeps a journal in the current schema; done once, when a schema is released."""
    lines = [
        Line(
            seq=recorded.seq,
            frame=recorded.frame,
            turn=recorded.turn,
            at=recorded.at,
            schema=CURRENT_SCHEMA,
            body=msgspec.Raw(encode_event(recorded.event)),
        )
        for recorded in events
    ]
    path.write_bytes(b"\n".join(map(msgspec.json.encode, lines)) + b"\n")


def summarise(state: ConversationState) -> dict[str, object]:
    """What a conversation knows, in plain values that outlive the state's shape."""
    transcript, cart = state.transcript, state.cart
    return {
        "version": state.version,
        "frames": state.frames,
        "shopper": [transcript.tier, transcript.locale, transcript.currency],
        "turns": [[exchange.turn, exchange.said, exchange.replied] for exchange in transcript.tail],
        "waiting": [message.text for message in transcript.waiting],
        "notices": [notice.text for notice in transcript.notices],
        "handed_off": transcript.handed_off,
        "degraded": list(transcript.degraded),
        "known": sorted(state.entities.known),
        "showings": [[ref.key for ref in showing.refs] for showing in state.entities.showings],
        "focus": [ref.key for ref in state.entities.focus],
        "searched": state.entities.searched.query if state.entities.searched else None,
        "constraints": [[held.field, held.op, held.value, held.scope] for held in state.constraints.active],
        "ended": [[past.constraint.field, past.reason] for past in state.constraints.history],
        "canonical": {key: _say(fact.value) for key, fact in state.facts.canonical.items()},
        "told": {key: _say(fact.value) for key, fact in state.facts.cited.items()},
        "decisions": [decision.id for decision in state.decisions.latest],
        "cart": [[line.ref.key, line.quantity, _say(line.unit_price)] for line in cart.lines],
        "proposal": cart.proposal.id if cart.proposal else None,
        "orders": list(cart.orders),
    }


def _say(value: object) -> str:
    return f"{value.amount} {value.currency}" if isinstance(value, Amount) else str(value)
