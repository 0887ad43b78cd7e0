"""Applies what waits: of each subject the last word, by sets, in one transaction with the mark that it was done."""

from datetime import datetime, timedelta
from functools import partial

import msgspec
from django.db import connection, transaction

from catalog.events import CatalogEvent, ProductChanged
from catalog.ids import MerchantId, Sku
from catalog.inbox.ordering import choose_last, comes_after
from catalog.inbox.taking import (
    Take,
    Taken,
    merge_taken,
    take_prices,
    take_products,
    take_safely,
    take_stocks,
    take_terms,
)
from catalog.models import LatestWord, ShopEvent, ShopEventStatus

MOST_AT_ONCE = 2_000
LATE = timedelta(seconds=15)
"""What was applied and not told for so long was left by a worker that died."""


class Applied(msgspec.Struct, frozen=True, kw_only=True):
    """What changed in the shop, and the rows that are to be marked once the conversations were told."""

    events: tuple[CatalogEvent, ...]
    rows: tuple[int, ...]
    done: int
    """Rows that were looked at; none when nothing waits."""


def list_merchants_waiting(*, now: datetime) -> tuple[MerchantId, ...]:
    """Merchants with events that were not applied, or of which nobody was told."""
    waiting = ShopEvent.objects.filter(status=ShopEventStatus.WAITING)
    untold = ShopEvent.objects.filter(
        status=ShopEventStatus.APPLIED, told_at__isnull=True, applied_at__lt=now - LATE
    )
    ids = {*waiting.values_list("merchant_id", flat=True), *untold.values_list("merchant_id", flat=True)}
    return tuple(MerchantId(str(merchant)) for merchant in sorted(ids))


def apply_waiting(*, merchant: MerchantId, now: datetime) -> Applied:
    """Applies what waits, and answers what is to be told: also what a worker that died left untold."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            # One at a time for each shop: the order of its events is what this is about.
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 3))", [merchant])
        waiting = list(
            ShopEvent.objects.filter(merchant_id=merchant, status=ShopEventStatus.WAITING)
            .order_by("id")
            .select_for_update(skip_locked=True)[:MOST_AT_ONCE]
        )
        events = _apply(waiting, merchant=merchant, now=now)
    untold = list(
        ShopEvent.objects.filter(
            merchant_id=merchant,
            status=ShopEventStatus.APPLIED,
            told_at__isnull=True,
            applied_at__lt=now - LATE,
        ).order_by("id")[:MOST_AT_ONCE]
    )
    told = tuple(row.pk for row in (*waiting, *untold) if row.status == ShopEventStatus.APPLIED)
    again = tuple(_retell(row, merchant=merchant) for row in untold)
    return Applied(events=events + again, rows=told, done=len(waiting) + len(untold))


def mark_told(*, rows: tuple[int, ...], now: datetime) -> None:
    """Remembers that the open conversations had these."""
    ShopEvent.objects.filter(pk__in=rows).update(told_at=now)


def _apply(waiting: list[ShopEvent], *, merchant: MerchantId, now: datetime) -> tuple[CatalogEvent, ...]:
    if not waiting:
        return ()
    last = choose_last(waiting)
    known = {
        (word.kind, word.subject): word
        for word in LatestWord.objects.filter(
            merchant_id=merchant, subject__in={subject for _, subject in last}
        )
    }
    current = [
        event for subject, event in last.items() if subject not in known or comes_after(event, known[subject])
    ]
    taken = _take(current, merchant=merchant, now=now)
    for event in waiting:
        event.status, event.applied_at = ShopEventStatus.OVERTAKEN, now
    for event in current:
        problem = taken.problems.get(event.pk)
        event.status = ShopEventStatus.REFUSED if problem else ShopEventStatus.APPLIED
        event.problem = (problem or "")[:300]
    ShopEvent.objects.bulk_update(waiting, ["status", "problem", "applied_at"], batch_size=500)
    _note_words([event for event in current if event.status == ShopEventStatus.APPLIED], merchant=merchant)
    return taken.events


def _take(current: list[ShopEvent], *, merchant: MerchantId, now: datetime) -> Taken:
    by_kind: dict[str, list[ShopEvent]] = {}
    for event in current:
        by_kind.setdefault(event.kind, []).append(event)
    takers: tuple[tuple[tuple[str, ...], Take], ...] = (
        (("product",), partial(take_products, merchant=merchant, now=now)),
        (("stock",), partial(take_stocks, merchant=merchant)),
        (("price",), partial(take_prices, merchant=merchant)),
        (("policy", "promotion"), partial(take_terms, merchant=merchant, now=now)),
    )
    chosen = (([row for kind in kinds for row in by_kind.get(kind, [])], take) for kinds, take in takers)
    return merge_taken(take_safely(rows, take=take) for rows, take in chosen if rows)


def _note_words(events: list[ShopEvent], *, merchant: MerchantId) -> None:
    LatestWord.objects.bulk_create(
        [
            LatestWord(
                merchant_id=merchant,
                kind=event.kind,
                subject=event.subject,
                version=event.version,
                at=event.at,
            )
            for event in events
        ],
        update_conflicts=True,
        unique_fields=["merchant", "kind", "subject"],
        update_fields=["version", "at"],
    )


def _retell(row: ShopEvent, *, merchant: MerchantId) -> CatalogEvent:
    """Has the conversations look at the item again; what they read is what holds now."""
    return ProductChanged(merchant=merchant, sku=Sku(row.subject), at=row.at)
