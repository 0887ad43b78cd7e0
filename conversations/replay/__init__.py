"""Time travel: the state at any seq, and what differs between two of them, by path."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from conversations.events import Recorded
from conversations.state import ConversationState, fold

__all__ = ["Difference", "compare", "compare_states", "fold_up_to"]

_ABSENT = "—"


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One place in which two values are not the same."""

    path: str
    """Where, as `facts.canonical.variant:SKU-17:price.value.amount`."""
    before: str
    after: str
    """As JSON; a dash where one side has nothing there."""


def fold_up_to(events: Iterable[Recorded], *, seq: int | None = None) -> ConversationState:
    """The state after the event of a seq, of all events where none is given."""
    return fold(ConversationState(), (each for each in events if seq is None or each.seq <= seq))


def compare_states(*, before: ConversationState, after: ConversationState) -> tuple[Difference, ...]:
    """What differs between two states; empty when they are the same."""
    return compare(before=msgspec.to_builtins(before), after=msgspec.to_builtins(after))


def compare(*, before: object, after: object) -> tuple[Difference, ...]:
    """What differs between two values made of dicts, lists and plain values, in the order of their paths."""
    return tuple(_walk("", before, after))


def _walk(path: str, before: object, after: object) -> Iterator[Difference]:
    match before, after:
        case dict(), dict():
            for key in dict.fromkeys((*before, *after)):
                here = f"{path}.{key}" if path else str(key)
                yield from _walk_one(here, before, after, key)
        case ((list() | tuple()), (list() | tuple())) if gone := _count_gone(before, after):
            kept = len(before) - gone
            for number in range(gone):
                yield Difference(path=f"{path}[{number}]", before=_say(before[number]), after=_ABSENT)
            for number in range(kept, len(after)):
                yield Difference(path=f"{path}[{number}]", before=_ABSENT, after=_say(after[number]))
        case ((list() | tuple()), (list() | tuple())):
            old: dict[object, object] = dict(enumerate(before))
            new: dict[object, object] = dict(enumerate(after))
            for number in range(max(len(old), len(new))):
                yield from _walk_one(f"{path}[{number}]", old, new, number)
        case _ if before != after or type(before) is not type(after):
            yield Difference(path=path, before=_say(before), after=_say(after))
        case _:
            return


def _count_gone(before: Sequence[object], after: Sequence[object]) -> int:
    """How many went from the front of a list whose rest moved up, as in a window over the latest of something; 0 where
    it is no such list. At most half, or what is left would be alike by chance.
    """
    for gone in range(1, len(before) // 2 + 1):
        kept = len(before) - gone
        if kept <= len(after) and list(before[gone:]) == list(after[:kept]) and before[0] != after[0]:
            return gone
    return 0


def _walk_one(
    path: str, before: dict[object, object], after: dict[object, object], key: object
) -> Iterator[Difference]:
    if key not in after:
        yield Difference(path=path, before=_say(before[key]), after=_ABSENT)
    elif key not in before:
        yield Difference(path=path, before=_ABSENT, after=_say(after[key]))
    else:
        yield from _walk(path, before[key], after[key])


def _say(value: object) -> str:
    return msgspec.json.encode(value).decode()
