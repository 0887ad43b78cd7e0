"""The journal as a chain of digests: each look notes on record how far it went, and a later one holds it to that."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

import msgspec

from conversations.models import Conversation, JournalEntry

NOTED = "journal"
"""What a look's record says of the journal: how many events, and the digest that they are chained to."""
START = bytes(32)
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
    """A journal held against what earlier looks noted of it."""

    noted: str
    """What the look puts on record: the journal of now, or the one that it should be; empty where neither is known."""
    broken: str
    """What is amiss; empty where every event that was noted is as it was."""


def hold_journal(row: Conversation, *, looks: Iterable[Mapping[str, str]]) -> Held:
    """Chains the rows of the journal as they stand, sealed, and compares with the looks' records.

    Rows from before they were sealed are sealed once, anew; until then nothing is noted of their journal.
    """
    if row.may_be_plain:
        return Held(noted="", broken="")
    digests = _chain(row)
    for look in looks:
        link = _find_link(look)
        if link is None or (len(digests) > link.events and digests[link.events] == link.digest):
            continue
        # What should be there stays noted, or enough looks would make the journal of now the one that is believed.
        return Held(
            noted=link.noted,
            broken=f"The first {link.events} events are not those that were there when it was looked at before.",
        )
    now = Link(events=len(digests) - 1, digest=digests[-1])
    return Held(noted=now.noted, broken="")


def _chain(row: Conversation) -> list[str]:
    """The digest after each event; the first is that of none."""
    entries = JournalEntry.objects.filter(conversation=row.pk).order_by("seq")
    digest = START
    digests = [digest.hex()]
    for seq, frame, turn, kind, schema, at, body in entries.values_list(
        "seq", "frame", "turn", "kind", "schema", "at", "body"
    ).iterator(chunk_size=2_000):
        since = (at - EPOCH) // timedelta(microseconds=1)
        packed = f"{seq}/{frame}/{turn}/{kind}/{schema}/{since}/".encode()
        digest = hashlib.sha256(digest + packed + bytes(body)).digest()
        digests.append(digest.hex())
    return digests


def _find_link(look: Mapping[str, str]) -> Link | None:
    events, _, digest = look.get(NOTED, "").partition(":")
    return Link(events=int(events), digest=digest) if events.isdecimal() and digest else None
