"""The record of looks for reading: what somebody looked at again and again stands as one line that opens. Pure.

The record of looks is grouped where it is shown. One person's looks at one thing within an hour are a line that
opens; each is a record with its own number and digest all the same, and what was changed, uncovered or taken out
stands for itself.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from commerce_agent.agent.explain.plain import tell_name, tell_plain
from commerce_agent.console.audit.access_words import tell_action
from commerce_agent.decoding import decode_json
from conversations.models import AccessRecord

TOGETHER = timedelta(hours=1)
"""Looks that lie no further apart than this are told in one line."""
LOOKS = frozenset({"viewed", "listed", "read", "searched"})
"""What stands in one line; whatever was changed, uncovered or taken out stands for itself."""
LONG = 24
"""A longer value without a space is a digest or the like: its beginning is shown, the whole when it is asked for."""


class Detail(msgspec.Struct, frozen=True, kw_only=True):
    """What a record says besides."""

    name: str
    value: str

    @property
    def is_long(self) -> bool:
        """Whether only its beginning is shown at first."""
        return len(self.value) > LONG and " " not in self.value

    @property
    def beginning(self) -> str:
        """As much of it as tells it from another."""
        return self.value[: LONG // 2]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One record."""

    row: AccessRecord
    who: str
    did: str
    details: tuple[Detail, ...]
    conversation: UUID | None
    """Where it is about one."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """Records that say the same, the newest first; often only one."""

    entries: tuple[Entry, ...]

    @property
    def newest(self) -> Entry:
        """What stands for them."""
        return self.entries[0]

    @property
    def oldest(self) -> Entry:
        """The first of them that was kept."""
        return self.entries[-1]


def make_entry(row: AccessRecord, *, names: Mapping[int, str]) -> Entry:
    """A record in words; `names` are those of the operators."""
    kind, _, number = row.actor.partition(":")
    link, _, conversation = row.subject.partition(":")
    return Entry(
        row=row,
        who=names.get(int(number), "a removed operator") if kind == "operator" else row.actor,
        did=tell_action(row.action),
        details=_list_details(row.detail),
        conversation=_find_conversation(conversation) if link == "conversation" else None,
    )


def group_entries(entries: Iterable[Entry]) -> tuple[Line, ...]:
    """The records, newest first, with the looks of one person at one thing within the hour in one line."""
    lines: list[list[Entry]] = []
    latest: dict[tuple[str, ...], list[Entry]] = {}
    for entry in entries:
        row = entry.row
        key = (row.actor, row.role, row.action, row.subject)
        is_look = row.action.rpartition(".")[2] in LOOKS and not row.purpose
        line = latest.get(key) if is_look else None
        if line is not None and _is_near(line[-1].row.at, row.at):
            line.append(entry)
            continue
        lines.append([entry])
        latest[key] = lines[-1]
    return tuple(Line(entries=tuple(line)) for line in lines)


def _is_near(newer: datetime, older: datetime) -> bool:
    return newer - older <= TOGETHER


def _list_details(text: str) -> tuple[Detail, ...]:
    try:
        told = decode_json(text, dict[str, str])
    except msgspec.DecodeError:
        plain = tell_plain(text)
        return (Detail(name="", value=plain),) if plain else ()
    return tuple(Detail(name=tell_name(name), value=value) for name, value in told.items() if value)


def _find_conversation(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
