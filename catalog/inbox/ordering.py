"""Which of two events of one subject is the later one, however they arrived."""

from collections.abc import Iterable

from catalog.inbox.rows import Row


def comes_after(event: Row, *, known: Row) -> bool:
    """By version where both have one, else by when it happened; an equal one that arrives later is the later."""
    if event.version is not None and known.version is not None and event.version != known.version:
        return event.version > known.version
    return event.at >= known.at


def choose_last(events: Iterable[Row]) -> dict[tuple[str, str], Row]:
    """The last word of each subject among events in the order in which they arrived."""
    last: dict[tuple[str, str], Row] = {}
    for event in events:
        subject = (event.kind, event.subject)
        if subject not in last or comes_after(event, known=last[subject]):
            last[subject] = event
    return last
