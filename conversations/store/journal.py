"""The journal in PostgreSQL: append-only, one event a seq, fenced."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from conversations.events import Event, Recorded
from conversations.events.carts import CartChanged, ProposalMade, ProposalResolved
from conversations.events.messages import ConversationOpened, TurnStarted
from conversations.ids import ClientMessageId, ConversationId, EntityRef, MerchantId
from conversations.store.append import (
    HEAD,
    Head,
    NoSuchConversation,
    append_events,
    close_turn,
    get_head,
    index_decisions,
    index_shown,
    to_head,
    to_recorded,
)
from conversations.store.boxes import Boxes
from conversations.store.openings import OpeningKey, find_opened
from conversations.store.resume import claim_resume
from conversations.store.sealing import Identity

Pool = AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]]


BUYING = CartChanged | ProposalMade
"""Events whose meaning rests on the cart and the proposal as the turn found them."""
BOUGHT = ("cart.changed", "proposal.resolved")
"""Kinds that move the cart from outside a turn."""


class Fenced(Exception):
    """A later turn holder took over; this one's work was not committed and must be dropped."""

    def __init__(self, *, conversation: ConversationId, fence: int) -> None:
        super().__init__(
            f"Token {fence} of conversation {conversation!r} is no longer good: drop this turn's work."
        )
        self.conversation = conversation
        self.fence = fence


class Overtaken(Fenced):
    """The cart was changed or ordered while the turn ran; it was not committed and is to be taken again."""


class MovedOn(Exception):
    """The conversation went on since it was read; nothing was appended. Read it again and decide again."""

    def __init__(self, *, conversation: ConversationId, expected: int, version: int) -> None:
        super().__init__(
            f"Conversation {conversation!r} is at version {version}, not {expected}: read it again."
        )
        self.conversation = conversation
        self.expected = expected
        self.version = version


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """A message that was taken, now or before."""

    seq: int
    frame: int
    duplicate: bool


class Journal:
    """Reads and appends events. Each append is one transaction with the rows that index it."""

    def __init__(self, *, pool: Pool, boxes: Boxes) -> None:
        self._pool = pool
        self._boxes = boxes

    async def open_conversation(
        self,
        *,
        event: ConversationOpened,
        shopper_row: UUID | None,
        at: datetime,
        opening: OpeningKey | None = None,
        resume: str | None = None,
    ) -> ConversationId:
        """Creates the conversation with its first event, or answers the one that `opening` has opened.

        Raises `OpeningDiffers` where that key was used with another question, `HandleRefused` for a handle
        under which nothing can be opened.
        """
        name = ConversationId(str(uuid4()))
        owner = str(shopper_row or name)
        identity = Identity(merchant=event.merchant, owner=owner, conversation=name)
        async with self._pool.connection() as connection, connection.transaction():
            if opening:
                opened = await find_opened(
                    connection, merchant=event.merchant, conversation=name, opening=opening
                )
                if opened:
                    return opened
            key, box = await self._boxes.make_box(connection, identity=identity)
            await connection.execute(
                "INSERT INTO conversations_conversation (id, merchant_id, shopper_id, data_key_id, may_be_plain,"
                " version, frames, fence, turns, locale, opened_at, active_at)"
                " VALUES (%s, %s, %s, %s, false, 0, 0, 0, 0, %s, %s, %s)",
                [name, event.merchant, shopper_row, key, event.locale, at, at],
            )
            head = Head(merchant=event.merchant, version=0, frames=0, fence=0)
            await append_events(
                connection, conversation=name, box=box, head=head, events=(event,), turn=0, at=at
            )
            if resume is not None:
                await claim_resume(
                    connection, handle=resume, conversation=name, merchant=event.merchant, at=at
                )
        return name

    async def get_head(self, *, conversation: ConversationId) -> Head:
        """Where the conversation stands; raises `NoSuchConversation`."""
        async with self._pool.connection() as connection:
            return await get_head(connection, conversation=conversation, lock=False)

    async def record_message(
        self, *, conversation: ConversationId, cid: ClientMessageId, event: Event, at: datetime
    ) -> tuple[Arrival, tuple[Recorded, ...]]:
        """Appends the message unless its id was taken before; the row lock puts rivals in order."""
        box = await self._boxes.get_box(conversation=conversation)
        async with self._pool.connection() as connection, connection.pipeline(), connection.transaction():
            head = await get_head(connection, conversation=conversation, lock=True)
            cursor = await connection.execute(
                "SELECT seq, frame FROM conversations_message WHERE conversation_id = %s AND cid = %s",
                [conversation, cid],
            )
            taken = await cursor.fetchone()
            if taken:
                return Arrival(seq=taken[0], frame=taken[1], duplicate=True), ()
            appended = await append_events(
                connection, conversation=conversation, box=box, head=head, events=(event,), turn=0, at=at
            )
            seq, frame = head.version + 1, head.frames + 1
            await connection.execute(
                "INSERT INTO conversations_message (merchant_id, conversation_id, cid, seq, frame)"
                " VALUES (%s, %s, %s, %s, %s)",
                [head.merchant, conversation, cid, seq, frame],
            )
            await connection.execute(
                "UPDATE conversations_conversation SET waiting_since = coalesce(waiting_since, %s)"
                " WHERE id = %s",
                [at, conversation],
            )
        return Arrival(seq=seq, frame=frame, duplicate=False), appended

    async def record_arrivals(
        self,
        *,
        conversation: ConversationId,
        events: tuple[Event, ...],
        at: datetime,
        expected_version: int | None = None,
    ) -> tuple[Recorded, ...]:
        """Appends events that come from outside a turn and need no fence; raises `MovedOn`.

        News does not make a quiet conversation active: only what the shopper did does.
        """
        acted = any(isinstance(event, CartChanged | ProposalResolved) for event in events)
        box = await self._boxes.get_box(conversation=conversation)
        async with self._pool.connection() as connection, connection.transaction():
            head = await get_head(connection, conversation=conversation, lock=True)
            if expected_version is not None and head.version != expected_version:
                raise MovedOn(conversation=conversation, expected=expected_version, version=head.version)
            return await append_events(
                connection,
                conversation=conversation,
                box=box,
                head=head,
                events=events,
                turn=0,
                at=at,
                acted=acted,
            )

    async def find_started(
        self,
        *,
        conversation: ConversationId,
        over_row_lease: bool,
        started: TurnStarted | None,
        known: int,
        at: datetime,
    ) -> tuple[Head, tuple[Recorded, ...]] | None:
        """Takes the next fencing token, which shuts out every holder of an older one, and starts the turn.

        `started` is appended in the same commit when the conversation still is at the version `known` by
        which it was made; the head answered is that before it. None while another holds the turn by a lease
        on the row, unless the caller is that holder (`over_row_lease`). Raises `NoSuchConversation`.
        """
        box = await self._boxes.get_box(conversation=conversation)
        async with self._pool.connection() as connection, connection.pipeline(), connection.transaction():
            cursor = await connection.execute(
                "UPDATE conversations_conversation SET fence = fence + 1 WHERE id = %s"
                " AND (%s OR lease_until IS NULL OR lease_until < clock_timestamp())"
                f" RETURNING {HEAD}",
                [conversation, over_row_lease],
            )
            row = await cursor.fetchone()
            if row is None:
                await get_head(connection, conversation=conversation, lock=False)
                return None
            head = to_head(row, conversation=conversation)
            if started is None or head.version != known:
                return head, ()
            appended = await append_events(
                connection,
                conversation=conversation,
                box=box,
                head=head,
                events=(started,),
                turn=started.turn,
                at=at,
            )
        return head, appended

    async def append_turn(
        self,
        *,
        conversation: ConversationId,
        fence: int,
        turn: int,
        events: tuple[Event, ...],
        at: datetime,
        since: int,
        answered: tuple[ClientMessageId, ...] = (),
        shown: tuple[EntityRef, ...] = (),
    ) -> tuple[Recorded, ...]:
        """Appends a turn's events and its decision rows in one transaction.

        `answered` names the messages that no longer wait once this is committed, and closes the turn: its
        token is spent. `shown` names the items that news of should reach this conversation from here on.
        Events that arrived since the version `since` stand before the turn's own. They add to what waits or
        was noticed, so the turn means the same after them; where it would not, it is refused.

        Raises `Fenced` after a later holder or a second commit, `Overtaken` when the cart moved meanwhile.
        """
        box = await self._boxes.get_box(conversation=conversation)
        async with self._pool.connection() as connection, connection.pipeline(), connection.transaction():
            head = await get_head(connection, conversation=conversation, lock=True)
            if head.fence != fence:
                raise Fenced(conversation=conversation, fence=fence)
            if head.version > since and any(isinstance(event, BUYING) for event in events):
                await _require_same_cart(connection, conversation=conversation, fence=fence, since=since)
            appended = await append_events(
                connection, conversation=conversation, box=box, head=head, events=events, turn=turn, at=at
            )
            await index_decisions(connection, conversation=conversation, head=head, appended=appended)
            await index_shown(connection, conversation=conversation, head=head, refs=shown, at=at)
            if answered:
                await close_turn(connection, conversation=conversation, answered=answered)
        return appended

    async def list_events(
        self,
        *,
        conversation: ConversationId,
        after: int = 0,
        up_to: int | None = None,
        kind: str | None = None,
        limit: int | None = None,
    ) -> tuple[Recorded, ...]:
        """The events after a seq, in order, up to another, of one kind and so many where these are given."""
        box = await self._boxes.get_box(conversation=conversation)
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT seq, frame, at, turn, schema, body FROM conversations_journalentry"
                " WHERE conversation_id = %s AND seq > %s AND (%s::bigint IS NULL OR seq <= %s)"
                " AND (%s::text IS NULL OR kind = %s) ORDER BY seq LIMIT %s",
                [conversation, after, up_to, up_to, kind, kind, limit],
            )
            return tuple([to_recorded(row, box=box) async for row in cursor])

    async def list_frames(
        self, *, conversation: ConversationId, after: int, limit: int
    ) -> tuple[Recorded, ...]:
        """The visible events after a frame, in order."""
        box = await self._boxes.get_box(conversation=conversation)
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT seq, frame, at, turn, schema, body FROM conversations_journalentry"
                " WHERE conversation_id = %s AND frame > %s ORDER BY frame LIMIT %s",
                [conversation, after, limit],
            )
            return tuple([to_recorded(row, box=box) async for row in cursor])

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

    async def is_waiting(self, *, conversation: ConversationId) -> bool:
        """Whether a message has no answer yet; raises `NoSuchConversation`."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT waiting_since IS NOT NULL FROM conversations_conversation WHERE id = %s",
                [conversation],
            )
            row = await cursor.fetchone()
        if row is None:
            raise NoSuchConversation(conversation=conversation)
        return bool(row[0])

    async def list_waiting(
        self, *, before: datetime, limit: int, but: tuple[MerchantId, ...] = ()
    ) -> tuple[ConversationId, ...]:
        """Conversations whose oldest message has waited since before an instant, longest first."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT id FROM conversations_conversation WHERE waiting_since < %s"
                " AND merchant_id <> ALL(%s::uuid[]) ORDER BY waiting_since LIMIT %s",
                [before, list(but), limit],
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
    "conversations_apikey",
    "conversations_opening",
    "conversations_decisionrecord",
    "conversations_resumehandle",
    "conversations_shownentity",
    "conversations_message",
    "conversations_journalentry",
    "conversations_conversation",
    "conversations_datakey",
    "conversations_document",
    "conversations_shopper",
)
"""Every table with a merchant's rows, children first."""


async def forget_merchant(pool: Pool, *, merchant: MerchantId) -> None:
    """Removes everything of a merchant, in one transaction."""
    async with pool.connection() as connection, connection.transaction():
        for table in TABLES:
            await connection.execute(f"DELETE FROM {table} WHERE merchant_id = %s", [merchant])


async def _require_same_cart(
    connection: AsyncConnection[tuple[Any, ...]], *, conversation: ConversationId, fence: int, since: int
) -> None:
    cursor = await connection.execute(
        "SELECT 1 FROM conversations_journalentry"
        " WHERE conversation_id = %s AND seq > %s AND turn = 0 AND kind = ANY(%s) LIMIT 1",
        [conversation, since, list(BOUGHT)],
    )
    if await cursor.fetchone():
        raise Overtaken(conversation=conversation, fence=fence)
