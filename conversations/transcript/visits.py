"""A person's stay in the conversation: who it is, what was said meanwhile, and what they left for the assistant."""

from typing import assert_never

import msgspec

from conversations.events.visits import HandoffEnded, HandoffRequested, PersonJoined, PersonSpoke

LINES = 30
"""Of a stay, so many of the newest lines are kept in the state; the journal keeps them all."""

VisitEvent = HandoffRequested | PersonJoined | PersonSpoke | HandoffEnded


class Line(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Something that was said to the person, or by them."""

    by: str
    """The person's name; empty for the shopper."""
    text: str


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """The newest stay of a person."""

    by: str
    """The account."""
    name: str
    lines: tuple[Line, ...] = ()
    note: str = ""
    """What the assistant is to know of it."""
    left_after: int | None = None
    """The turns that had begun when they left; None while they are here."""

    @property
    def is_here(self) -> bool:
        """Whether the person has the conversation."""
        return self.left_after is None


def apply_visit(
    visit: Visit | None, event: VisitEvent, *, answered: tuple[str, ...], turns: int
) -> Visit | None:
    """Answers the newest stay after the event; `answered` are the shopper's words that it answers."""
    match event:
        case HandoffRequested():
            return visit
        case PersonJoined():
            return Visit(by=event.by, name=event.name)
        case PersonSpoke():
            if visit is None:
                return None
            said = (*(Line(by="", text=text) for text in answered), Line(by=event.name, text=event.text))
            return msgspec.structs.replace(visit, lines=(*visit.lines, *said)[-LINES:])
        case HandoffEnded():
            if visit is None or not visit.is_here:
                return visit
            return msgspec.structs.replace(visit, note=event.note, left_after=turns)
        case _:
            assert_never(event)
