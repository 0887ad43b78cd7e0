"""What acts as the owner is a way around the rights of run time: these functions, for it alone, each with its job."""

import psycopg
import pytest
from django.db import connection

from commerce_agent.isolation.acting import acting_for
from commerce_agent.isolation.connections import Pool
from conversations.accesses import INSTALLATION, Access, record_access_through
from conversations.ids import MerchantId
from conversations.models import AccessRecord
from tests.conversations.state.talking import NOON
from tests.isolation.conftest import Shop

WAYS = """
SELECT p.proname, p.proconfig::text, has_function_privilege('public', p.oid, 'EXECUTE'),
    has_function_privilege(p.oid, 'EXECUTE')
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'public' AND p.prosecdef
"""
MONTHS = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'conversations_journalentry'::regclass"


def test_these_act_as_the_owner_and_only_run_time_may_call_them(database: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(WAYS)
        ways = {
            name: (settings, anybody, run_time) for name, settings, anybody, run_time in cursor.fetchall()
        }
        cursor.execute("SELECT has_schema_privilege('public', 'public', 'CREATE')")
        (may_anybody_create,) = cursor.fetchone()

    assert set(ways) == {
        "isolation_analyze",
        "conversations_add_month",
        "conversations_drop_month",
        "conversations_drop_accesses",
        "conversations_record_access",
    }
    assert set(ways.values()) == {('{"search_path=public, pg_temp"}', False, True)}
    assert may_anybody_create is False


async def test_whoever_acts_for_a_shop_drops_no_month(pool: Pool, ours: Shop) -> None:
    async def list_months() -> list[str]:
        async with pool.connection() as lent:
            return sorted([row[0] async for row in await lent.execute(MONTHS)])

    before = await list_months()
    month = next(name for name in before if name.startswith("conversations_journal_20"))
    for merchants in ((ours.merchant,), ()):
        with acting_for(*merchants):
            async with pool.connection() as lent:
                with pytest.raises(psycopg.errors.InsufficientPrivilege, match="for all shops"):
                    await lent.execute("SELECT conversations_drop_month(%s)", [month])

    assert await list_months() == before


async def test_an_access_goes_into_ones_own_chain_or_the_installations(
    pool: Pool, ours: Shop, theirs: Shop
) -> None:
    def look(merchant: MerchantId | None) -> Access:
        return Access(merchant=merchant, actor=f"test:{ours.merchant}", action="profile.read")

    with acting_for(ours.merchant):
        await record_access_through(pool, look(ours.merchant), at=NOON)
        await record_access_through(pool, look(None), at=NOON)
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="a chain of one's own"):
            await record_access_through(pool, look(theirs.merchant), at=NOON)

    kept = AccessRecord.objects.filter(actor=f"test:{ours.merchant}").order_by("merchant_id")
    assert [str(row.merchant_id) async for row in kept] == [str(INSTALLATION), ours.merchant]
