"""A person's stay in a conversation: one at a time, under the row's lock, with the running turn fenced off.

While a person is there no turn can be taken. Whoever is not seen for a while counts as gone: the clock gives the
conversation back, and what still waits is the assistant's to answer.

A person's stay is made of events (`events/visits.py`, `store/visits.py`). Joining raises the fence, so the turn
that runs is refused and its messages wait for the person; while they are there no turn starts. What they write
answers the messages they had seen. When they leave, what is left is the assistant's, and their note is in the state
(`transcript.visit`). `conversations_handover` says who is asked for and who is there until when; whoever is not
seen any more is given up by the clock.
"""

from datetime import datetime
from typing import Any

import msgspec
import structlog
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from conversations.events import Event, Recorded
from conversations.events.visits import HandoffEnded, PersonJoined, PersonSpoke
from conversations.ids import ClientMessageId, ConversationId
from conversations.redaction import redact
from conversations.store.append import append_events, close_turn, find_taken, get_head
from conversations.store.at_once import mint_step
from conversations.store.boxes import Boxes
from conversations.store.projection import Projection
from conversations.store.together import Announce, LoadOne, announce_visible

Connection = AsyncConnection[tuple[Any, ...]]

log = structlog.get_logger(__name__)


class InHand(Exception):
    """Another person has the conversation: speak to them, or wait until they leave."""

    def __init__(self, *, name: str, since: datetime) -> None:
        super().__init__(f"{name} has this conversation; only one person at a time can.")
        self.name = name
        self.since = since


class NotInHand(Exception):
    """Whoever acts does not have the conversation, or no longer: take it over first."""

    def __init__(self, *, conversation: ConversationId) -> None:
        super().__init__("You do not have this conversation; take it over first.")
        self.conversation = conversation


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Who takes a conversation over."""

    account: str
    """As the record names them."""
    name: str
    """As the shopper reads it."""


class Stay(msgspec.Struct, frozen=True, kw_only=True):
    """Who has a conversation, and until when they count as there without being seen again."""

    account: str
    name: str
    since: datetime
    until: datetime


class Visits:
    """Lets people join, speak and leave; the service is its door."""

    def __init__(
        self,
        *,
        pool: AsyncConnectionPool[Connection],
        boxes: Boxes,
        projection: Projection,
        announce: Announce,
        load: LoadOne,
    ) -> None:
        self._pool = pool
        self._boxes = boxes
        self._projection = projection
        self._announce = announce
        self._load = load

    async def find(self, *, conversation: ConversationId) -> Stay | None:
        """Who has the conversation; None while it is the assistant's."""
        async with self._pool.connection() as connection:
            return await _find(connection, conversation=conversation)

    async def join(
        self, *, conversation: ConversationId, person: Person, at: datetime, until: datetime
    ) -> bool:
        """Gives the person the conversation; False where they had it already, and count as seen once more.

        A turn that runs is given up: its commit is refused, and its messages wait for the person. Who has it and
        was not seen for too long is put on record as gone. Raises `InHand` while another has it.
        """
        box = await self._boxes.get_box(conversation=conversation)
        async with self._pool.connection() as connection, connection.transaction():
            head = await get_head(connection, conversation=conversation, lock=True)
            stay = await _find(connection, conversation=conversation)
            if stay is not None and stay.account == person.account:
                await _see(connection, conversation=conversation, account=person.account, until=until)
                return False
            if stay is not None and stay.until > at:
                raise InHand(name=stay.name, since=stay.since)
            left = (HandoffEnded(name=stay.name, cause="went_away"),) if stay else ()
            events: tuple[Event, ...] = (*left, PersonJoined(by=person.account, name=person.name))
            await connection.execute(
                "UPDATE conversations_conversation SET fence = fence + %s WHERE id = %s",
                [mint_step(), conversation],
            )
            appended = await append_events(
                connection, conversation=conversation, box=box, head=head, events=events, turn=0, at=at
            )
            await _see(connection, conversation=conversation, account=person.account, until=until)
        await self._tell(conversation, appended)
        return True

    async def speak(
        self,
        *,
        conversation: ConversationId,
        account: str,
        cid: ClientMessageId,
        text: str,
        seen: int,
        at: datetime,
        until: datetime,
    ) -> bool:
        """Puts what the person wrote before the shopper; False where this `cid` was said before.

        It answers the messages up to `seen`, the version at which the person looked; later ones go on waiting.
        Raises `NotInHand`.
        """
        box = await self._boxes.get_box(conversation=conversation)
        waiting = (await self._load(conversation=conversation)).transcript.waiting
        safe = redact(text)
        async with self._pool.connection() as connection, connection.transaction():
            head = await get_head(connection, conversation=conversation, lock=True)
            stay = await _require(connection, conversation=conversation, account=account)
            if await find_taken(connection, conversation=conversation, cid=cid) is not None:
                return False
            answers = await _list_seen(
                connection, conversation=conversation, cids=[message.cid for message in waiting], seen=seen
            )
            spoke = PersonSpoke(cid=cid, name=stay.name, text=safe.text, answers=answers, redacted=safe.kinds)
            appended = await append_events(
                connection, conversation=conversation, box=box, head=head, events=(spoke,), turn=0, at=at
            )
            await connection.execute(
                "INSERT INTO conversations_message (merchant_id, conversation_id, cid, seq, frame)"
                " VALUES (%s, %s, %s, %s, %s)",
                [head.merchant, conversation, cid, appended[0].seq, appended[0].frame],
            )
            if answers:
                await close_turn(connection, conversation=conversation, answered=answers)
            await _see(connection, conversation=conversation, account=account, until=until)
        await self._tell(conversation, appended)
        return True

    async def leave(
        self, *, conversation: ConversationId, account: str, note: str, text: str, at: datetime
    ) -> None:
        """Gives the conversation back, with what the assistant is to know and what the shopper reads.

        Raises `NotInHand`.
        """
        box = await self._boxes.get_box(conversation=conversation)
        async with self._pool.connection() as connection, connection.transaction():
            head = await get_head(connection, conversation=conversation, lock=True)
            stay = await _require(connection, conversation=conversation, account=account)
            left = HandoffEnded(
                text=redact(text).text, name=stay.name, note=redact(note).text, cause="handed_back"
            )
            appended = await append_events(
                connection, conversation=conversation, box=box, head=head, events=(left,), turn=0, at=at
            )
        await self._tell(conversation, appended)

    async def see(self, *, conversation: ConversationId, account: str, until: datetime) -> bool:
        """Notes that the person is still there; False where they do not have the conversation."""
        async with self._pool.connection() as connection:
            return await _see(connection, conversation=conversation, account=account, until=until)

    async def give_back(self, *, at: datetime, unanswered_since: datetime) -> tuple[ConversationId, ...]:
        """Gives back what is held by people who were not seen any more, or let the shopper wait since that instant."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT stay.conversation_id FROM conversations_handover stay"
                " JOIN conversations_conversation talk ON talk.id = stay.conversation_id"
                " WHERE stay.joined_at IS NOT NULL AND talk.erased_at IS NULL AND (stay.present_until <= %(at)s"
                " OR greatest(talk.waiting_since, stay.joined_at) < %(since)s AND talk.waiting_since IS NOT NULL)",
                {"at": at, "since": unanswered_since},
            )
            left = [ConversationId(str(row[0])) async for row in cursor]
        return tuple(
            [name for name in left if await self._try_to_give_back(name, at=at, since=unanswered_since)]
        )

    async def _try_to_give_back(self, conversation: ConversationId, *, at: datetime, since: datetime) -> bool:
        """False also where it cannot be: one conversation without its key must not keep all others with nobody."""
        try:
            return await self._give_back(conversation, at=at, since=since)
        except Exception:
            log.exception("visit.not_given_back", conversation=conversation)
            return False

    async def _give_back(self, conversation: ConversationId, *, at: datetime, since: datetime) -> bool:
        """Looks again under the lock: the person may have been seen, or have answered, in between."""
        box = await self._boxes.get_box(conversation=conversation)
        async with self._pool.connection() as connection, connection.transaction():
            head = await get_head(connection, conversation=conversation, lock=True)
            stay = await _find(connection, conversation=conversation)
            cursor = await connection.execute(
                "SELECT waiting_since FROM conversations_conversation WHERE id = %s", [conversation]
            )
            (waiting,) = await cursor.fetchone() or (None,)
            if stay is None or not (stay.until <= at or (waiting and max(waiting, stay.since) < since)):
                return False
            left = HandoffEnded(name=stay.name, cause="went_away")
            appended = await append_events(
                connection, conversation=conversation, box=box, head=head, events=(left,), turn=0, at=at
            )
        await self._tell(conversation, appended)
        return True

    async def _tell(self, conversation: ConversationId, appended: tuple[Recorded, ...]) -> None:
        await self._projection.append(conversation=conversation, appended=appended)
        await announce_visible(self._announce, conversation=conversation, appended=appended)


async def _find(connection: Connection, *, conversation: ConversationId) -> Stay | None:
    cursor = await connection.execute(
        "SELECT person, name, joined_at, present_until FROM conversations_handover"
        " WHERE conversation_id = %s AND joined_at IS NOT NULL",
        [conversation],
    )
    row = await cursor.fetchone()
    return Stay(account=row[0], name=row[1], since=row[2], until=row[3]) if row else None


async def _require(connection: Connection, *, conversation: ConversationId, account: str) -> Stay:
    stay = await _find(connection, conversation=conversation)
    if stay is None or stay.account != account:
        raise NotInHand(conversation=conversation)
    return stay


async def _see(
    connection: Connection, *, conversation: ConversationId, account: str, until: datetime
) -> bool:
    cursor = await connection.execute(
        "UPDATE conversations_handover SET present_until = greatest(present_until, %s)"
        " WHERE conversation_id = %s AND person = %s AND joined_at IS NOT NULL",
        [until, conversation, account],
    )
    return cursor.rowcount == 1


async def _list_seen(
    connection: Connection, *, conversation: ConversationId, cids: list[ClientMessageId], seen: int
) -> tuple[ClientMessageId, ...]:
    cursor = await connection.execute(
        "SELECT cid FROM conversations_message WHERE conversation_id = %s AND cid = ANY(%s) AND seq <= %s"
        " ORDER BY seq",
        [conversation, cids, seen],
    )
    return tuple([ClientMessageId(row[0]) async for row in cursor])
