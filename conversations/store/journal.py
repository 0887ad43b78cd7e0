"""The journal in PostgreSQL: append-only, one event a seq, fenced."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from commerce_agent.isolation.connections import Pool
from conversations.events import Event, Recorded
from conversations.events.carts import CartChanged, ProposalMade, ProposalResolved
from conversations.events.messages import ConversationOpened
from conversations.ids import ClientMessageId, ConversationId
from conversations.metrics import CONFLICTS, CONVERSATION
from conversations.store.append import (
    Head,
    append_events,
    close_turn,
    find_taken,
    get_head,
    index_decisions,
    index_shown,
    record_start,
    to_recorded,
)
from conversations.store.at_once import (
    Placed,
    follow,
    has_landed,
    keep_seen,
    put_close,
    put_message,
    seal_placed,
)
from conversations.store.boxes import Boxes
from conversations.store.openings import OpeningKey, find_opened
from conversations.store.outcomes import Arrival, Closing, Fenced, MovedOn, Overtaken
from conversations.store.partitions import mint_conversation
from conversations.store.resume import claim_resume
from conversations.store.sealing import Box, Identity, KeyDestroyed
from conversations.store.standings import Stand, Standings

Meanwhile = Callable[[tuple[Recorded, ...]], Awaitable[None]]
"""What may be prepared while a commit is under way; it is of no use where the commit is refused."""

BUYING = CartChanged | ProposalMade
"""Events whose meaning rests on the cart and the proposal as the turn found them."""
BOUGHT = ("cart.changed", "proposal.resolved", "shopper.identified")
"""Kinds that move the cart from outside a turn, or say that it has other prices."""

PAGE = 256
"""So many events are opened at a time."""


class Journal:
    """Reads and appends events. Each append is one transaction with the rows that index it."""

    def __init__(self, *, pool: Pool, boxes: Boxes, standings: Standings) -> None:
        self._pool = pool
        self._boxes = boxes
        self._standings = standings

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
                    connection,
                    merchant=event.merchant,
                    conversation=name,
                    opening=opening,
                    index_key=await self._boxes.get_index_key(connection, merchant=event.merchant),
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
        opened_at = msgspec.structs.replace(head, version=1)
        self._standings.note(name, Stand(head=opened_at, waiting=()))
        return name, appended

    async def get_head(self, *, conversation: ConversationId) -> Head:
        """Where the conversation stands; raises `NoSuchConversation`."""
        async with self._pool.connection() as connection:
            return await get_head(connection, conversation=conversation, lock=False)

    async def record_message(
        self,
        *,
        conversation: ConversationId,
        cid: ClientMessageId,
        event: Event,
        at: datetime,
        answering: bool = False,
    ) -> Arrival:
        """Appends the message unless its id was taken before, for which the conversation itself may be long gone.

        `answering`: where nothing else waits, the start of its turn comes with it, for this process to take.
        """
        try:
            return await self._record_message(
                conversation=conversation, cid=cid, event=event, at=at, answering=answering
            )
        except KeyDestroyed:
            arrival = await self.find_taken(conversation=conversation, cid=cid)
            if arrival is None:
                raise
            return arrival

    async def find_taken(self, *, conversation: ConversationId, cid: ClientMessageId) -> Arrival | None:
        """The place that the message of this id was given; None for one that was not taken."""
        async with self._pool.connection() as connection:
            return await find_taken(connection, conversation=conversation, cid=cid)

    async def _record_message(
        self,
        *,
        conversation: ConversationId,
        cid: ClientMessageId,
        event: Event,
        at: datetime,
        answering: bool,
    ) -> Arrival:
        """One statement where the conversation stands where this process last saw it."""
        box = await self._boxes.get_box(conversation=conversation)
        async with self._pool.connection() as connection:
            seen = self._standings.find(conversation) or Stand(
                head=await get_head(connection, conversation=conversation, lock=False)
            )
            placed = seal_placed(box, head=seen.head, events=(event,), turn=0, at=at)
            start, taken = seen.find_start(cid) if answering else None, placed.until
            if start is not None:
                placed = follow(placed, seal_placed(box, head=taken, events=(start,), turn=start.turn, at=at))
            head = await put_message(connection, conversation=conversation, cid=cid, placed=placed)
        if head is not None:
            stand = Stand(head=head, begun=True) if start else seen.after_message(head=head, cid=cid)
            self._standings.note(conversation, stand)
            return Arrival(seq=taken.version, frame=taken.frames, duplicate=False, recorded=placed.recorded)
        return await self._record_message_in_order(
            conversation=conversation, cid=cid, event=event, at=at, box=box
        )

    async def _record_message_in_order(
        self, *, conversation: ConversationId, cid: ClientMessageId, event: Event, at: datetime, box: Box
    ) -> Arrival:
        """The same under the row's lock, which puts rivals in order."""
        async with self._pool.connection() as connection, connection.pipeline(), connection.transaction():
            head = await get_head(connection, conversation=conversation, lock=True)
            arrival = await find_taken(connection, conversation=conversation, cid=cid)
            if arrival:
                self._standings.note(conversation, Stand(head=head))
                return arrival
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
        moved = msgspec.structs.replace(head, version=seq, frames=frame)
        self._standings.note(conversation, Stand(head=moved))
        return Arrival(seq=seq, frame=frame, duplicate=False, recorded=appended)

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
                CONFLICTS.labels(CONVERSATION, "decided_again").inc()
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
            placed = seal_placed(box, head=known, events=events, turn=turn, at=at)
            committing = asyncio.create_task(self._close(conversation, placed=placed, closing=closing))
            try:
                # One step of the loop sends the statement off.
                await asyncio.sleep(0)
                if meanwhile is not None:
                    await meanwhile(placed.recorded)
            except BaseException as fault:
                if await has_landed(committing) and isinstance(fault, Exception):
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
            await record_start(connection, conversation=conversation, appended=appended)
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
        if closed is None:
            return False
        turns = placed.recorded[0].turn
        waiting = () if closing.waiting is None else None
        self._standings.note(conversation, Stand(head=closed, turns=turns, waiting=waiting))
        return True

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
