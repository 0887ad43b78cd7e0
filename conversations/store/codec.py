"""Stored shapes: events as JSON under a schema number, states as MessagePack under the fold's shape.

The shape of a state is read from its types. A projection of other code is rebuilt, not read. A number raised by
hand is forgotten when a field is added, and old projections are then read with the field empty. `STATE_SHAPE` is
left for a fold that gives the same fields another meaning. A tail's events carry a mark of their own, with the
types of all events and the schema's number, since no upcast brings them to today's shape.
"""

from functools import cache
from hashlib import sha256

import msgspec

from commerce_agent.decoding import JsonDecoder, build_json_decoder, build_msgpack_decoder
from conversations.events import EVENT_SCHEMA, Event, Recorded
from conversations.events.upcasts import Body, list_steps
from conversations.state import STATE_SHAPE, ConversationState

CURRENT_SCHEMA = max(EVENT_SCHEMA)

_event_encoder = msgspec.json.Encoder()
_event_decoder: JsonDecoder[Event] = build_json_decoder(Event)
_body_decoder = build_json_decoder(Body)
_state_encoder = msgspec.msgpack.Encoder()
_run_decoder = build_msgpack_decoder(tuple[Recorded, ...])


class Kept(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A state as it is stored: what the shopper was told is mostly what holds, and then stands in it once."""

    state: ConversationState
    """In `facts.cited` only those that differ from the canonical ones."""
    cited: tuple[str, ...]
    """The names of all that were told, in their order."""


_kept_decoder = build_msgpack_decoder(Kept)


class UnreadableEvent(Exception):
    """A stored event does not decode. The row is damaged or was written by something else."""

    def __init__(self, *, reason: str) -> None:
        super().__init__(f"A stored event does not decode: {reason}.")
        self.reason = reason


class UnknownSchema(UnreadableEvent):
    """A stored event is newer than this code. The operator must finish the upgrade; nothing was guessed.

    Whoever may pass over a damaged event must think twice here: a process of the newer release reads it.
    """

    def __init__(self, *, schema: int) -> None:
        super().__init__(reason=f"its schema {schema} is newer than {CURRENT_SCHEMA}; upgrade this process")
        self.schema = schema


def encode_event(event: Event) -> bytes:
    """The event's stored body, in the current schema."""
    return _event_encoder.encode(event)


def decode_event(body: bytes, *, schema: int) -> Event:
    """The event of a stored body, in today's shape whatever its schema.

    Raises `UnknownSchema` for a newer one or, for a broken one, `UnreadableEvent`.
    """
    if schema > CURRENT_SCHEMA:
        raise UnknownSchema(schema=schema)
    try:
        if schema < CURRENT_SCHEMA and (steps := list_steps(schema, to=CURRENT_SCHEMA)):
            plain = _body_decoder.decode(body)
            for step in steps:
                plain = step(plain)
            body = _event_encoder.encode(plain)
        return _event_decoder.decode(body)
    except msgspec.MsgspecError as error:
        raise UnreadableEvent(reason=str(error)) from error


def get_kind(event: Event | type[Event]) -> str:
    """The event's dotted name, as in the journal's `kind` column."""
    tag = event.__struct_config__.tag
    return str(tag)


def encode_state(state: ConversationState) -> bytes:
    """The projection's stored form."""
    facts = state.facts
    canonical = facts.canonical
    differing = {key: fact for key, fact in facts.cited.items() if canonical.get(key) is not fact}
    kept = msgspec.structs.replace(state, facts=msgspec.structs.replace(facts, cited=differing))
    return get_shape_mark() + _state_encoder.encode(Kept(kept, tuple(facts.cited)))


def encode_run(run: tuple[Recorded, ...]) -> bytes:
    """Events that were appended together, in their places, as the projection's tail keeps them."""
    return get_run_mark() + _state_encoder.encode(run)


def find_run(stored: bytes) -> tuple[Recorded, ...]:
    """The events of a tail's entry; none where they are not of this code: the journal has them, with upcasts."""
    mark = get_run_mark()
    if not stored.startswith(mark):
        return ()
    try:
        return _run_decoder.decode(memoryview(stored)[len(mark) :])
    except msgspec.MsgspecError:
        return ()


def find_state(stored: bytes) -> ConversationState | None:
    """The state of a stored projection, or None where its shape is not this code's: it is rebuilt then."""
    mark = get_shape_mark()
    if not stored.startswith(mark):
        return None
    try:
        kept = _kept_decoder.decode(memoryview(stored)[len(mark) :])
        return _with_all_cited(kept)
    except (msgspec.MsgspecError, KeyError):
        return None


def _with_all_cited(kept: Kept) -> ConversationState:
    facts = kept.state.facts
    differing, canonical = facts.cited, facts.canonical
    cited = {key: differing[key] if key in differing else canonical[key] for key in kept.cited}
    return msgspec.structs.replace(kept.state, facts=msgspec.structs.replace(facts, cited=cited))


@cache
def get_shape_mark() -> bytes:
    """Tells this code's state from any other: by the fold's number and the type of every field."""
    described = _without_words(msgspec.json.schema(ConversationState))
    return sha256(
        msgspec.json.encode((STATE_SHAPE, Kept.__struct_fields__, described), order="sorted")
    ).digest()[:8]


@cache
def get_run_mark() -> bytes:
    """Tells events of this code in a tail from those of any other, which no step of `upcasts` would bring to today's
    shape there: by the state that they lead to, by the schema's number and by the type of every field.
    """
    described = _without_words(msgspec.json.schema(tuple[Recorded, ...]))
    return sha256(
        get_shape_mark() + msgspec.json.encode((CURRENT_SCHEMA, described), order="sorted")
    ).digest()[:8]


def _without_words(described: object) -> object:
    """The description of a type without its docstrings, which may change freely."""
    match described:
        case dict():
            return {
                key: _without_words(value)
                for key, value in described.items()
                if not (key in ("title", "description") and isinstance(value, str))
            }
        case list():
            return [_without_words(value) for value in described]
        case _:
            return described
