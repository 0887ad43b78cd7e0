"""Which of two events of one subject is the later one, however they arrived."""

from collections.abc import Iterable

from catalog.inbox.rows import Row
from catalog.inbox.senders import share_numbers


def comes_after(event: Row, *, known: Row, standing: frozenset[str]) -> bool:
    """By version where both have one that may be of one system, else by when it happened; an equal one that arrives
    later is the later.
    """
    numbered = event.version is not None and known.version is not None and event.version != known.version
    if numbered and share_numbers(event.sender, other=known.sender, standing=standing):
        return (event.version or 0) > (known.version or 0)
    return event.at >= known.at


def choose_last(events: Iterable[Row], *, standing: frozenset[str]) -> dict[tuple[str, str], Row]:
    """The last word of each subject among events in the order in which they arrived."""
    last: dict[tuple[str, str], Row] = {}
    for event in events:
        subject = (event.kind, event.subject)
        if subject not in last or comes_after(event, known=last[subject], standing=standing):
            last[subject] = event
    return last
