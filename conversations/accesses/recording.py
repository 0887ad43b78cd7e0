"""Adds to a merchant's chain of accesses: one statement, durable when it returns."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection, transaction
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from conversations.accesses.chain import INSTALLATION
from conversations.ids import MerchantId
from conversations.metrics import AUDIT_LAG
from conversations.models import AccessHead

RECORD = "SELECT seq, digest FROM conversations_record_access(%s, %s, %s, %s, %s, %s, %s, %s)"
LONGEST_PURPOSE = 500
RECORD_EACH = (
    "SELECT count(*) FROM unnest(%s::text[]) AS wanted (subject),"
    " LATERAL conversations_record_access(%s, %s, %s, %s, %s, wanted.subject, %s, %s)"
)
DROP = "SELECT conversations_drop_accesses(%s, %s)"


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody is about to see, take out or do. Nothing in it names a shopper: ids only."""

    merchant: MerchantId | None
    """Whose data it is; None for what concerns no single shop, such as a search over all of them."""
    actor: str
    """`operator:7`, `key:ca_1a2b3c4d`, `job:purge`."""
    action: str
    """Past tense with a dot: `conversation.viewed`, `personal.revealed`, `profile.read`."""
    subject: str = ""
    """`conversation:<id>`, `shopper:<id>`."""
    role: str = ""
    purpose: str = ""
    """The reason that a person gave."""
    detail: tuple[tuple[str, str], ...] = ()


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where in its chain an access was put."""

    seq: int
    digest: bytes


def record_access(access: Access, *, at: datetime) -> Place:
    """Records an access before what it is about is sent: it is durable once this returns.

    Must not be called within a transaction: the chain would stay locked for everyone until that ends, and a
    rollback would undo the record of what was seen. Django raises `RuntimeError` then.
    """
    with AUDIT_LAG.time(), transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(RECORD, _list_values(access, at=at))
        return _read_place(cursor.fetchone())


async def record_access_through(
    pool: AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]], access: Access, *, at: datetime
) -> Place:
    """The same from asynchronous code, over a pool whose connections commit by themselves."""
    with AUDIT_LAG.time():
        async with pool.connection() as opened:
            return _read_place(await (await opened.execute(RECORD, _list_values(access, at=at))).fetchone())


async def record_access_within(
    connection: AsyncConnection[tuple[Any, ...]], access: Access, *, at: datetime
) -> Place:
    """The same as part of a transaction that writes what the access is about: both are durable, or neither is.

    Others of the chain wait until it ends, so this is its last statement.
    """
    with AUDIT_LAG.time():
        return _read_place(await (await connection.execute(RECORD, _list_values(access, at=at))).fetchone())


async def record_accesses_through(
    pool: AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]],
    access: Access,
    *,
    subjects: tuple[str, ...],
    at: datetime,
) -> None:
    """The same access of several subjects, each with a row of its own, in one commit."""
    if not subjects:
        return
    chain, instant, actor, role, action, _, purpose, detail = _list_values(access, at=at)
    values = [list(subjects), chain, instant, actor, role, action, purpose, detail]
    with AUDIT_LAG.time():
        async with pool.connection() as opened:
            await opened.execute(RECORD_EACH, values)


def drop_accesses(*, merchant: MerchantId | None, before: datetime) -> int:
    """Lets go of the oldest records and says how many; what is kept still verifies from where it begins.

    They go in pieces of a transaction each: whoever adds to the chain waits for one of them. The database refuses an
    instant less than twelve months ago.
    """
    dropped = 0
    while gone := _drop_some(chain=_get_chain(merchant), before=before):
        dropped += gone
    return dropped


def _drop_some(*, chain: UUID, before: datetime) -> int:
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(DROP, [chain, before])
        return int(cursor.fetchone()[0])


def list_chains() -> tuple[UUID, ...]:
    """Every chain that there is, by its merchant's id."""
    return tuple(AccessHead.objects.order_by("merchant_id").values_list("merchant_id", flat=True))


def _list_values(access: Access, *, at: datetime) -> list[UUID | datetime | str]:
    detail = msgspec.json.encode(dict(access.detail)).decode() if access.detail else ""
    purpose = access.purpose[:LONGEST_PURPOSE]
    words = (access.actor, access.role, access.action, access.subject, purpose, detail)
    # PostgreSQL's text holds no NUL; a record is not lost over one that was pasted into a reason.
    return [
        _get_chain(access.merchant),
        at,
        *(word.replace("\x00", "\N{REPLACEMENT CHARACTER}") for word in words),
    ]


def _get_chain(merchant: MerchantId | None) -> UUID:
    return UUID(merchant) if merchant else INSTALLATION


def _read_place(row: tuple[Any, ...] | None) -> Place:
    if row is None:
        raise RuntimeError("The database recorded no access; is the migration conversations.0009 applied?")
    return Place(seq=row[0], digest=bytes(row[1]))
