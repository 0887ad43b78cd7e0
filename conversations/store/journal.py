"""The journal in PostgreSQL: append-only, one event a seq, fenced."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from conversations.events import VISIBLE, Event, Recorded
from conversations.events.decisions import DecisionMade
from conversations.events.messages import ConversationOpened
from conversations.ids import ClientMessageId, ConversationId, EntityRef, MerchantId
from conversations.store.codec import CURRENT_SCHEMA, decode_event, encode_event, get_kind

Pool = AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]]


class NoSuchConversation(Exception):
    """There is no conversation of this id. Whoever asked named it wrongly, or it was purged."""

    def __init__(self, *, conversation: ConversationId) -> None:
        super().__init__(f"There is no conversation {conversation!r}.")
        self.conversation = conversation


class Fenced(Exception):
    """A later turn holder took over; this one's work was not committed and must be dropped."""

    def __init__(self, *, conversation: ConversationId, fence: int) -> None:
        super().__init__(f"Token {fence} of conversation {conversation!r} is no longer the newest.")
        self.conversation = conversation
        self.fence = fence


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """Where a conversation stands."""

    merchant: MerchantId
    version: int
    frames: int
    fence: int


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """A message that was taken, now or before."""

    seq: int
    frame: int
    duplicate: bool


class Journal:
    """Reads and appends events. Each append is one transaction with the rows that index it."""

    def __init__(self, *, pool: Pool) -> None:
        self._pool = pool

    async def open_conversation(
        self, *, event: ConversationOpened, shopper_row: UUID | None, at: datetime
    ) -> ConversationId:
        """Creates the conversation with its first event."""
        conversation = uuid4()
        async with self._pool.connection() as connection, connection.transaction():
            await connection.execute(
                "INSERT INTO conversations_conversation (id, merchant_id, shopper_id, version, frames, fence,"
                " turns, locale, opened_at, active_at) VALUES (%s, %s, %s, 0, 0, 0, 0, %s, %s, %s)",
                [conversation, event.merchant, shopper_row, event.locale, at, at],
            )
            head = Head(merchant=event.merchant, version=0, frames=0, fence=0)
            name = ConversationId(str(conversation))
            await _append(connection, conversation=name, head=head, events=(event,), turn=0, at=at)
        return name

    async def get_head(self, *, conversation: ConversationId) -> Head:
        """Where the conversation stands; raises `NoSuchConversation`."""
        async with self._pool.connection() as connection:
            return await _get_head(connection, conversation=conversation, lock=False)

    async def record_message(
        self, *, conversation: ConversationId, cid: ClientMessageId, event: Event, at: datetime
    ) -> tuple[Arrival, tuple[Recorded, ...]]:
        """Appends the message unless its id was taken before; the row lock puts rivals in order."""
        async with self._pool.connection() as connection, connection.transaction():
            head = await _get_head(connection, conversation=conversation, lock=True)
            cursor = await connection.execute(
                "SELECT seq, frame FROM conversations_message WHERE conversation_id = %s AND cid = %s",
                [conversation, cid],
            )
            taken = await cursor.fetchone()
            if taken:
                return Arrival(seq=taken[0], frame=taken[1], duplicate=True), ()
            appended = await _append(
                connection, conversation=conversation, head=head, events=(event,), turn=0, at=at
            )
            seq, frame = head.version + 1, head.frames + 1
            await connection.execute(
                "INSERT INTO conversations_message (merchant_id, conversation_id, cid, seq, frame)"
                " VALUES (%s, %s, %s, %s, %s)",
                [head.merchant, conversation, cid, seq, frame],
            )
            await connection.execute(
                "UPDATE conversations_conversation SET waiting_since = coalesce(waiting_since, %s) WHERE id = %s",
                [at, conversation],
            )
        return Arrival(seq=seq, frame=frame, duplicate=False), appended

    async def record_arrivals(
        self, *, conversation: ConversationId, events: tuple[Event, ...], at: datetime
    ) -> tuple[Recorded, ...]:
        """Appends events that come from outside a turn (notices, a pressed button) and need no fence."""
        async with self._pool.connection() as connection, connection.transaction():
            head = await _get_head(connection, conversation=conversation, lock=True)
            return await _append(
                connection, conversation=conversation, head=head, events=events, turn=0, at=at
            )

    async def raise_fence(self, *, conversation: ConversationId) -> Head:
        """Takes the next fencing token: every holder of an older one is shut out from here on."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "UPDATE conversations_conversation SET fence = fence + 1 WHERE id = %s"
                " RETURNING merchant_id, version, frames, fence",
                [conversation],
            )
            return _to_head(await cursor.fetchone(), conversation=conversation)

    async def append_turn(
        self,
        *,
        conversation: ConversationId,
        fence: int,
        turn: int,
        events: tuple[Event, ...],
        at: datetime,
        answered: tuple[ClientMessageId, ...] = (),
        shown: tuple[EntityRef, ...] = (),
    ) -> tuple[Recorded, ...]:
        """Appends a turn's events and its decision rows in one transaction; raises `Fenced`.

        `answered` names the messages that no longer wait once this is committed, `shown` the items that
        news of should reach this conversation from here on.

        Events that arrived while the turn ran stand before them: they only add to what waits or was
        noticed, so the turn's own events mean the same after them.
        """
        async with self._pool.connection() as connection, connection.transaction():
            head = await _get_head(connection, conversation=conversation, lock=True)
            if head.fence != fence:
                raise Fenced(conversation=conversation, fence=fence)
            appended = await _append(
                connection, conversation=conversation, head=head, events=events, turn=turn, at=at
            )
            await _index_decisions(connection, conversation=conversation, head=head, appended=appended)
            await _index_shown(connection, conversation=conversation, head=head, refs=shown, at=at)
            if answered:
                await _close_turn(connection, conversation=conversation, answered=answered)
        return appended

    async def list_events(
        self, *, conversation: ConversationId, after: int = 0, up_to: int | None = None
    ) -> tuple[Recorded, ...]:
        """The events after a seq, in order, up to another where one is given."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT seq, frame, at, turn, schema, body FROM conversations_journalentry"
                " WHERE conversation_id = %s AND seq > %s AND (%s::bigint IS NULL OR seq <= %s) ORDER BY seq",
                [conversation, after, up_to, up_to],
            )
            return tuple([_to_recorded(row) async for row in cursor])

    async def list_frames(
        self, *, conversation: ConversationId, after: int, limit: int
    ) -> tuple[Recorded, ...]:
        """The visible events after a frame, in order."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT seq, frame, at, turn, schema, body FROM conversations_journalentry"
                " WHERE conversation_id = %s AND frame > %s ORDER BY frame LIMIT %s",
                [conversation, after, limit],
            )
            return tuple([_to_recorded(row) async for row in cursor])

    async def list_showing(
        self, *, merchant: MerchantId, refs: tuple[EntityRef, ...], active_after: datetime
    ) -> tuple[ConversationId, ...]:
        """The conversations active after an instant that show one of these items."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT DISTINCT shown.conversation_id FROM conversations_shownentity shown"
                " JOIN unnest(%s::text[], %s::text[]) AS item (kind, key) USING (kind, key)"
                " JOIN conversations_conversation conversation ON conversation.id = shown.conversation_id"
                " WHERE shown.merchant_id = %s AND conversation.active_at > %s",
                [[ref.kind for ref in refs], [ref.key for ref in refs], merchant, active_after],
            )
            return tuple([ConversationId(str(row[0])) async for row in cursor])

    async def list_waiting(self, *, before: datetime, limit: int) -> tuple[ConversationId, ...]:
        """Conversations whose oldest message has waited since before an instant, longest first."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT id FROM conversations_conversation WHERE waiting_since < %s"
                " ORDER BY waiting_since LIMIT %s",
                [before, limit],
            )
            return tuple([ConversationId(str(row[0])) async for row in cursor])

    async def list_open(self, *, merchant: MerchantId, active_after: datetime) -> tuple[ConversationId, ...]:
        """The merchant's conversations that were active after an instant."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT id FROM conversations_conversation WHERE merchant_id = %s AND active_at > %s",
                [merchant, active_after],
            )
            return tuple([ConversationId(str(row[0])) async for row in cursor])


TABLES = (
    "conversations_decisionrecord",
    "conversations_resumehandle",
    "conversations_shownentity",
    "conversations_message",
    "conversations_journalentry",
    "conversations_conversation",
    "conversations_shopper",
)
"""Every table with a merchant's rows, children first."""


async def forget_merchant(pool: Pool, *, merchant: MerchantId) -> None:
    """Removes everything of a merchant, in one transaction."""
    async with pool.connection() as connection, connection.transaction():
        for table in TABLES:
            await connection.execute(f"DELETE FROM {table} WHERE merchant_id = %s", [merchant])


async def _get_head(
    connection: AsyncConnection[tuple[Any, ...]], *, conversation: ConversationId, lock: bool
) -> Head:
    locking = " FOR UPDATE" if lock else ""
    cursor = await connection.execute(
        f"SELECT merchant_id, version, frames, fence FROM conversations_conversation WHERE id = %s{locking}",
        [conversation],
    )
    return _to_head(await cursor.fetchone(), conversation=conversation)


def _to_head(row: tuple[Any, ...] | None, *, conversation: ConversationId) -> Head:
    if row is None:
        raise NoSuchConversation(conversation=conversation)
    return Head(merchant=MerchantId(str(row[0])), version=row[1], frames=row[2], fence=row[3])


def _to_recorded(row: tuple[Any, ...]) -> Recorded:
    seq, frame, at, turn, schema, body = row
    return Recorded(seq=seq, frame=frame, at=at, turn=turn, event=decode_event(bytes(body), schema=schema))


def _place(
    *, head: Head, events: tuple[Event, ...], turn: int, at: datetime
) -> tuple[tuple[Recorded, ...], Head]:
    frames = head.frames
    placed: list[Recorded] = []
    for number, event in enumerate(events, start=1):
        visible = isinstance(event, VISIBLE)
        frames += visible
        placed.append(
            Recorded(
                seq=head.version + number, frame=frames if visible else None, at=at, turn=turn, event=event
            )
        )
    moved = msgspec.structs.replace(head, version=head.version + len(events), frames=frames)
    return tuple(placed), moved


async def _append(
    connection: AsyncConnection[tuple[Any, ...]],
    *,
    conversation: ConversationId,
    head: Head,
    events: tuple[Event, ...],
    turn: int,
    at: datetime,
) -> tuple[Recorded, ...]:
    placed, moved = _place(head=head, events=events, turn=turn, at=at)
    await connection.execute(
        "INSERT INTO conversations_journalentry"
        " (merchant_id, conversation_id, seq, frame, turn, kind, schema, at, body)"
        " SELECT %s, %s, seq, frame, %s, kind, %s, %s, body"
        " FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::bytea[]) AS placed (seq, frame, kind, body)",
        [
            head.merchant,
            conversation,
            turn,
            CURRENT_SCHEMA,
            at,
            [recorded.seq for recorded in placed],
            [recorded.frame for recorded in placed],
            [get_kind(recorded.event) for recorded in placed],
            [encode_event(recorded.event) for recorded in placed],
        ],
    )
    await connection.execute(
        "UPDATE conversations_conversation SET version = %s, frames = %s, turns = greatest(turns, %s),"
        " active_at = %s WHERE id = %s",
        [moved.version, moved.frames, turn, at, conversation],
    )
    return placed


async def _index_decisions(
    connection: AsyncConnection[tuple[Any, ...]],
    *,
    conversation: ConversationId,
    head: Head,
    appended: tuple[Recorded, ...],
) -> None:
    for recorded in appended:
        if isinstance(recorded.event, DecisionMade):
            decision = recorded.event.decision
            await connection.execute(
                "INSERT INTO conversations_decisionrecord"
                " (id, merchant_id, conversation_id, seq, turn, planner, at)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s)",
                [
                    decision.id,
                    head.merchant,
                    conversation,
                    recorded.seq,
                    recorded.turn,
                    decision.planner,
                    recorded.at,
                ],
            )


async def _index_shown(
    connection: AsyncConnection[tuple[Any, ...]],
    *,
    conversation: ConversationId,
    head: Head,
    refs: tuple[EntityRef, ...],
    at: datetime,
) -> None:
    if refs:
        await connection.execute(
            "INSERT INTO conversations_shownentity (merchant_id, conversation_id, kind, key, shown_at)"
            " SELECT %s, %s, kind, key, %s FROM unnest(%s::text[], %s::text[]) AS shown (kind, key)"
            " ON CONFLICT (conversation_id, kind, key) DO UPDATE SET shown_at = excluded.shown_at",
            [head.merchant, conversation, at, [ref.kind for ref in refs], [ref.key for ref in refs]],
        )


async def _close_turn(
    connection: AsyncConnection[tuple[Any, ...]],
    *,
    conversation: ConversationId,
    answered: tuple[ClientMessageId, ...],
) -> None:
    """Sets what still waits to the oldest message that came after those answered."""
    await connection.execute(
        "WITH answered AS (SELECT seq FROM conversations_message"
        "   WHERE conversation_id = %(id)s AND cid = ANY(%(answered)s))"
        " UPDATE conversations_conversation SET lease_until = NULL, waiting_since = ("
        "   SELECT min(at) FROM conversations_journalentry WHERE conversation_id = %(id)s"
        "   AND seq > (SELECT min(seq) FROM answered) AND kind = 'shopper.spoke'"
        "   AND seq NOT IN (SELECT seq FROM answered)) WHERE id = %(id)s",
        {"id": conversation, "answered": list(answered)},
    )
