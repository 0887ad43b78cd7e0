"""The journal as a chain of digests: each look notes on record how far it went, and a later one holds it to that.

So does whoever reads it for the index, within seconds of what came: thus the first look is held to something, too.
That note goes on from the one before it, so a row that was changed since stays at odds with it.

Each look proves the whole journal and hashes the new part. A process keeps the digests of what it read for ten
minutes, with PostgreSQL's own numbers of each row (where it lies, which transaction wrote it): whatever is written
to one changes those, and the journal is hashed again from its beginning. They are kept in memory, since what could
be changed beside the journal would prove nothing.
"""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from threading import Lock
from uuid import UUID

import msgspec
from django.db import connection

from conversations.models import Conversation, JournalEntry

NOTED = "journal"
"""What a look's record, and the index, say of the journal: how many events, and the digest they are chained to."""
SIZE = 32
START = bytes(SIZE)
KEPT = 64
KEPT_FOR = 600.0
"""Seconds; then a journal is hashed from its beginning again, should somebody have written beneath PostgreSQL."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """So many events, and the digest of all of them in their order."""

    events: int
    digest: str

    @property
    def noted(self) -> str:
        """As a look's record carries it."""
        return f"{self.events}:{self.digest}"


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A journal held against what was noted of it before."""

    noted: str
    """What the look puts on record: the journal of now, or the one that it should be; empty where neither is known."""
    broken: str
    """What is amiss; empty where every event that was noted is as it was."""


def note_journal(row: Conversation, *, before: str) -> str:
    """What the index notes of a journal: the note before, and on from there as far as no event is missing; empty where
    its rows say nothing, as they are not sealed yet or are erased.
    """
    if row.may_be_plain or row.erased_at is not None:
        return ""
    link = _find_link(before) or Link(events=0, digest=START.hex())
    digest = bytes.fromhex(link.digest)
    for count, (seq, after) in enumerate(
        _list_digests(row.pk, onto=digest, after=link.events, until=row.version), start=link.events + 1
    ):
        if seq != count:
            break
        link = Link(events=count, digest=after.hex())
    return link.noted


def hold_journal(row: Conversation, *, noted: Iterable[str]) -> Held:
    """Chains the rows of the journal as they stand, sealed, and compares with what looks and the index noted.

    Rows from before they were sealed are sealed once, anew; until then nothing is noted of their journal.
    """
    if row.may_be_plain:
        return Held(noted="", broken="")
    digests = _chained.chain(row.pk)
    for note in noted:
        link = _find_link(note)
        if link is None or (digests.count >= link.events and digests.after(link.events) == link.digest):
            continue
        # What should be there stays noted, or enough looks would make the journal of now the one that is believed.
        return Held(
            noted=link.noted,
            broken=f"The first {link.events} events are not those that were there when it was looked at or indexed.",
        )
    now = Link(events=digests.count, digest=digests.after(digests.count))
    return Held(noted=now.noted, broken="")


class Digests(msgspec.Struct, frozen=True, kw_only=True):
    """The digest after each event of a journal, and by what its rows were known when they were read."""

    packed: bytes = START
    """One after the other; the first is that of no event."""
    until: int = 0
    """The place of the last one."""
    rows: bytes = b""
    """Of which PostgreSQL's own numbers say that none was written anew."""
    read_at: float

    @property
    def count(self) -> int:
        """How many events."""
        return len(self.packed) // SIZE - 1

    def after(self, events: int) -> str:
        """The digest of the first so many."""
        return self.packed[SIZE * events : SIZE * (events + 1)].hex()


class Chained:
    """The chains that this process has made lately. A row that was read is hashed again only where PostgreSQL numbers
    it otherwise, which it does with whatever is written. In memory, since what lies in the database is to be proven.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[UUID, Digests] = OrderedDict()
        self._lock = Lock()

    def chain(self, conversation: UUID) -> Digests:
        """The digests of a journal as it stands."""
        now = time.monotonic()
        with self._lock:
            known = self._kept.get(conversation)
        if known is None or now - known.read_at > KEPT_FOR:
            known = Digests(read_at=now)
        rows, last = _number_rows(conversation, until=known.until)
        if known.until and rows != known.rows:
            known = Digests(read_at=now)
        if last <= known.until:
            return known
        # Numbered before they are read, so that one which is written meanwhile is numbered otherwise the next time.
        rows, _ = _number_rows(conversation, until=last)
        digests = Digests(
            packed=_chain(conversation, onto=known, until=last), until=last, rows=rows, read_at=known.read_at
        )
        with self._lock:
            self._kept[conversation] = digests
            self._kept.move_to_end(conversation)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return digests


_chained = Chained()


def _number_rows(conversation: UUID, *, until: int) -> tuple[bytes, int]:
    """A digest of where the first rows lie and of the transactions that wrote them, which any write to one changes; and
    the place of the last row of all.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sha256(convert_to(coalesce(string_agg(concat_ws('/', seq, tableoid, ctid, xmin), ','"
            " ORDER BY seq) FILTER (WHERE seq <= %s), ''), 'UTF8')), coalesce(max(seq), 0)"
            " FROM conversations_journalentry WHERE conversation_id = %s",
            [until, conversation],
        )
        rows, last = cursor.fetchone()
    return bytes(rows), last


def _chain(conversation: UUID, *, onto: Digests, until: int) -> bytes:
    """These digests and that of each event that comes after them."""
    packed = bytearray(onto.packed)
    for _, digest in _list_digests(conversation, onto=onto.packed[-SIZE:], after=onto.until, until=until):
        packed += digest
    return bytes(packed)


def _list_digests(conversation: UUID, *, onto: bytes, after: int, until: int) -> Iterator[tuple[int, bytes]]:
    """The place of each event in a stretch of a journal, and the digest of all up to it."""
    digest = onto
    entries = JournalEntry.objects.filter(conversation=conversation, seq__gt=after, seq__lte=until)
    for seq, frame, turn, kind, schema, at, body in (
        entries.order_by("seq")
        .values_list("seq", "frame", "turn", "kind", "schema", "at", "body")
        .iterator(chunk_size=2_000)
    ):
        since = (at - EPOCH) // timedelta(microseconds=1)
        told = f"{seq}/{frame}/{turn}/{kind}/{schema}/{since}/".encode()
        digest = hashlib.sha256(digest + told + bytes(body)).digest()
        yield seq, digest


def _find_link(note: str) -> Link | None:
    """What a note says; None where it says nothing."""
    events, _, digest = note.partition(":")
    return Link(events=int(events), digest=digest) if events.isdecimal() and digest else None
