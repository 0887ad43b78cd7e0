"""How long things are kept: a class for every table and key, a purge that counts, a shop's own periods."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.core.management import CommandError, call_command
from django.db import connection

from catalog.models import Merchant
from commerce_agent.console.audit.indexing import index_conversations
from commerce_agent.console.audit.traits import number_trait
from commerce_agent.models import ERASED, Case, CaseNote, ConversationTraits, FoundBy, ModelSpend
from commerce_agent.shoppers.purging import purge
from commerce_agent.shoppers.retention import CLASSES, KEYS, TABLES, find_key_class, find_table_class
from conversations.ids import MerchantId
from conversations.models import AccessRecord, Conversation, JournalEntry, ResumeHandle, RetentionPeriod
from tests.shoppers.conftest import NOON, Visitor, buy

DAY = timedelta(days=1)


def test_every_table_has_a_class_with_a_period_or_a_reason(database: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = {row[0] for row in cursor.fetchall()}

    assert {table for table in tables if find_table_class(table) is None} == set(), (
        "place them in commerce_agent/shoppers/retention.py: how long is what they hold kept?"
    )
    assert set(TABLES) <= tables
    assert {*TABLES.values(), *(kind for _, kind in KEYS)} <= set(CLASSES)
    assert all(kept.why for kept in CLASSES.values())


async def test_every_key_in_redis_has_a_class(ada: Visitor, outfitter: MerchantId) -> None:
    await sync_to_async(buy)(outfitter, "COFFEE-E")
    await ada.say("hiking boots in size 42")
    await ada.say("reorder my coffee")
    platform = ada.platform

    keys = [key.decode() async for key in platform.redis.scan_iter(match=f"{platform.prefix}*")]
    names = [key.removeprefix(platform.prefix) for key in keys]

    assert {name for name in names if find_key_class(name) is None} == set()
    assert any(name.endswith(":profile") for name in names)
    ending = [
        await platform.redis.ttl(key)
        for key, name in zip(keys, names, strict=True)
        if find_key_class(name) == "fast copy"
    ]
    assert ending
    assert all(0 < seconds <= CLASSES["fast copy"].days * 86_400 for seconds in ending)  # type: ignore[operator]
    assert not any(re.search(r"\bada\b", name, re.IGNORECASE) for name in names)


async def test_a_shops_own_periods_hold_for_it_alone(
    ada: Visitor, outfitter: MerchantId, database: str
) -> None:
    stranger = Visitor(ada.platform, ada.clock, merchant=outfitter, shopper=None)
    other = Visitor(ada.platform, ada.clock, merchant=MerchantId(str(uuid4())), shopper=None)
    await ada.say("hiking boots in size 42")
    await stranger.say("hiking boots")
    await other.come()
    await RetentionPeriod.objects.acreate(merchant_id=outfitter, kind="anonymous talk", days=3)
    await RetentionPeriod.objects.acreate(merchant_id=outfitter, kind="profile", days=4)

    early = await purge(ada.platform, now=NOON + 2 * DAY)
    late = await purge(ada.platform, now=NOON + 3.5 * DAY)
    remembered = await ada.get_profile()
    much_later = await purge(ada.platform, now=NOON + 5 * DAY)

    assert (early.counts["anonymous talk"], late.counts["anonymous talk"]) == (0, 1)
    assert late.counts["talk"] == 0
    erased = {
        str(pk)
        async for pk in Conversation.objects.filter(
            erased_at__isnull=False, merchant_id__in=(outfitter, other.merchant)
        ).values_list("pk", flat=True)
    }
    assert erased == {stranger.talk}
    assert not await JournalEntry.objects.filter(conversation_id=stranger.talk).aexists()
    assert remembered.kept
    assert much_later.counts["profile"] >= 1
    assert (await ada.get_profile()).kept == ()


def index_all() -> None:
    while index_conversations():
        pass


async def test_what_staff_noted_of_a_talk_and_what_finds_it_goes_with_it(
    ada: Visitor, outfitter: MerchantId
) -> None:
    stranger = Visitor(ada.platform, ada.clock, merchant=outfitter, shopper=None)
    for visitor in (ada, stranger):
        await visitor.say("hiking boots")
        case = await Case.objects.acreate(
            conversation_id=visitor.talk, merchant_id=outfitter, opened_at=NOON, changed_at=NOON
        )
        await CaseNote.objects.acreate(case=case, text="asked for hiking boots", at=NOON)
    await sync_to_async(index_all)()
    await RetentionPeriod.objects.acreate(merchant_id=outfitter, kind="anonymous talk", days=3)
    found_before = await FoundBy.objects.filter(conversation_id=stranger.talk).aexists()

    purged = await purge(ada.platform, now=NOON + 4 * DAY)
    await sync_to_async(index_all)()
    again = await purge(ada.platform, now=NOON + 4 * DAY)

    assert found_before
    assert purged.counts["note"] >= 3
    assert again.counts["note"] == 0
    noted = CaseNote.objects.filter(case__merchant_id=outfitter).values_list("case_id", flat=True)
    assert [str(pk) async for pk in noted] == [ada.talk]
    assert (await ConversationTraits.objects.aget(pk=stranger.talk)).traits == [ERASED]
    terms = FoundBy.objects.filter(conversation_id=stranger.talk).values_list("term", flat=True)
    assert [term async for term in terms] == [number_trait(ERASED)]
    assert await FoundBy.objects.filter(conversation_id=ada.talk).acount() > 1


async def test_a_purge_takes_what_has_an_end_and_is_on_record(ada: Visitor, outfitter: MerchantId) -> None:
    await ada.come()
    ended = await ResumeHandle.objects.acreate(
        digest=uuid4().hex, merchant_id=outfitter, conversation_id=ada.talk, expires_at=NOON - DAY
    )
    lasting = await ResumeHandle.objects.acreate(
        digest=uuid4().hex, merchant_id=outfitter, conversation_id=ada.talk, expires_at=NOON + DAY
    )
    await ModelSpend.objects.acreate(merchant_id=outfitter, day=(NOON - 401 * DAY).date())

    purged = await purge(ada.platform, now=NOON)

    assert purged.counts["handle"] >= 1
    assert purged.counts["spend"] >= 1
    assert not await ResumeHandle.objects.filter(pk=ended.pk).aexists()
    assert await ResumeHandle.objects.filter(pk=lasting.pk).aexists()
    told = await AccessRecord.objects.filter(action="rows.purged").order_by("-seq").afirst()
    assert told is not None
    assert told.actor == "job:purge"
    assert '"handle"' in told.detail


def test_the_command_purges_and_notes_periods(
    outfitter: MerchantId, capsys: pytest.CaptureFixture[str]
) -> None:
    key = Merchant.objects.get(pk=outfitter).key

    call_command("purge", "--merchant", key, "--keep", "anonymous talk=30")
    call_command("purge")
    said = capsys.readouterr().out

    assert f"{key} keeps anonymous talk for 30 days." in said
    assert "anonymous talk 0" in said
    assert RetentionPeriod.objects.get(merchant_id=outfitter).days == 30
    with pytest.raises(CommandError, match="CLASS=DAYS"):
        call_command("purge", "--merchant", key, "--keep", "books=1")
