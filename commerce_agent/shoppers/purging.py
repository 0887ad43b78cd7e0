"""The purge: what ran out goes, class by class, counted and put on record."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
import structlog
from asgiref.sync import sync_to_async
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db.models import Q, QuerySet

from catalog.ids import MerchantId as ShopId
from catalog.models import BreakerChange, ConnectorCount, ImportRun, Merchant, Order
from catalog.orders import forget_orders
from commerce_agent.composition import Platform
from commerce_agent.models import (
    ERASED,
    Case,
    ConversationTraits,
    FoundBy,
    ModelSpend,
    Sending,
    SoughtInVain,
    SpentToken,
)
from commerce_agent.shoppers.finishing import finish_erasures
from commerce_agent.shoppers.retention import CLASSES
from commerce_agent.shoppers.unsigned import list_orders_of
from conversations.accesses import Access, drop_accesses, list_chains, record_access_through
from conversations.ids import ConversationId, MerchantId
from conversations.models import Conversation, LegalHold
from conversations.service import KeyFault, UnreadableEvent, Whose

log = structlog.get_logger(__name__)

BATCH = 5_000
INTERRUPTED = timedelta(days=7)
"""An erasure that was interrupted is finished by the purge, which looks back so far."""


class Purged(msgspec.Struct, frozen=True, kw_only=True):
    """How much of each class went."""

    counts: dict[str, int]

    @property
    def total(self) -> int:
        """Of all classes."""
        return sum(self.counts.values())


async def purge(platform: Platform, *, now: datetime) -> Purged:
    """Lets go of what ran out, except what is under a legal hold; that it was done, and how much, is recorded."""
    counts = dict.fromkeys(("talk", "anonymous talk", "profile"), 0)
    for merchant, periods in (await platform.purges.list_periods()).items():
        for kind in ("talk", "anonymous talk"):
            if kind in periods:
                counts[kind] += await platform.purges.drop_quiet_of(
                    merchant=merchant, before=now - timedelta(days=periods[kind]), anonymous=kind != "talk"
                )
    since = now - INTERRUPTED
    counts["erasure"] = await finish_erasures(platform, since=since, now=now)
    counts["erased"] = await platform.purges.drop_left(since=since)
    gone = await platform.purges.list_erased(since=since)
    counts["copy"], _ = await platform.key_keeper.drop_copies(gone)
    counts["note"] = await sync_to_async(drop_quotes)()
    counts["profile"] = await _purge_profiles(platform, now=now)
    counts["order of nobody"] = await _purge_orders(platform, now=now)
    counts["shown order"] = await platform.purges.drop_shown_orders(merchants=await _list_merchants())
    counts["handle"] = await platform.purges.drop_handles(now=now)
    counts.update(await sync_to_async(_purge_rows)(now=now))
    counts["access"] = await sync_to_async(_purge_accesses)(now=now)
    purged = Purged(counts=counts)
    if purged.total:
        detail = tuple((kind.replace(" ", "_"), str(count)) for kind, count in counts.items() if count)
        access = Access(merchant=None, actor="job:purge", action="rows.purged", detail=detail)
        await record_access_through(platform.pool, access, at=now)
    return purged


def drop_quotes() -> int:
    """What staff noted of conversations that were let go of, and the words that found them: it may quote what was said.
    Says how many notes and conversations. That a conversation was erased stays to be found.
    """
    gone = Conversation.objects.filter(erased_at__isnull=False).values("pk")
    dropped = _delete(Case.objects.filter(conversation_id__in=gone))
    stale = ConversationTraits.objects.filter(conversation_id__in=gone).exclude(traits=[ERASED])
    Sending.objects.filter(conversation_id__in=gone).delete()
    while batch := list(stale.values_list("pk", flat=True)[:BATCH]):
        FoundBy.objects.filter(conversation_id__in=batch).delete()
        SoughtInVain.objects.filter(conversation_id__in=batch).delete()
        dropped += ConversationTraits.objects.filter(pk__in=batch).delete()[0]
    return dropped


async def _purge_orders(platform: Platform, *, now: datetime) -> int:
    """Takes the person out of orders that nobody known placed: no erasure of a shopper ever reaches those."""
    periods, dropped = await platform.purges.list_periods(), 0
    usual = CLASSES["order of nobody"].days or 0
    for merchant in await _list_merchants():
        before = now - timedelta(days=periods.get(merchant, {}).get("order of nobody", usual))
        named = Order.objects.filter(merchant_id=merchant, customer_key=None, placed_at__lt=before).exclude(
            sealed_address=b"", payment_method=""
        )
        numbers = [number async for number in named.values_list("number", flat=True)]
        if numbers:
            try:
                kept = await _list_held_orders(platform, merchant=merchant)
            except (KeyFault, UnreadableEvent) as fault:
                # Nobody can say what is held there until the key, or the row, is right again; till then all of it is.
                log.warning("orders.kept", merchant=merchant, reason=str(fault))
                continue
            gone = [number for number in numbers if number not in kept]
            for at in range(0, len(gone), BATCH):
                dropped += await sync_to_async(forget_orders)(
                    merchant=ShopId(merchant), numbers=gone[at : at + BATCH]
                )
    return dropped


async def _list_held_orders(platform: Platform, *, merchant: MerchantId) -> frozenset[str]:
    """The orders that talks under a legal hold placed, whoever was signed in. Raises where one cannot be read."""
    held = LegalHold.objects.filter(merchant_id=merchant, lifted_at=None).values("owner_id")
    talks = Conversation.objects.filter(merchant_id=merchant, erased_at=None).filter(
        Q(pk__in=held) | Q(shopper_id__in=held)
    )
    names = tuple([ConversationId(str(pk)) async for pk in talks.values_list("pk", flat=True)])
    return frozenset(await list_orders_of(platform, talks=names, whole=True))


async def _list_merchants() -> tuple[MerchantId, ...]:
    return tuple([MerchantId(str(pk)) async for pk in Merchant.objects.values_list("pk", flat=True)])


async def _purge_profiles(platform: Platform, *, now: datetime) -> int:
    periods, dropped = await platform.purges.list_periods(), 0
    for chain in await sync_to_async(list_chains)():
        # A profile is on record in its merchant's chain, so every merchant that has one has a chain.
        merchant = MerchantId(str(chain))
        days = periods.get(merchant, {}).get("profile", CLASSES["profile"].days or 0)
        before = now - timedelta(days=days)
        for shopper in await platform.purges.list_stale_profiles(merchant=merchant, before=before):
            await platform.conversations.profiles.drop_copy(Whose(merchant=merchant, shopper=shopper))
        dropped += await platform.purges.drop_profiles(merchant=merchant, before=before)
    return dropped


def _purge_rows(*, now: datetime) -> dict[str, int]:
    """What has an instant of its own."""

    def get_before(kind: str) -> datetime:
        return now - timedelta(days=CLASSES[kind].days or 0)

    health = get_before("health")
    return {
        "session": _delete(Session.objects.filter(expire_date__lt=now))
        + _delete(SpentToken.objects.filter(expires_at__lt=now)),
        "operator log": _delete(LogEntry.objects.filter(action_time__lt=get_before("operator log"))),
        "spend": _delete(ModelSpend.objects.filter(day__lt=get_before("spend").date())),
        "health": _delete(BreakerChange.objects.filter(at__lt=health))
        + _delete(ConnectorCount.objects.filter(day__lt=health.date()))
        + _delete(ImportRun.objects.filter(started_at__lt=health)),
    }


def _delete(rows: QuerySet[Any]) -> int:
    deleted = 0
    while batch := list(rows.values_list("pk", flat=True)[:BATCH]):
        deleted += rows.filter(pk__in=batch).delete()[0]
    return deleted


def _purge_accesses(*, now: datetime) -> int:
    before = now - timedelta(days=CLASSES["access"].days or 0)
    return sum(drop_accesses(merchant=MerchantId(str(chain)), before=before) for chain in list_chains())
