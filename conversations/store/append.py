"""The statements of one append. Each runs in its caller's transaction, under the conversation's row lock.

No foreign key from what a turn adds. For the journal, the messages, the decisions and what is shown it would look
the conversation up, and lock it, for every row; the statement that adds them has just updated that conversation's
row.
"""

from contextlib import nullcontext
from datetime import datetime
from typing import Any, get_args

import msgspec
from psycopg import AsyncConnection

from conversations.events import VISIBLE, Event, Recorded
from conversations.events.decisions import DecisionMade
from conversations.events.messages import TurnStarted
from conversations.events.visits import HandoffEnded, HandoffRequested, PersonJoined
from conversations.ids import ClientMessageId, ConversationId, EntityRef, MerchantId
from conversations.metrics import DUPLICATES, LOCK_WAIT
from conversations.store.codec import CURRENT_SCHEMA, decode_event, encode_event, get_kind
from conversations.store.outcomes import Arrival
from conversations.store.sealing import Box, KeyDestroyed

Connection = AsyncConnection[tuple[Any, ...]]

HEAD = "merchant_id, version, frames, fence, erased_at"
"""The columns that `to_head` reads."""


class NoSuchConversation(Exception):
    """There is no conversation of this id. Whoever asked named it wrongly, or it was purged."""

    def __init__(self, *, conversation: ConversationId) -> None:
        super().__init__(f"There is no conversation {conversation!r}.")
        self.conversation = conversation


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """Where a conversation stands."""

    merchant: MerchantId
    version: int
    frames: int
    fence: int


async def get_head(connection: Connection, *, conversation: ConversationId, lock: bool) -> Head:
    """Where the conversation stands, locked against appends where asked; raises as `to_head` does."""
    locking = " FOR UPDATE" if lock else ""
    with LOCK_WAIT.labels("conversation").time() if lock else nullcontext():
        cursor = await connection.execute(
            f"SELECT {HEAD} FROM conversations_conversation WHERE id = %s{locking}",
            [conversation],
        )
    return to_head(await cursor.fetchone(), conversation=conversation)


def to_head(row: tuple[Any, ...] | None, *, conversation: ConversationId) -> Head:
    """The head of a row; raises `NoSuchConversation` where there is none, `KeyDestroyed` where it was erased."""
    if row is None:
        raise NoSuchConversation(conversation=conversation)
    if row[4] is not None:
        # Whoever still remembers the key must not go on writing what nobody will read.
        raise KeyDestroyed(conversation=conversation)
    return Head(merchant=MerchantId(str(row[0])), version=row[1], frames=row[2], fence=row[3])


def to_recorded(row: tuple[Any, ...], *, box: Box) -> Recorded:
    """The event of a journal row; raises `UnreadableEvent` where it does not open, or does not decode."""
    seq, frame, at, turn, schema, body = row
    opened = box.open(bytes(body), layer="journal", place=seq)
    return Recorded(seq=seq, frame=frame, at=at, turn=turn, event=decode_event(opened, schema=schema))


def place_events(
    *, head: Head, bodies: list[bytes], turn: int, at: datetime
) -> tuple[tuple[Recorded, ...], Head]:
    """Numbers the events after a head, read back from their stored form: the fold sees what later readers see.

    With them the head after them. Raises `UnreadableEvent` for one that could not be read back.
    """
    seq, frames = head.version, head.frames
    placed: list[Recorded] = []
    for body in bodies:
        event = decode_event(body, schema=CURRENT_SCHEMA)
        seq += 1
        frame = None
        if type(event) in _VISIBLE:
            frame = frames = frames + 1
        placed.append(Recorded(seq=seq, frame=frame, at=at, turn=turn, event=event))
    moved = msgspec.structs.replace(head, version=head.version + len(bodies), frames=frames)
    return tuple(placed), moved


_VISIBLE = frozenset(get_args(VISIBLE))


async def append_events(
    connection: Connection,
    *,
    conversation: ConversationId,
    box: Box,
    head: Head,
    events: tuple[Event, ...],
    turn: int,
    at: datetime,
    acted: bool = True,
) -> tuple[Recorded, ...]:
    """Appends after `head`, which the caller has locked. `acted` says that the conversation is in use.

    Raises `UnreadableEvent` for one that could not be read back; nothing is written then.
    """
    bodies = [encode_event(event) for event in events]
    placed, moved = place_events(head=head, bodies=bodies, turn=turn, at=at)
    await connection.execute(
        "INSERT INTO conversations_journalentry"
        " (merchant_id, conversation_id, seq, frame, turn, kind, schema, at, body)"
        " SELECT %s, %s, seq, frame, %s, kind, %s, %s, body"
        " FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::bytea[])"
        " AS placed (seq, frame, kind, body)",
        [
            head.merchant,
            conversation,
            turn,
            CURRENT_SCHEMA,
            at,
            [recorded.seq for recorded in placed],
            [recorded.frame for recorded in placed],
            [get_kind(recorded.event) for recorded in placed],
            list(box.seal_row(bodies, layer="journal", first=head.version + 1)),
        ],
    )
    await connection.execute(
        "UPDATE conversations_conversation SET version = %s, frames = %s, turns = greatest(turns, %s),"
        " active_at = CASE WHEN %s THEN greatest(active_at, %s) ELSE active_at END WHERE id = %s",
        [moved.version, moved.frames, turn, acted, at, conversation],
    )
    await _index_handovers(connection, conversation=conversation, head=head, placed=placed)
    return placed


async def _index_handovers(
    connection: Connection, *, conversation: ConversationId, head: Head, placed: tuple[Recorded, ...]
) -> None:
    """Keeps the row by which staff find that a person is wanted, or is there."""
    for recorded in placed:
        match recorded.event:
            case HandoffRequested():
                await connection.execute(
                    "INSERT INTO conversations_handover (conversation_id, merchant_id, asked_at, person, name)"
                    " VALUES (%s, %s, %s, '', '') ON CONFLICT (conversation_id) DO NOTHING",
                    [conversation, head.merchant, recorded.at],
                )
            case PersonJoined(by=by, name=name):
                await connection.execute(
                    "INSERT INTO conversations_handover"
                    " (conversation_id, merchant_id, person, name, joined_at, present_until)"
                    " VALUES (%(id)s, %(merchant)s, %(by)s, %(name)s, %(at)s, %(at)s)"
                    " ON CONFLICT (conversation_id) DO UPDATE SET person = excluded.person, name = excluded.name,"
                    " joined_at = excluded.joined_at, present_until = excluded.present_until",
                    {
                        "id": conversation,
                        "merchant": head.merchant,
                        "by": by,
                        "name": name,
                        "at": recorded.at,
                    },
                )
            case HandoffEnded():
                await connection.execute(
                    "DELETE FROM conversations_handover WHERE conversation_id = %s", [conversation]
                )


async def record_start(
    connection: Connection, *, conversation: ConversationId, appended: tuple[Recorded, ...]
) -> None:
    """Puts on record that a turn which begins among the events is given what is known of its shopper.

    The last statement of its transaction, since others of the chain wait from there.
    """
    for recorded in appended:
        if isinstance(recorded.event, TurnStarted):
            await connection.execute(
                "SELECT conversations_record_turn(merchant_id, id, shopper_id, %s::bigint, %s)"
                " FROM conversations_conversation WHERE id = %s AND shopper_id IS NOT NULL",
                [recorded.turn, recorded.at, conversation],
            )


async def find_taken(
    connection: Connection, *, conversation: ConversationId, cid: ClientMessageId
) -> Arrival | None:
    """The place that the message of this id was given, counted as one that came twice; None for one not taken yet."""
    cursor = await connection.execute(
        "SELECT seq, frame FROM conversations_message WHERE conversation_id = %s AND cid = %s",
        [conversation, cid],
    )
    taken = await cursor.fetchone()
    if not taken:
        return None
    DUPLICATES.inc()
    return Arrival(seq=taken[0], frame=taken[1], duplicate=True)


async def index_decisions(
    connection: Connection,
    *,
    conversation: ConversationId,
    head: Head,
    appended: tuple[Recorded, ...],
) -> None:
    """Keeps a row for each decision among the events, to find it by."""
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


async def index_shown(
    connection: Connection,
    *,
    conversation: ConversationId,
    head: Head,
    refs: tuple[EntityRef, ...],
    at: datetime,
) -> None:
    """Remembers that news of these items concerns this conversation."""
    if refs:
        await connection.execute(
            "INSERT INTO conversations_shownentity (merchant_id, conversation_id, kind, key, shown_at)"
            " SELECT %s, %s, kind, key, %s FROM unnest(%s::text[], %s::text[]) AS shown (kind, key)"
            " ON CONFLICT (conversation_id, kind, key) DO UPDATE SET shown_at = excluded.shown_at",
            [head.merchant, conversation, at, [ref.kind for ref in refs], [ref.key for ref in refs]],
        )


async def close_turn(
    connection: Connection,
    *,
    conversation: ConversationId,
    answered: tuple[ClientMessageId, ...],
) -> None:
    """Spends the turn's token and sets what still waits to the oldest message after those answered."""
    await connection.execute(
        "WITH answered AS (SELECT seq FROM conversations_message"
        "   WHERE conversation_id = %(id)s AND cid = ANY(%(answered)s))"
        " UPDATE conversations_conversation SET fence = fence + 1, waiting_since = ("
        "   SELECT min(at) FROM conversations_journalentry WHERE conversation_id = %(id)s"
        "   AND seq > (SELECT min(seq) FROM answered) AND kind = 'shopper.spoke'"
        "   AND seq NOT IN (SELECT seq FROM answered)) WHERE id = %(id)s",
        {"id": conversation, "answered": list(answered)},
    )
