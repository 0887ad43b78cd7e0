"""Holds a chain of accesses against itself: every digest, every number, and where it ends."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec
from django.db import connection, transaction

from conversations.models import AccessHead, AccessRecord

INSTALLATION = UUID(int=0)
"""The chain of what concerns no single shop."""
START = bytes(32)
"""What the first record of a chain is chained to."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FEW = 20
"""So many faults are named; one is enough to know."""
TRIGGERS = ("access_never_changes", "access_head_only_grows", "access_never_truncated")

FaultKind = Literal["changed", "gap", "end", "unguarded", "anchor"]


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """Something that nobody could do by adding records."""

    kind: FaultKind
    """`changed`: a record is not what was written. `gap`: one is missing. `end`: the chain ends elsewhere than its
    head says. `unguarded`: the database no longer refuses changes. `anchor`: it is not the chain that was noted."""
    seq: int
    says: str


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """What a verification found."""

    chain: UUID
    records: int
    base: int
    """The newest record that was let go after its time."""
    head: int
    digest: str
    faults: tuple[Fault, ...]

    @property
    def is_whole(self) -> bool:
        """Whether nothing is amiss."""
        return not self.faults

    @property
    def anchor(self) -> str:
        """Note it somewhere else: with it a later verification sees an end that was cut off and grown anew."""
        return f"{self.head}:{self.digest}"


def verify_chain(*, chain: UUID, anchor: str = "") -> Verified:
    """Reads a chain from its first record that is kept to its head, in one snapshot, and says what is amiss.

    `anchor` is one that an earlier verification gave; its record must still stand in the chain.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            # The snapshot is taken by the statement that the transaction opens with.
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        head = AccessHead.objects.filter(pk=chain).first()
        return _verify(chain=chain, head=head, anchor=anchor)


def _verify(*, chain: UUID, head: AccessHead | None, anchor: str) -> Verified:
    base, digest = (head.base_seq, bytes(head.base_digest)) if head else (0, START)
    noted_seq, _, noted = anchor.partition(":")
    seq, count, found = base, 0, False
    faults: list[Fault] = list(_list_unguarded())
    for record in AccessRecord.objects.filter(merchant_id=chain).order_by("seq").iterator(chunk_size=2_000):
        count += 1
        if record.seq != seq + 1:
            faults.append(Fault(kind="gap", seq=seq + 1, says=f"Record {seq + 1} is missing."))
        expected = digest_record(record, previous=digest)
        if bytes(record.digest) != expected:
            faults.append(Fault(kind="changed", seq=record.seq, says=f"Record {record.seq} was changed."))
        seq, digest = record.seq, bytes(record.digest)
        found = found or (str(seq) == noted_seq and digest.hex() == noted)
    if head is None and count:
        faults.append(Fault(kind="end", seq=seq, says="The chain's head is missing."))
    elif head is not None and (head.seq, bytes(head.digest)) != (seq, digest):
        says = f"The chain ends at record {seq}, its head says {head.seq}."
        faults.append(Fault(kind="end", seq=seq, says=says))
    if anchor and not found:
        faults.append(
            Fault(kind="anchor", seq=seq, says=f"The record that was noted as {anchor} is not there.")
        )
    return Verified(
        chain=chain, records=count, base=base, head=seq, digest=digest.hex(), faults=tuple(faults[:FEW])
    )


def digest_record(record: AccessRecord, *, previous: bytes) -> bytes:
    """The digest that a record must have after the one before it; computed apart from the database's own way."""
    fields = (
        str(record.merchant_id),
        str(record.seq),
        str((record.at - EPOCH) // timedelta(microseconds=1)),
        record.actor,
        record.role,
        record.action,
        record.subject,
        record.purpose,
        record.detail,
    )
    # Each field with its length, so that no two records are written alike.
    packed = "".join(f"{len(field.encode())}:{field}" for field in fields)
    return hashlib.sha256(previous + packed.encode()).digest()


def _list_unguarded() -> Iterator[Fault]:
    """The triggers that refuse changes and are not there, or switched off."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgname = ANY(%s) AND tgenabled <> 'D'", [list(TRIGGERS)]
        )
        standing = {name for (name,) in cursor.fetchall()}
    for name in TRIGGERS:
        if name not in standing:
            yield Fault(
                kind="unguarded", seq=0, says=f"The database's trigger {name} is gone or switched off."
            )
