"""The journal in PostgreSQL: append-only, one event a seq, fenced."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from conversations.events import Event, Recorded
from conversations.events.carts import CartChanged, ProposalMade, ProposalResolved
from conversations.events.messages import ConversationOpened, TurnStarted
from conversations.ids import ClientMessageId, ConversationId
from conversations.measures import MOVED_ON
from conversations.store.append import (
    HEAD,
    Head,
    append_events,
    close_turn,
    find_taken,
    get_head,
    index_decisions,
    index_shown,
    place_events,
    to_head,
    to_recorded,
)
from conversations.store.at_once import Placed, keep_seen, mint_step, put_close, put_message, put_start
from conversations.store.boxes import Boxes
from conversations.store.codec import encode_event
from conversations.store.openings import OpeningKey, find_opened
from conversations.store.outcomes import Arrival, Closing, Fenced, MovedOn, Overtaken
from conversations.store.partitions import mint_conversation
from conversations.store.resume import claim_resume
from conversations.store.sealing import Box, Identity, KeyDestroyed

Pool = AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]]


Meanwhile = Callable[[tuple[Recorded, ...]], Awaitable[None]]
"""What may be prepared while a commit is under way; it is of no use where the commit is refused."""

BUYING = CartChanged | ProposalMade
"""Events whose meaning rests on the cart and the proposal as the turn found them."""
BOUGHT = ("cart.changed", "proposal.resolved", "shopper.identified")
"""Kinds that move the cart from outside a turn, or say that it has other prices."""

PAGE = 256
"""So many events are opened at a time."""
LAND_SECONDS = 5.0
"""So long a statement that was sent off is waited for after something else failed: a server may hang."""
GUESSES = 4096
"""Of so many conversations a process remembers where it last saw them; what is wrong is noticed and looked up."""


class Journal:
    """Reads and appends events. Each append is one transaction with the rows that index it."""

    def __init__(self, *, pool: Pool, boxes: Boxes) -> None:
        self._pool = pool
        self._boxes = boxes
        self._guesses: dict[ConversationId, Head] = {}

    async def open_conversation(
        self,
        *,
        event: ConversationOpened,
        shopper_row: UUID | None,
        at: datetime,
        opening: OpeningKey | None = None,
        resume: str | None = None,
    ) -> tuple[ConversationId, tuple[Recorded, ...]]:
        """Creates the conversation with its first event; or answers the one that `opening` has opened, and no event.

        Raises `OpeningDiffers` where that key was used with another question, `HandleRefused` for a handle
        under which nothing can be opened.
        """
        name = mint_conversation(at)
        owner = str(shopper_row or name)
        identity = Identity(merchant=event.merchant, owner=owner, conversation=name)
        async with self._pool.connection() as connection, connection.transaction():
            if opening:
                opened = await find_opened(
                    connection, merchant=event.merchant, conversation=name, opening=opening
                )
                if opened:
                    return opened, ()
            key, box = await self._boxes.make_box(connection, identity=identity)
            await connection.execute(
                "INSERT INTO conversations_conversation (id, merchant_id, shopper_id, data_key_id, may_be_plain,"
                " version, frames, fence, turns, locale, opened_at, active_at)"
                " VALUES (%s, %s, %s, %s, false, 0, 0, 0, 0, %s, %s, %s)",
                [name, event.merchant, shopper_row, key, event.locale, at, at],
            )
            head = Head(merchant=event.merchant, version=0, frames=0, fence=0)
            appended = await append_events(
                connection, conversation=name, box=box, head=head, events=(event,), turn=0, at=at
            )
            if resume is not None:
                await claim_resume(
                    connection, handle=resume, conversation=name, merchant=event.merchant, at=at
                )
        self._note(name, msgspec.structs.replace(head, version=1))
        return name, appended

    async def get_head(self, *, conversation: ConversationId) -> Head:
        """Where the conversation stands; raises `NoSuchConversation`."""
        async with self._pool.connection() as connection:
            return await get_head(connection, conversation=conversation, lock=False)

    async def record_message(
        self, *, conversation: ConversationId, cid: ClientMessageId, event: Event, at: datetime
    ) -> tuple[Arrival, tuple[Recorded, ...]]:
        """Appends the message unless its id was taken before, for which the conversation itself may be long gone."""
        try:
            return await self._record_message(conversation=conversation, cid=cid, event=event, at=at)
        except KeyDestroyed:
            async with self._pool.connection() as connection:
                arrival = await find_taken(connection, conversation=conversation, cid=cid)
            if arrival is None:
                raise
            return arrival, ()

    async def _record_message(
        self, *, conversation: ConversationId, cid: ClientMessageId, event: Event, at: datetime
    ) -> tuple[Arrival, tuple[Recorded, ...]]:
        """One statement where the conversation stands where this process last saw it."""
        box = await self._boxes.get_box(conversation=conversation)
        async with self._pool.connection() as connection:
            head = self._guesses.get(conversation)
            if head is None:
                head = await get_head(connection, conversation=conversation, lock=False)
            placed = _seal(box, head=head, events=(event,), turn=0, at=at)
            if await put_message(connection, conversation=conversation, cid=cid, placed=placed):
                self._note(conversation, placed.until)
                seq, frame = placed.until.version, placed.until.frames
                return Arrival(seq=seq, frame=frame, duplicate=False), placed.recorded
        return await self._record_message_in_order(
            conversation=conversation, cid=cid, event=event, at=at, box=box
        )

    async def _record_message_in_order(
        self, *, conversation: ConversationId, cid: ClientMessageId, event: Event, at: datetime, box: Box
    ) -> tuple[Arrival, tuple[Recorded, ...]]:
        """The same under the row's lock, which puts rivals in order."""
        async with self._pool.connection() as connection, connection.pipeline(), connection.transaction():
            head = await get_head(connection, conversation=conversation, lock=True)
            arrival = await find_taken(connection, conversation=conversation, cid=cid)
            if arrival:
                self._note(conversation, head)
                return arrival, ()
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
        self._note(conversation, msgspec.structs.replace(head, version=seq, frames=frame))
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
                MOVED_ON.inc()
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
        known: Head | None,
        at: datetime,
        meanwhile: Callable[[], object] | None = None,
    ) -> tuple[Head, tuple[Recorded, ...]] | None:
        """Takes the next fencing token, which shuts out every holder of an older one, and starts the turn.

        `started` is appended in the same commit when the conversation still is at the head `known` by
        which it was made; the head answered is that before it. None while another holds the turn by a lease
        on the row, unless the caller is that holder (`over_row_lease`). `meanwhile` is called while the database
        is at work on the start, if it is. Raises `NoSuchConversation`.
        """
        box = await self._boxes.get_box(conversation=conversation)
        if started is not None and known is not None:
            placed = _seal(box, head=known, events=(started,), turn=started.turn, at=at)
            starting = asyncio.create_task(self._begin(conversation, placed, over_row_lease=over_row_lease))
            try:
                # One step of the loop sends the statement off.
                await asyncio.sleep(0)
                if meanwhile is not None:
                    meanwhile()
            except BaseException:
                await _has_landed(starting)
                raise
            begun = await starting
            if begun is not None:
                return begun, placed.recorded
        async with self._pool.connection() as connection, connection.pipeline(), connection.transaction():
            cursor = await connection.execute(
                "UPDATE conversations_conversation SET fence = fence + %s WHERE id = %s"
                " AND (%s OR lease_until IS NULL OR lease_until < clock_timestamp())"
                f" RETURNING {HEAD}",
                [mint_step(), conversation, over_row_lease],
            )
            row = await cursor.fetchone()
            if row is None:
                await get_head(connection, conversation=conversation, lock=False)
                return None
            return to_head(row, conversation=conversation), ()

    async def _begin(
        self, conversation: ConversationId, placed: Placed, *, over_row_lease: bool
    ) -> Head | None:
        async with self._pool.connection() as connection:
            return await put_start(
                connection, conversation=conversation, placed=placed, over_row_lease=over_row_lease
            )

    async def append_turn(
        self,
        *,
        conversation: ConversationId,
        known: Head,
        turn: int,
        events: tuple[Event, ...],
        at: datetime,
        closing: Closing | None = None,
        meanwhile: Meanwhile | None = None,
    ) -> tuple[Recorded, ...]:
        """Appends a turn's events and its decision rows in one transaction.

        `known` is the head that the turn saw, with its token. `closing` closes the turn: its token is spent.
        Events that arrived since stand before the turn's own. They add to what waits or was noticed, so the
        turn means the same after them; where it would not, it is refused. `meanwhile` is called with the events
        where they most likely will stand, while the database is at work.

        Raises `Fenced` after a later holder or a second commit, `Overtaken` when the cart moved meanwhile.
        """
        box = await self._boxes.get_box(conversation=conversation)
        if closing is not None and closing.at_once:
            placed = _seal(box, head=known, events=events, turn=turn, at=at)
            committing = asyncio.create_task(self._close(conversation, placed=placed, closing=closing))
            try:
                # One step of the loop sends the statement off.
                await asyncio.sleep(0)
                if meanwhile is not None:
                    await meanwhile(placed.recorded)
            except BaseException as fault:
                if await _has_landed(committing) and isinstance(fault, Exception):
                    return placed.recorded
                raise
            if await committing:
                return placed.recorded
        fence, since = known.fence, known.version
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
            if closing is not None:
                await index_shown(connection, conversation=conversation, head=head, refs=closing.shown, at=at)
                await close_turn(connection, conversation=conversation, answered=closing.answered)
        return appended

    async def _close(self, conversation: ConversationId, *, placed: Placed, closing: Closing) -> bool:
        """Closes the turn where nothing came between; says whether it did."""
        async with self._pool.connection() as connection:
            closed = await put_close(
                connection,
                conversation=conversation,
                placed=placed,
                waiting=closing.waiting,
                shown=closing.shown,
            )
        if closed:
            self._note(conversation, placed.until)
        return closed

    def _note(self, conversation: ConversationId, head: Head) -> None:
        self._guesses.pop(conversation, None)
        self._guesses[conversation] = head
        if len(self._guesses) > GUESSES:
            self._guesses.pop(next(iter(self._guesses)))

    async def list_events(
        self,
        *,
        conversation: ConversationId,
        after: int = 0,
        up_to: int | None = None,
        kind: str | None = None,
        limit: int | None = None,
    ) -> tuple[Recorded, ...]:
        """The events after a seq, in order, up to another, of one kind and so many where these are given.

        A long journal is read page by page, so that nothing else waits until all of it is opened.
        """
        box = await self._boxes.get_box(conversation=conversation)
        seen: list[Recorded] = []
        async with self._pool.connection() as connection:
            while True:
                most = PAGE if limit is None else min(PAGE, limit - len(seen))
                cursor = await connection.execute(
                    "SELECT seq, frame, at, turn, schema, body FROM conversations_journalentry"
                    " WHERE conversation_id = %s AND seq > %s AND (%s::bigint IS NULL OR seq <= %s)"
                    " AND (%s::text IS NULL OR kind = %s) ORDER BY seq LIMIT %s",
                    [conversation, seen[-1].seq if seen else after, up_to, up_to, kind, kind, most],
                )
                page = [to_recorded(row, box=box) for row in await cursor.fetchall()]
                seen += page
                if len(page) < PAGE or len(seen) == limit:
                    break
            await keep_seen(connection, seen=seen)
        return tuple(seen)

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
            seen = tuple([to_recorded(row, box=box) async for row in cursor])
            await keep_seen(connection, seen=seen)
        return seen


async def _has_landed(sent: asyncio.Task[Any]) -> bool:
    """Waits for what was sent off, since it may take effect whatever else went wrong; says whether it did."""
    await asyncio.wait({sent}, timeout=LAND_SECONDS)
    if not sent.done():
        sent.cancel()
        return False
    return not sent.cancelled() and sent.exception() is None and bool(sent.result())


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


def _seal(box: Box, *, head: Head, events: tuple[Event, ...], turn: int, at: datetime) -> Placed:
    bodies = [encode_event(event) for event in events]
    recorded, until = place_events(head=head, bodies=bodies, turn=turn, at=at)
    sealed = tuple(
        box.seal(body, layer="journal", place=one.seq) for body, one in zip(bodies, recorded, strict=True)
    )
    return Placed(since=head, until=until, recorded=recorded, sealed=sealed)
