"""What Redis keeps of a conversation, sealed and opened: a state whole, its outline, and the events behind it.

The outline opens first. Beside the state Redis keeps, sealed apart, where it stands and what waits: a few hundred
bytes, by which the turn is started. The whole is opened while PostgreSQL is at work on that. Neither is believed:
the start takes effect only at the row's version.

A turn adds to the tail, and each third or so writes the whole . The state of a long talk is four times as long as
what a turn adds, so a commit appends its events, sealed as one entry, and the outline, where Redis keeps the very
state and tail that this process knows (the script compares both versions and else writes nothing; then the whole is
written). Past 32 events behind the whole it is written anew, so the tail is bounded, and whoever does not know the
state opens no more than that. A state is known as long as its box, which is a minute at most: where somebody takes
longer to answer, the whole is opened and written.
"""

from collections.abc import Callable

import msgspec

from conversations.events import Recorded
from conversations.state import ConversationState, apply, apply_to_outline, outline
from conversations.store.codec import UnreadableEvent, encode_run, encode_state, find_run, find_state
from conversations.store.sealing import FORMAT, Box, Layer

Follow = Callable[[ConversationState, Recorded], ConversationState]


class Prepared(msgspec.Struct, frozen=True):
    """A state as it will be kept, and its outline: sealed whole, or the events that lead to it."""

    box: Box
    state: ConversationState
    sealed: bytes
    outline: bytes
    behind: "Behind | None" = None
    """What the events stand behind; None where the state is whole."""


class Behind(msgspec.Struct, frozen=True):
    """What Redis has to keep, for events to follow it."""

    whole: int
    """The version of the whole state."""
    since: int
    """The version that the tail behind it reaches."""


class Shelved(msgspec.Struct, frozen=True):
    """What Redis keeps of a conversation, still sealed: its outline opens in no time, the whole of it takes longer."""

    box: Box
    answer: object
    known: ConversationState | None = None
    """The state itself, where Redis keeps none but the one that this process made."""

    def find_outline(self) -> ConversationState | None:
        """The outline, by which a turn can be started; None where none is kept that opens for this conversation."""
        if self.known is not None:
            return self.known
        match self.answer:
            case [_, list() as tail, bytes() as stored]:
                return _open(stored, tail, box=self.box, layer="outline", follow=apply_to_outline)
        return None

    def find_state(self) -> ConversationState | None:
        """The whole state; None where `Projection.find_state` answers None."""
        return self.known or open_state(self.answer, box=self.box)


def seal_state(state: ConversationState, *, box: Box) -> Prepared:
    return Prepared(
        box=box,
        state=state,
        sealed=box.seal(encode_state(state), layer="projection", place=0),
        outline=seal_outline(state, box=box),
    )


def seal_outline(state: ConversationState, *, box: Box) -> bytes:
    return box.seal(encode_state(outline(state)), layer="outline", place=0)


def seal_run(appended: tuple[Recorded, ...], *, box: Box) -> bytes:
    """What was appended together, as one entry of the tail, at the place of its last event."""
    return box.seal(encode_run(appended), layer="projection", place=appended[-1].seq)


def open_state(answer: object, *, box: Box) -> ConversationState | None:
    """The state that a script answered; None for one of another shape, or that is not this conversation's."""
    match answer:
        case [bytes() as stored, list() as tail, *_]:
            return _open(stored, tail, box=box, layer="projection", follow=apply)
        case _:
            return None


def _open(
    stored: bytes, tail: list[bytes], *, box: Box, layer: Layer, follow: Follow
) -> ConversationState | None:
    if not stored.startswith(FORMAT):
        return None
    try:
        state = find_state(box.open(stored, layer=layer, place=0))
        return _followed(state, tail, box=box, follow=follow) if state else None
    except UnreadableEvent:
        # The box has counted it; the journal has the truth.
        return None


def _followed(state: ConversationState, tail: list[bytes], *, box: Box, follow: Follow) -> ConversationState:
    """The state with the tail's events applied as far as they follow it without a gap."""
    for sealed, last in zip(tail[::2], tail[1::2], strict=True):
        if int(last) <= state.version:
            continue
        run = find_run(box.open(sealed, layer="projection", place=int(last)))
        if not run or run[0].seq > state.version + 1:
            return state
        for recorded in run:
            if recorded.seq > state.version:
                state = follow(state, recorded)
    return state
