"""News for many conversations at once: one look, one durable commit, however many hear it.

News goes to many in one commit (`Conversations.many`). Each is appended where it still is at the version it was
decided on; the announcement brings the events along, so that a thousand sockets do not ask the journal, and goes
out before the copies are kept: whoever loads in between folds the journal.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime
from typing import Any, Protocol

import msgspec
import structlog
from psycopg import AsyncConnection
from redis.exceptions import RedisError

from commerce_agent.isolation.connections import Pool
from conversations.events import Event, Recorded
from conversations.ids import ConversationId, EntityRef
from conversations.metrics import OUTBOX_LAG
from conversations.state import ConversationState
from conversations.store.append import HEAD, Head, NoSuchConversation, place_events, to_head
from conversations.store.boxes import Boxes
from conversations.store.codec import (
    CURRENT_SCHEMA,
    UnreadableEvent,
    encode_event,
    get_kind,
)
from conversations.store.projection import Projection
from conversations.store.sealing import Box, KeyDestroyed

States = dict[ConversationId, ConversationState]

_LOCK = f"SELECT {HEAD}, id FROM conversations_conversation WHERE id = ANY(%s::uuid[]) ORDER BY id FOR UPDATE"
_INSERT = (
    "INSERT INTO conversations_journalentry"
    " (merchant_id, conversation_id, seq, frame, turn, kind, schema, at, body)"
    " SELECT merchant, conversation, seq, frame, 0, kind, %(schema)s, %(at)s, body"
    " FROM unnest(%(merchants)s::uuid[], %(conversations)s::uuid[], %(seqs)s::bigint[], %(frames)s::bigint[],"
    " %(kinds)s::text[], %(bodies)s::bytea[]) AS placed (merchant, conversation, seq, frame, kind, body)"
)
_MOVE = (
    "UPDATE conversations_conversation talk SET version = moved.version, frames = moved.frames"
    " FROM unnest(%(moved)s::uuid[], %(versions)s::bigint[], %(heads)s::bigint[]) AS moved (id, version, frames)"
    " WHERE talk.id = moved.id"
)
_SHOWN = (
    "INSERT INTO conversations_shownentity (merchant_id, conversation_id, kind, key, shown_at)"
    " SELECT merchant, conversation, kind, key, %(at)s"
    " FROM unnest(%(merchants)s::uuid[], %(conversations)s::uuid[], %(kinds)s::text[], %(keys)s::text[])"
    " AS shown (merchant, conversation, kind, key)"
    " ON CONFLICT (conversation_id, kind, key) DO UPDATE SET shown_at = excluded.shown_at"
)


log = structlog.get_logger(__name__)


Announce = Callable[[ConversationId, tuple[Recorded, ...]], Awaitable[None]]
"""Tells whoever listens which visible events a conversation has now; there is at least one."""
Visible = tuple[tuple[ConversationId, tuple[Recorded, ...]], ...]
AnnounceAll = Callable[[Visible], Awaitable[None]]
"""The same for many conversations at once."""
May = Callable[[AsyncConnection[tuple[Any, ...]]], Awaitable[bool]]
"""Asks in the transaction that holds the conversations whether what is to be appended may be."""


class LoadOne(Protocol):
    """Answers the state of one conversation, however long that takes."""

    async def __call__(self, *, conversation: ConversationId) -> ConversationState:
        """The state at this moment."""
        ...


class News(msgspec.Struct, frozen=True, kw_only=True):
    """What one conversation is to be told, decided on its state at a version."""

    conversation: ConversationId
    events: tuple[Event, ...]
    expected_version: int
    shown: tuple[EntityRef, ...] = ()
    """Items that come up with it: news of them concerns the conversation from here on."""
    base: ConversationState | None = None
    """The hot state at that version: moved on and kept, it spares the next load the fold of what was appended."""


class _Told(msgspec.Struct, frozen=True, kw_only=True):
    box: Box
    before: Head
    after: Head
    recorded: tuple[Recorded, ...]
    bodies: tuple[bytes, ...]
    shown: tuple[EntityRef, ...]
    base: ConversationState | None


class Together:
    """Loads and appends for many conversations at once; the service is its door."""

    def __init__(
        self, *, pool: Pool, boxes: Boxes, projection: Projection, announce: AnnounceAll, load_one: LoadOne
    ) -> None:
        self._pool = pool
        self._boxes = boxes
        self._projection = projection
        self._announce = announce
        self._load_one = load_one

    async def load(self, *, conversations: Collection[ConversationId]) -> States:
        """Their states at this moment, one by one where the projection lags.

        One that is no more is absent, and so is one that cannot be read: it must not keep the news from the others.
        """
        versions = await _list_versions(self._pool, conversations=conversations)
        boxes = await self._boxes.get_boxes(conversations=versions)
        try:
            kept = await self._projection.find_states(boxes=boxes)
        except RedisError:
            kept = {}
        states = {name: state for name, state in kept.items() if state.version == versions[name]}
        for name in versions.keys() - states.keys():
            try:
                states[name] = await self._load_one(conversation=name)
            except (NoSuchConversation, UnreadableEvent) as error:
                log.warning("news.unreadable", conversation=name, kind=type(error).__name__)
        return states

    async def record(self, *, news: tuple[News, ...], at: datetime) -> tuple[ConversationId, ...]:
        """Appends to those that still are at the version expected, announces what was appended, and keeps it for the
        next load.

        The others are absent from the answer: they went on, or are no more.
        """
        return await self._record(news, at=at, whole=False)

    async def record_all(self, *, news: tuple[News, ...], at: datetime, may: May | None = None) -> bool:
        """Appends to all of them or, where one is not at the version expected, to none; says whether it did.

        `may` is asked while they are all held: nothing comes between its answer and the commit.
        """
        return bool(await self._record(news, at=at, whole=True, may=may))

    async def _record(
        self, news: tuple[News, ...], *, at: datetime, whole: bool, may: May | None = None
    ) -> tuple[ConversationId, ...]:
        told = await _append(self._pool, boxes=self._boxes, news=news, at=at, whole=whole, may=may)
        named = ((each.box.identity.conversation, list_visible(each.recorded)) for each in told)
        if visible := tuple((name, frames) for name, frames in named if frames):
            # First: it is durable, and whoever loads before it is kept finds it in the journal.
            with OUTBOX_LAG.time():
                await self._announce(visible)
        await self._projection.move_many(moved=((each.box, each.base, each.recorded) for each in told))
        return tuple(each.box.identity.conversation for each in told)


def list_visible(recorded: tuple[Recorded, ...]) -> tuple[Recorded, ...]:
    """Those that a widget shows."""
    return tuple(each for each in recorded if each.frame is not None)


async def announce_visible(
    announce: Announce, *, conversation: ConversationId, appended: tuple[Recorded, ...]
) -> None:
    """Tells of what was appended, where a widget shows any of it."""
    if visible := list_visible(appended):
        with OUTBOX_LAG.time():
            await announce(conversation, visible)


def announce_each(announce: Announce) -> AnnounceAll:
    """Tells of many conversations one by one."""

    async def announce_all(visible: Visible) -> None:
        for conversation, frames in visible:
            await announce(conversation, frames)

    return announce_all


async def _list_versions(
    pool: Pool, *, conversations: Collection[ConversationId]
) -> dict[ConversationId, int]:
    async with pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT id, version FROM conversations_conversation"
            " WHERE id = ANY(%s::uuid[]) AND erased_at IS NULL",
            [list(conversations)],
        )
        return {ConversationId(str(name)): version async for name, version in cursor}


async def _append(
    pool: Pool, *, boxes: Boxes, news: tuple[News, ...], at: datetime, whole: bool, may: May | None
) -> tuple[_Told, ...]:
    """In one transaction. News does not make a quiet conversation active."""
    wanted = {each.conversation: each for each in news}
    opened = await boxes.get_boxes(conversations=wanted)
    async with pool.connection() as connection, connection.transaction():
        cursor = await connection.execute(_LOCK, [list(wanted)])
        rows = await cursor.fetchall()
        told = _place(rows, news=wanted, boxes=opened, at=at)
        if (whole and len(told) < len(wanted)) or not (may is None or await may(connection)):
            return ()
        if told:
            await _write(connection, told, at=at)
    return told


def _place(
    rows: list[tuple[Any, ...]],
    *,
    news: Mapping[ConversationId, News],
    boxes: Mapping[ConversationId, Box],
    at: datetime,
) -> tuple[_Told, ...]:
    told: list[_Told] = []
    for *head_row, raw_name in rows:
        name = ConversationId(str(raw_name))
        each, box = news[name], boxes.get(name)
        try:
            head = to_head(tuple(head_row), conversation=name)
            if box is None or head.version != each.expected_version:
                continue
            bodies = [encode_event(event) for event in each.events]
            recorded, moved = place_events(head=head, bodies=bodies, turn=0, at=at)
            sealed = box.seal_row(bodies, layer="journal", first=head.version + 1)
        except KeyDestroyed:
            continue
        told.append(
            _Told(
                box=box,
                before=head,
                after=moved,
                recorded=recorded,
                bodies=sealed,
                shown=each.shown,
                base=each.base,
            )
        )
    return tuple(told)


async def _write(
    connection: AsyncConnection[tuple[Any, ...]], told: tuple[_Told, ...], *, at: datetime
) -> None:
    entries = [
        (each, recorded, body)
        for each in told
        for recorded, body in zip(each.recorded, each.bodies, strict=True)
    ]
    await connection.execute(
        _INSERT,
        {
            "schema": CURRENT_SCHEMA,
            "at": at,
            "merchants": [each.before.merchant for each, _, _ in entries],
            "conversations": [each.box.identity.conversation for each, _, _ in entries],
            "seqs": [recorded.seq for _, recorded, _ in entries],
            "frames": [recorded.frame for _, recorded, _ in entries],
            "kinds": [get_kind(recorded.event) for _, recorded, _ in entries],
            "bodies": [body for _, _, body in entries],
        },
    )
    await connection.execute(
        _MOVE,
        {
            "moved": [each.box.identity.conversation for each in told],
            "versions": [each.after.version for each in told],
            "heads": [each.after.frames for each in told],
        },
    )
    shown = [(each, ref) for each in told for ref in each.shown]
    if shown:
        await connection.execute(
            _SHOWN,
            {
                "at": at,
                "merchants": [each.before.merchant for each, _ in shown],
                "conversations": [each.box.identity.conversation for each, _ in shown],
                "kinds": [ref.kind for _, ref in shown],
                "keys": [ref.key for _, ref in shown],
            },
        )
