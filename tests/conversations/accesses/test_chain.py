"""Accesses are only ever added, in one chain a merchant, and tampering shows."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import StringIO
from uuid import UUID, uuid4

import pytest
from django.core.management import call_command
from django.db import Error, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from catalog.models import Merchant
from commerce_agent.isolation.owning import as_owner
from conversations.accesses import Access, drop_accesses, record_access, record_access_through, verify_chain
from conversations.ids import MerchantId
from conversations.models import AccessHead, AccessRecord

NOW = datetime(2026, 11, 25, 12, 0, 0, 123_456, tzinfo=UTC)
APPENDS = 20
PIECE = 5_000
"""So many old records go in one transaction."""


@pytest.fixture
def shop(database: str) -> MerchantId:
    return MerchantId(str(uuid4()))


def look(shop: MerchantId, *, at: datetime = NOW, purpose: str = "") -> int:
    access = Access(
        merchant=shop,
        actor="operator:7",
        action="conversation.viewed",
        subject="conversation:1",
        purpose=purpose,
    )
    return record_access(access, at=at).seq


@contextmanager
def owner_of_the_database(*statements: str) -> Iterator[None]:
    """Someone who may switch the triggers off, does harm and switches them on again."""
    with as_owner(), connection.cursor() as cursor:
        for table in ("record", "head"):
            cursor.execute(f"ALTER TABLE conversations_access{table} DISABLE TRIGGER USER")
        try:
            yield
        finally:
            for table in ("record", "head"):
                cursor.execute(f"ALTER TABLE conversations_access{table} ENABLE TRIGGER USER")


def list_kinds(shop: MerchantId, *, anchor: str = "") -> set[str]:
    return {fault.kind for fault in verify_chain(chain=UUID(shop), anchor=anchor).faults}


def test_what_was_recorded_is_read_back_and_verifies(shop: MerchantId) -> None:
    assert [look(shop, purpose=why) for why in ("", "A complaint – “ünsure”", "8:pad\n")] == [1, 2, 3]

    verified = verify_chain(chain=UUID(shop))

    assert (verified.records, verified.head, verified.faults) == (3, 3, ())
    first = AccessRecord.objects.get(merchant_id=shop, seq=1)
    assert (first.actor, first.action, first.subject, first.at) == (
        "operator:7", "conversation.viewed", "conversation:1", NOW,
    )  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(purpose=st.text(max_size=60), field=st.text(max_size=20))
def test_whatever_is_written_verifies(database: str, purpose: str, field: str) -> None:
    if any(0xD800 <= ord(letter) <= 0xDFFF for letter in purpose + field):
        return
    shop = MerchantId(str(uuid4()))
    access = Access(
        merchant=shop, actor="job:test", action="page.viewed", purpose=purpose, detail=(("asked", field),)
    )

    record_access(access, at=NOW)

    assert verify_chain(chain=UUID(shop)).is_whole


async def test_asynchronous_code_adds_to_the_same_chain(
    database: str, pool: AsyncConnectionPool[AsyncConnection]
) -> None:
    shop = MerchantId(str(uuid4()))
    access = Access(merchant=shop, actor="key:ca_1", action="profile.read", subject="shopper:2")

    places = [await record_access_through(pool, access, at=NOW) for _ in range(2)]

    assert [place.seq for place in places] == [1, 2]
    assert places[0].digest != places[1].digest


def test_many_at_once_make_one_chain_without_a_gap(shop: MerchantId) -> None:
    def look_and_leave(_: int) -> int:
        try:
            return look(shop)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=4) as threads:
        numbers = list(threads.map(look_and_leave, range(APPENDS)))

    assert sorted(numbers) == list(range(1, APPENDS + 1))
    assert verify_chain(chain=UUID(shop)).is_whole


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE conversations_accessrecord SET actor = 'nobody' WHERE merchant_id = %s",
        "DELETE FROM conversations_accessrecord WHERE merchant_id = %s",
        "UPDATE conversations_accesshead SET seq = 0 WHERE merchant_id = %s",
        "UPDATE conversations_accesshead SET seq = seq + 1 WHERE merchant_id = %s",
        "DELETE FROM conversations_accesshead WHERE merchant_id = %s",
    ],
)
def test_the_database_refuses_every_change(shop: MerchantId, statement: str) -> None:
    look(shop)
    before = list(AccessRecord.objects.filter(merchant_id=shop).values())

    # The role of run time has no right to any of it; the tables' owner has, and is refused all the same.
    with as_owner(), pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [shop])

    assert list(AccessRecord.objects.filter(merchant_id=shop).values()) == before
    assert verify_chain(chain=UUID(shop)).is_whole


def test_the_database_refuses_to_empty_the_table(shop: MerchantId) -> None:
    look(shop)

    with as_owner(), pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE conversations_accessrecord")

    assert AccessRecord.objects.filter(merchant_id=shop).count() == 1


def test_an_access_is_not_recorded_within_a_transaction(shop: MerchantId) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        look(shop)

    assert AccessRecord.objects.filter(merchant_id=shop).count() == 0


def test_tampering_shows(shop: MerchantId) -> None:
    for _ in range(4):
        look(shop)
    kept = AccessRecord.objects.filter(merchant_id=shop)

    with owner_of_the_database():
        kept.filter(seq=2).update(actor="operator:8")
    assert list_kinds(shop) == {"changed"}

    with owner_of_the_database():
        kept.filter(seq=2).update(actor="operator:7")
    assert list_kinds(shop) == set()

    with owner_of_the_database():
        kept.filter(seq=3).delete()
    assert list_kinds(shop) == {"gap", "changed"}


def test_an_end_that_was_cut_off_shows(shop: MerchantId) -> None:
    for _ in range(3):
        look(shop)
    anchor = verify_chain(chain=UUID(shop)).anchor

    with owner_of_the_database():
        AccessRecord.objects.filter(merchant_id=shop, seq=3).delete()
    assert list_kinds(shop) == {"end"}

    # Even a head that was set back with it does not bring the noted end back.
    last = AccessRecord.objects.get(merchant_id=shop, seq=2)
    with owner_of_the_database():
        AccessHead.objects.filter(pk=shop).update(seq=2, digest=last.digest)
    assert list_kinds(shop) == set()
    assert list_kinds(shop, anchor=anchor) == {"anchor"}
    look(shop, purpose="another one")
    assert list_kinds(shop, anchor=anchor) == {"anchor"}


def test_a_guard_that_is_switched_off_shows(shop: MerchantId) -> None:
    look(shop)

    with owner_of_the_database():
        assert list_kinds(shop) == {"unguarded"}
    assert list_kinds(shop) == set()


def test_only_what_is_a_year_old_is_let_go_and_the_rest_verifies(shop: MerchantId) -> None:
    today = datetime.now(UTC)
    for days in (800, 700, 30, 500, 1):
        look(shop, at=today - timedelta(days=days))

    with pytest.raises(Error, match="twelve months"):
        drop_accesses(merchant=shop, before=today - timedelta(days=90))
    assert drop_accesses(merchant=shop, before=today - timedelta(days=400)) == 2
    assert drop_accesses(merchant=shop, before=today - timedelta(days=400)) == 0

    look(shop)
    verified = verify_chain(chain=UUID(shop))
    assert (verified.base, verified.records, verified.head, verified.faults) == (2, 4, 6, ())


def test_many_old_ones_go_in_pieces_and_the_chain_is_whole_after_each(shop: MerchantId) -> None:
    """A year's worth in one transaction would hold the chain's head, and every named shopper's turn, for as long."""
    old, wanted = datetime.now(UTC) - timedelta(days=500), PIECE + 7
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conversations_record_access(%s, %s, 'staff', '', 'read', '', '', '')"
            " FROM generate_series(1, %s)",
            [shop, old, wanted],
        )
    look(shop)
    before = datetime.now(UTC) - timedelta(days=400)
    with connection.cursor() as cursor:
        cursor.execute("SELECT conversations_drop_accesses(%s, %s)", [shop, before])
        assert cursor.fetchone()[0] == PIECE
    half = verify_chain(chain=UUID(shop))

    assert drop_accesses(merchant=shop, before=before) == 7

    whole = verify_chain(chain=UUID(shop))
    assert (half.base, half.records, half.faults) == (PIECE, 8, ())
    assert (whole.base, whole.records, whole.faults) == (wanted, 1, ())


def test_the_command_names_what_is_amiss(database: str) -> None:
    merchant = Merchant.objects.create(key=f"t-{uuid4().hex[:12]}", name="Audited", currency="USD")
    shop = MerchantId(str(merchant.id))
    look(shop)
    out = StringIO()

    call_command("verify_audit", "--merchant", merchant.key, stdout=out)
    anchor = verify_chain(chain=merchant.id).anchor
    assert out.getvalue() == f"{merchant.key}: whole, 1 records, anchor {anchor}\n"

    with owner_of_the_database():
        AccessRecord.objects.filter(merchant_id=shop).update(purpose="none")
    with pytest.raises(SystemExit) as ended:
        call_command("verify_audit", "--merchant", merchant.key, stdout=out)
    assert ended.value.code == 1
    assert out.getvalue().endswith("NOT whole, 1 records\n  changed: Record 1 was changed.\n")
    with owner_of_the_database():
        AccessRecord.objects.filter(merchant_id=shop).update(purpose="")
