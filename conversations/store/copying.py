"""Copies a recorded conversation many times, to fill a database that is to be measured; never part of serving."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, LiteralString
from uuid import uuid4

import msgspec
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from conversations.events import Event, Recorded
from conversations.events.decisions import DecisionMade
from conversations.events.messages import ReplyGiven
from conversations.ids import ConversationId, DecisionId, MerchantId
from conversations.store.boxes import Boxes
from conversations.store.codec import CURRENT_SCHEMA, encode_event, get_kind
from conversations.store.partitions import mint_conversation
from conversations.store.sealing import Box, Identity

Connection = AsyncConnection[tuple[Any, ...]]
Row = tuple[object, ...]

CONVERSATIONS = (
    "conversations_conversation (id, merchant_id, data_key_id, may_be_plain, version, frames, fence, turns,"
    " locale, opened_at, active_at)"
)
JOURNAL = (
    "conversations_journalentry (merchant_id, conversation_id, seq, frame, turn, kind, schema, at, body)"
)
DECISIONS = "conversations_decisionrecord (id, merchant_id, conversation_id, seq, turn, planner, at)"


class Copy(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation that was made, and of which it is a copy."""

    name: ConversationId
    pattern: int
    opened_at: datetime
    active_at: datetime


class _Made(msgspec.Struct, frozen=True, kw_only=True):
    """A copy that is to be written."""

    copy: Copy
    number: int
    """Its data key's."""
    box: Box
    events: tuple[Recorded, ...]

    def get_instant(self, recorded: Recorded) -> datetime:
        """When the event is to have been: as long after the opening as in the pattern."""
        return self.copy.opened_at + (recorded.at - self.events[0].at)


class Copier:
    """Makes conversations of anonymous shoppers, each under a key of its own, as the journal would hold them."""

    def __init__(self, *, pool: AsyncConnectionPool[Connection], boxes: Boxes) -> None:
        self._pool = pool
        self._boxes = boxes

    async def copy(
        self,
        *,
        merchant: MerchantId,
        patterns: Sequence[tuple[Recorded, ...]],
        opened: Sequence[datetime],
    ) -> tuple[Copy, ...]:
        """One copy for each instant, of the patterns in turn, in one transaction by COPY.

        Each event is sealed in its own place and keeps its distance from the opening.
        """
        copies = tuple(
            Copy(
                name=mint_conversation(at),
                pattern=number % len(patterns),
                opened_at=at,
                active_at=at + _get_length(patterns[number % len(patterns)]),
            )
            for number, at in enumerate(opened)
        )
        identities = [
            Identity(merchant=merchant, owner=str(each.name), conversation=each.name) for each in copies
        ]
        async with self._pool.connection() as connection, connection.transaction():
            boxes = await self._boxes.make_boxes(connection, identities=identities)
            renamed = [_rename(patterns[each.pattern]) for each in copies]
            made = [
                _Made(copy=copy, number=number, box=box, events=events)
                for copy, (number, box), events in zip(copies, boxes, renamed, strict=True)
            ]
            await _write_rows(connection, CONVERSATIONS, map(_make_head, made))
            await _write_rows(connection, JOURNAL, (row for each in made for row in _list_entries(each)))
            await _write_rows(connection, DECISIONS, (row for each in made for row in _list_decisions(each)))
        return copies


def _get_length(events: tuple[Recorded, ...]) -> timedelta:
    return events[-1].at - events[0].at


def _rename(events: tuple[Recorded, ...]) -> tuple[Recorded, ...]:
    """The events with decisions of their own."""
    names: dict[str, DecisionId] = {}
    return tuple(
        msgspec.structs.replace(recorded, event=_rename_event(recorded.event, names=names))
        for recorded in events
    )


def _rename_event(event: Event, *, names: dict[str, DecisionId]) -> Event:
    match event:
        case DecisionMade():
            fresh = names.setdefault(event.decision.id, DecisionId(str(uuid4())))
            return msgspec.structs.replace(event, decision=msgspec.structs.replace(event.decision, id=fresh))
        case ReplyGiven() if event.decision in names:
            return msgspec.structs.replace(event, decision=names[event.decision])
        case _:
            return event


async def _write_rows(connection: Connection, into: LiteralString, rows: Iterable[Row]) -> None:
    """By way of a temporary table: COPY does not write where policies decide."""
    table, _, columns = into.partition(" ")
    names = columns.strip("()")
    await connection.execute(
        f"CREATE TEMPORARY TABLE filling ON COMMIT DROP AS SELECT {names} FROM {table} WITH NO DATA"
    )
    async with connection.cursor() as cursor, cursor.copy("COPY filling FROM STDIN") as written:
        for row in rows:
            await written.write_row(row)
    await connection.execute(f"INSERT INTO {into} SELECT {names} FROM filling")
    await connection.execute("DROP TABLE filling")


def _make_head(made: _Made) -> Row:
    merchant, locale = _get_opening(made.events)
    return (
        made.copy.name,
        merchant,
        made.number,
        False,
        made.events[-1].seq,
        max(recorded.frame or 0 for recorded in made.events),
        0,
        max(recorded.turn for recorded in made.events),
        locale,
        made.copy.opened_at,
        made.copy.active_at,
    )


def _get_opening(events: tuple[Recorded, ...]) -> tuple[str, str]:
    opened = events[0].event
    return str(getattr(opened, "merchant", "")), str(getattr(opened, "locale", "en"))


def _list_entries(made: _Made) -> Iterator[Row]:
    for recorded in made.events:
        yield (
            made.box.identity.merchant,
            made.copy.name,
            recorded.seq,
            recorded.frame,
            recorded.turn,
            get_kind(recorded.event),
            CURRENT_SCHEMA,
            made.get_instant(recorded),
            made.box.seal(encode_event(recorded.event), layer="journal", place=recorded.seq),
        )


def _list_decisions(made: _Made) -> Iterator[Row]:
    for recorded in made.events:
        if isinstance(recorded.event, DecisionMade):
            yield (
                recorded.event.decision.id,
                made.box.identity.merchant,
                made.copy.name,
                recorded.seq,
                recorded.turn,
                recorded.event.decision.planner,
                made.get_instant(recorded),
            )
