"""Starts turns: hands out the next token, and puts the turn's start in the same commit where nothing came between.

Who saw the messages come starts before it looks. Of a turn that did not begin with its message, the process that
took the messages since the last reply knows all that a start says (`Standings`), so the start is on its way while
Redis is still asked for the lease and the state. As every guess it takes effect only at the version it was made
for, so nobody's turn is cut short by it: a holder that had begun has moved the version. Where the lease turns out
to be another's, the start stands without a holder, as after a crash, and the lease's holder goes on under its
number.

A start by itself is not waited for, and nobody hears of one that could be lost. It is committed with
`synchronous_commit` off, in that one statement: every session sees it, and the next commit that waits (the close,
or a message) takes it along. Until then a crash of PostgreSQL could undo it, for some tenths of a second. Undone,
it leaves no trace: the messages wait as before, and its holder's token, which moves by a random step, is one that
the row never has again, so its commit is refused. What must not be is that somebody was told of it, since its
numbers would then come a second time. So whoever reads a journal that ends in a start first waits until that is on
disk (`keep_seen`), and the hint of a start carries no frame: a widget shows it after reading it. A start under a
row lease waits as it is.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime

import msgspec

from commerce_agent.isolation.connections import Pool
from conversations.events import Recorded
from conversations.events.messages import TurnStarted
from conversations.ids import ConversationId
from conversations.store.append import HEAD, Head, get_head, to_head
from conversations.store.at_once import Placed, has_landed, mint_step, put_start, seal_placed
from conversations.store.boxes import Boxes
from conversations.store.standings import Stand, Standings

Begun = tuple[Head, tuple[Recorded, ...]]
"""The head before a start, with the new token, and the start itself where it was appended."""


class Starts:
    """The starts of turns, by what Redis kept of the conversation or by what this process saw of it."""

    def __init__(self, *, pool: Pool, boxes: Boxes, standings: Standings) -> None:
        self._pool = pool
        self._boxes = boxes
        self._standings = standings

    def find_begun(self, *, conversation: ConversationId) -> Head | None:
        """Where the turn stands that this process began with its message, for the first who asks: a holder that
        comes again takes a new token.
        """
        return self._standings.take_begun(conversation)

    def start_ahead(self, *, conversation: ConversationId, at: datetime) -> asyncio.Task[Begun | None] | None:
        """Sets about the turn that answers what this process saw come, while Redis is still asked for the lease.

        None where it did not see all that waits; the task answers None where anything happened since, which
        changes nothing. Whoever gets no lease leaves a start that took effect to the lease's holder.
        """
        seen = self._standings.find(conversation)
        if seen is None or not seen.waiting:
            return None
        started = TurnStarted(turn=seen.turns + 1, cids=seen.waiting)
        return asyncio.create_task(self._start_seen(conversation, started, known=seen.head, at=at))

    async def _start_seen(
        self, conversation: ConversationId, started: TurnStarted, *, known: Head, at: datetime
    ) -> Begun | None:
        box = await self._boxes.get_box(conversation=conversation)
        placed = seal_placed(box, head=known, events=(started,), turn=started.turn, at=at)
        return await self._put(conversation, placed, over_row_lease=False)

    async def find_started(
        self,
        *,
        conversation: ConversationId,
        over_row_lease: bool,
        started: TurnStarted | None,
        known: Head | None,
        at: datetime,
        meanwhile: Callable[[], object] | None = None,
    ) -> Begun | None:
        """Takes the next fencing token, which shuts out every holder of an older one, and starts the turn.

        `started` is appended in the same commit when the conversation still is at the head `known` by
        which it was made; the head answered is that before it. None while another holds the turn by a lease
        on the row, unless the caller is that holder (`over_row_lease`). `meanwhile` is called while the database
        is at work on the start, if it is. Raises `NoSuchConversation`.
        """
        box = await self._boxes.get_box(conversation=conversation)
        if started is not None and known is not None:
            placed = seal_placed(box, head=known, events=(started,), turn=started.turn, at=at)
            starting = asyncio.create_task(self._put(conversation, placed, over_row_lease=over_row_lease))
            try:
                # One step of the loop sends the statement off.
                await asyncio.sleep(0)
                if meanwhile is not None:
                    meanwhile()
            except BaseException:
                await has_landed(starting)
                raise
            begun = await starting
            if begun is not None:
                return begun
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

    async def _put(
        self, conversation: ConversationId, placed: Placed, *, over_row_lease: bool
    ) -> Begun | None:
        async with self._pool.connection() as connection:
            head = await put_start(
                connection, conversation=conversation, placed=placed, over_row_lease=over_row_lease
            )
        if head is None:
            return None
        self._standings.note(conversation, Stand(head=head))
        return msgspec.structs.replace(placed.since, fence=head.fence), placed.recorded
