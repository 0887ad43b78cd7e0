"""A message, a turn's start and its close, each as one statement: one round trip, one commit.

Each takes effect only where the conversation still is at the version it was made for, and says so; it is
never wrong to call one on a guess. Where it does not take effect, whoever called takes the way of several
statements under the row's lock, which finds out what came between and what that means.
"""

import asyncio
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import accumulate
from typing import Any

import msgspec
from psycopg import AsyncConnection

from conversations.events import Event, Recorded
from conversations.events.decisions import DecisionMade
from conversations.events.messages import TurnStarted
from conversations.ids import ClientMessageId, ConversationId, EntityRef, MerchantId
from conversations.store.append import Head, place_events
from conversations.store.codec import CURRENT_SCHEMA, encode_event, get_kind
from conversations.store.sealing import Box

Connection = AsyncConnection[tuple[Any, ...]]

LAND_SECONDS = 5.0
"""So long a statement that was sent off is waited for after something else failed: a server may hang."""
MOST_STEP = 2**31
"""The fence has room for four thousand million steps of this size."""

_ENTRIES = (
    " INSERT INTO conversations_journalentry"
    " (merchant_id, conversation_id, seq, frame, turn, kind, schema, at, body)"
    " SELECT moved.merchant_id, %(id)s, placed.seq, placed.frame, %(turn)s, placed.kind, %(schema)s, %(at)s,"
    " substring(%(bodies)b::bytea FROM placed.starts FOR placed.size) FROM moved,"
    " unnest(%(seqs)s::bigint[], %(frames)s::bigint[], %(kinds)s::text[], %(starts)s::int[], %(sizes)s::int[])"
    " AS placed (seq, frame, kind, starts, size)"
)

_MESSAGE = (
    "WITH moved AS (UPDATE conversations_conversation SET version = %(to)s, frames = %(frame)s,"
    "  active_at = greatest(active_at, %(at)s), waiting_since = coalesce(waiting_since, %(at)s)"
    "  WHERE id = %(id)s AND version = %(since)s AND erased_at IS NULL AND NOT EXISTS"
    "  (SELECT FROM conversations_message WHERE conversation_id = %(id)s AND cid = %(cid)s)"
    "  RETURNING merchant_id),"
    f" entries AS ({_ENTRIES}),"
    " taken AS (INSERT INTO conversations_message (merchant_id, conversation_id, cid, seq, frame)"
    "  SELECT merchant_id, %(id)s, %(cid)s, %(to)s, %(frame)s FROM moved)"
    " SELECT true FROM moved"
)

_START = (
    "WITH moved AS (UPDATE conversations_conversation SET version = %(to)s, frames = %(frame)s,"
    "  fence = fence + %(step)s, turns = greatest(turns, %(turn)s)"
    "  WHERE id = %(id)s AND version = %(since)s AND erased_at IS NULL"
    "  AND (%(holds_row)s OR ((lease_until IS NULL OR lease_until < clock_timestamp())"
    "  AND set_config('synchronous_commit', 'off', true) = 'off'))"
    "  RETURNING merchant_id, fence),"
    f" entries AS ({_ENTRIES})"
    " SELECT merchant_id, fence FROM moved"
)

_CLOSE = (
    "WITH moved AS (UPDATE conversations_conversation SET version = %(to)s, frames = %(frame)s,"
    "  fence = fence + 1, turns = greatest(turns, %(turn)s), active_at = greatest(active_at, %(at)s),"
    "  waiting_since = %(waiting)s"
    "  WHERE id = %(id)s AND fence = %(fence)s AND version = %(since)s AND erased_at IS NULL"
    "  RETURNING merchant_id),"
    f" entries AS ({_ENTRIES}),"
    " decided AS (INSERT INTO conversations_decisionrecord"
    "  (id, merchant_id, conversation_id, seq, turn, planner, at)"
    "  SELECT decision.id, merchant_id, %(id)s, decision.seq, %(turn)s, decision.planner, %(at)s FROM moved,"
    "  unnest(%(decisions)s::uuid[], %(decided)s::bigint[], %(planners)s::text[])"
    "  AS decision (id, seq, planner)),"
    " shown AS (INSERT INTO conversations_shownentity (merchant_id, conversation_id, kind, key, shown_at)"
    "  SELECT merchant_id, %(id)s, ref.kind, ref.key, %(at)s FROM moved,"
    "  unnest(%(ref_kinds)s::text[], %(ref_keys)s::text[]) AS ref (kind, key)"
    "  ON CONFLICT (conversation_id, kind, key) DO UPDATE SET shown_at = excluded.shown_at)"
    " SELECT true FROM moved"
)


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """Events in their places after a version that is believed to be the newest, sealed for those places."""

    since: Head
    until: Head
    recorded: tuple[Recorded, ...]
    sealed: tuple[bytes, ...]


def seal_placed(box: Box, *, head: Head, events: tuple[Event, ...], turn: int, at: datetime) -> Placed:
    """The events in their places after a head, sealed for those."""
    bodies = [encode_event(event) for event in events]
    recorded, until = place_events(head=head, bodies=bodies, turn=turn, at=at)
    sealed = tuple(
        box.seal(body, layer="journal", place=one.seq) for body, one in zip(bodies, recorded, strict=True)
    )
    return Placed(since=head, until=until, recorded=recorded, sealed=sealed)


async def put_message(
    connection: Connection, *, conversation: ConversationId, cid: ClientMessageId, placed: Placed
) -> bool:
    """Takes the message, unless its id was taken before or the conversation went on."""
    row = await _run(connection, _MESSAGE, conversation=conversation, placed=placed, cid=cid)
    return row is not None


async def put_start(
    connection: Connection, *, conversation: ConversationId, placed: Placed, over_row_lease: bool
) -> Head | None:
    """Raises the fence and starts the turn; the head before it, with the new token.

    It holds for everybody at once, but it is not waited for until it is on disk, unless the caller holds the
    row. `keep_seen` waits for that before anybody is told of it; the close does so by itself.
    """
    row = await _run(
        connection,
        _START,
        conversation=conversation,
        placed=placed,
        holds_row=over_row_lease,
        step=mint_step(),
    )
    if row is None:
        return None
    return msgspec.structs.replace(placed.since, merchant=MerchantId(str(row[0])), fence=row[1])


def mint_step() -> int:
    """By how much a start raises the fence: a start that a crashed PostgreSQL forgot has a token of its own."""
    return secrets.randbelow(MOST_STEP) + 1


async def keep_seen(connection: Connection, *, seen: Sequence[Recorded]) -> None:
    """Makes durable what was read, where it may not be: nobody is told of a turn's start that could be lost.

    Only a start that nothing follows can be: every other commit waits for the disk, and takes along what came before.
    """
    if seen and isinstance(seen[-1].event, TurnStarted):
        await connection.execute("SELECT pg_logical_emit_message(true, 'turn', '')")


async def put_close(
    connection: Connection,
    *,
    conversation: ConversationId,
    placed: Placed,
    waiting: datetime | None,
    shown: tuple[EntityRef, ...],
) -> bool:
    """Closes the turn that holds the token of `placed.since`: events, decisions, what news now concerns it."""
    decisions = [
        (recorded.event.decision, recorded.seq)
        for recorded in placed.recorded
        if isinstance(recorded.event, DecisionMade)
    ]
    row = await _run(
        connection,
        _CLOSE,
        conversation=conversation,
        placed=placed,
        fence=placed.since.fence,
        waiting=waiting,
        decisions=_listed([decision.id for decision, _ in decisions]),
        decided=_numbered([seq for _, seq in decisions]),
        planners=_listed([decision.planner for decision, _ in decisions]),
        ref_kinds=_listed([ref.kind for ref in shown]),
        ref_keys=_listed([ref.key for ref in shown]),
    )
    return row is not None


async def has_landed(sent: asyncio.Task[Any]) -> bool:
    """Waits for what was sent off, since it may take effect whatever else went wrong; says whether it did."""
    await asyncio.wait({sent}, timeout=LAND_SECONDS)
    if not sent.done():
        sent.cancel()
        return False
    return not sent.cancelled() and sent.exception() is None and bool(sent.result())


async def _run(
    connection: Connection, statement: str, *, conversation: ConversationId, placed: Placed, **values: object
) -> tuple[Any, ...] | None:
    first, sizes = placed.recorded[0], [len(sealed) for sealed in placed.sealed]
    cursor = await connection.execute(
        statement,
        {
            "id": conversation,
            "since": placed.since.version,
            "to": placed.until.version,
            "frame": placed.until.frames,
            "turn": first.turn,
            "schema": CURRENT_SCHEMA,
            "at": first.at,
            "seqs": _numbered([recorded.seq for recorded in placed.recorded]),
            "frames": _numbered([recorded.frame for recorded in placed.recorded]),
            "kinds": _listed([get_kind(recorded.event) for recorded in placed.recorded]),
            # As one value: an array of them would be built piece by piece.
            "bodies": b"".join(placed.sealed),
            "starts": _numbered([end - size + 1 for end, size in zip(accumulate(sizes), sizes, strict=True)]),
            "sizes": _numbered(sizes),
            **values,
        },
        prepare=True,
    )
    return await cursor.fetchone()


def _listed(values: Iterable[str]) -> str:
    """An array as PostgreSQL reads it: of one type whatever is in it, so the statement is prepared once."""
    return "{" + ",".join(map(_quoted, values)) + "}"


def _numbered(values: Iterable[int | None]) -> str:
    """The same of numbers."""
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
