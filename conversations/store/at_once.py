"""A message, a turn's start and its close, each as one statement: one round trip, one commit.

Each takes effect only where the conversation still is at the version it was made for, and says so; it is
never wrong to call one on a guess. Where it does not take effect, whoever called takes the way of several
statements under the row's lock, which finds out what came between and what that means.

These statements are functions of the database (`conversations_put_message`, `_start`, `_close`). Each tells for
whom it acts before it does anything else, so it needs no second one before it, and it acts as its caller, so the
policies hold. What it takes changes only with a new function beside the old one: while an upgrade is under way both
are called.
"""

import asyncio
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import accumulate
from typing import Any

import msgspec
from psycopg import AsyncConnection

from commerce_agent.isolation.connections import execute_telling
from conversations.events import Event, Recorded
from conversations.events.decisions import DecisionMade
from conversations.events.messages import TurnStarted
from conversations.ids import ClientMessageId, ConversationId, EntityRef
from conversations.store.append import Head, place_events
from conversations.store.codec import CURRENT_SCHEMA, encode_event, get_kind
from conversations.store.sealing import Box

Connection = AsyncConnection[tuple[Any, ...]]

LAND_SECONDS = 5.0
"""So long a statement that was sent off is waited for after something else failed: a server may hang."""
MOST_STEP = 2**31
"""The fence has room for four thousand million steps of this size."""

_ENTRIES = (
    "%(frames)s::bigint[], %(turns)s::bigint[], %(kinds)s::text[], %(schema)s::int, %(bodies)b::bytea,"
    " %(starts)s::int[], %(sizes)s::int[]"
)
_PLACE = "%(acting)s, %(id)s::uuid, %(since)s::bigint, %(frame)s::bigint, %(at)s::timestamptz"
_TURN = "%(turn)s::bigint, %(step)s::bigint"
_INDEX = (
    "%(decisions)s::uuid[], %(decided)s::bigint[], %(planners)s::text[],"
    " %(ref_kinds)s::text[], %(ref_keys)s::text[]"
)

_MESSAGE = f"SELECT conversations_put_message({_PLACE}, %(cid)s, {_TURN}, {_ENTRIES})"
_START = f"SELECT conversations_put_start({_PLACE}, {_TURN}, %(holds_row)s, {_ENTRIES})"
_CLOSE = (
    f"SELECT conversations_put_close({_PLACE}, %(turn)s::bigint, %(fence)s::bigint, %(waiting)s::timestamptz,"
    f" {_INDEX}, {_ENTRIES})"
)
"""Each answers a token where it took effect, and nothing where it did not."""


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
    sealed = box.seal_row(bodies, layer="journal", first=head.version + 1)
    return Placed(since=head, until=until, recorded=recorded, sealed=sealed)


def follow(first: Placed, second: Placed | None) -> Placed:
    """Both as one, where there is a second, which was placed after the first."""
    if second is None:
        return first
    return Placed(
        since=first.since,
        until=second.until,
        recorded=first.recorded + second.recorded,
        sealed=first.sealed + second.sealed,
    )


async def put_message(
    connection: Connection, *, conversation: ConversationId, cid: ClientMessageId, placed: Placed
) -> Head | None:
    """Takes the message, and begins the turn that answers it where that start is placed behind it; the head after
    it, with the turn's token. None where its id was taken before or the conversation went on.
    """
    last = placed.recorded[-1]
    step = mint_step() if isinstance(last.event, TurnStarted) else 0
    return await _run(
        connection, _MESSAGE, conversation=conversation, placed=placed, turn=last.turn, cid=cid, step=step
    )


async def put_start(
    connection: Connection, *, conversation: ConversationId, placed: Placed, over_row_lease: bool
) -> Head | None:
    """Raises the fence and starts the turn; the head after it, with the new token.

    It holds for everybody at once, but it is not waited for until it is on disk, unless the caller holds the
    row. `keep_seen` waits for that before anybody is told of it; the close does so by itself.
    """
    return await _run(
        connection,
        _START,
        conversation=conversation,
        placed=placed,
        turn=placed.recorded[0].turn,
        holds_row=over_row_lease,
        step=mint_step(),
    )


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
) -> Head | None:
    """Closes the turn that holds the token of `placed.since`: events, decisions, what news now concerns it.

    The head after it, where it was.
    """
    decisions = [
        (recorded.event.decision, recorded.seq)
        for recorded in placed.recorded
        if isinstance(recorded.event, DecisionMade)
    ]
    return await _run(
        connection,
        _CLOSE,
        conversation=conversation,
        placed=placed,
        turn=placed.recorded[0].turn,
        fence=placed.since.fence,
        waiting=waiting,
        decisions=_listed([decision.id for decision, _ in decisions]),
        decided=_numbered([seq for _, seq in decisions]),
        planners=_listed([decision.planner for decision, _ in decisions]),
        ref_kinds=_listed([ref.kind for ref in shown]),
        ref_keys=_listed([ref.key for ref in shown]),
    )


async def has_landed(sent: asyncio.Task[Any]) -> bool:
    """Waits for what was sent off, since it may take effect whatever else went wrong; says whether it did."""
    await asyncio.wait({sent}, timeout=LAND_SECONDS)
    if not sent.done():
        sent.cancel()
        return False
    return not sent.cancelled() and sent.exception() is None and bool(sent.result())


async def _run(
    connection: Connection, statement: str, *, conversation: ConversationId, placed: Placed, **values: object
) -> Head | None:
    sizes = [len(sealed) for sealed in placed.sealed]
    cursor = await execute_telling(
        connection,
        statement,
        {
            "id": conversation,
            "since": placed.since.version,
            "frame": placed.until.frames,
            "schema": CURRENT_SCHEMA,
            "at": placed.recorded[0].at,
            "frames": _numbered([recorded.frame for recorded in placed.recorded]),
            "turns": _numbered([recorded.turn for recorded in placed.recorded]),
            "kinds": _listed([get_kind(recorded.event) for recorded in placed.recorded]),
            # As one value: an array of them would be built piece by piece.
            "bodies": b"".join(placed.sealed),
            "starts": _numbered([end - size + 1 for end, size in zip(accumulate(sizes), sizes, strict=True)]),
            "sizes": _numbered(sizes),
            **values,
        },
    )
    row = await cursor.fetchone()
    return msgspec.structs.replace(placed.until, fence=row[0]) if row and row[0] is not None else None


def _listed(values: Iterable[str]) -> str:
    """An array as PostgreSQL reads it: of one type whatever is in it, so the statement is prepared once."""
    listed = tuple(values)
    said = "".join(listed)
    if '"' in said or "\\" in said:
        listed = tuple(value.replace("\\", "\\\\").replace('"', '\\"') for value in listed)
    return '{"' + '","'.join(listed) + '"}' if listed else "{}"


def _numbered(values: Iterable[int | None]) -> str:
    """The same of numbers."""
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"
