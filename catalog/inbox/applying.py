"""Applies what waits: of each subject the last word, by sets, in one transaction with the mark that it was done."""

from datetime import datetime, timedelta
from functools import partial

import msgspec
from django.db import connection, transaction

from catalog.events import CatalogEvent
from catalog.ids import MerchantId
from catalog.inbox.ordering import choose_last, comes_after
from catalog.inbox.rows import (
    Row,
    Verdict,
    list_latest,
    list_untold,
    list_waiting,
    mark_rows,
    note_latest,
)
from catalog.inbox.taking import (
    Take,
    Taken,
    merge_taken,
    retell,
    take_prices,
    take_products,
    take_safely,
    take_stocks,
    take_terms,
)
from catalog.models import ShopEvent, ShopEventStatus

MOST_AT_ONCE = 2_000
MOST_TRIES = 20
"""Of one subject so many words are refused in one go; what was said before those waits for the next one."""
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


def has_waiting(*, merchant: MerchantId) -> bool:
    """Whether an event of this merchant was not applied yet."""
    return ShopEvent.objects.filter(merchant_id=merchant, status=ShopEventStatus.WAITING).exists()


def apply_waiting(*, merchant: MerchantId, now: datetime) -> Applied:
    """Applies what waits, and answers what is to be told: also what a worker that died left untold."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            # One at a time for each shop: the order of its events is what this is about.
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 3))", [merchant])
        waiting = list_waiting(merchant=merchant, limit=MOST_AT_ONCE)
        applied, events = _apply(waiting, merchant=merchant, now=now) if waiting else ([], ())
    untold = list_untold(merchant=merchant, before=now - LATE, limit=MOST_AT_ONCE)
    again = tuple(event for row in untold for event in retell(row, merchant=merchant))
    return Applied(
        events=events + again,
        rows=tuple(row.pk for row in (*applied, *untold)),
        done=len(waiting) + len(untold),
    )


def mark_told(*, rows: tuple[int, ...], now: datetime) -> None:
    """Remembers that the open conversations had these."""
    ShopEvent.objects.filter(pk__in=rows).update(told_at=now)


def _apply(
    waiting: list[Row], *, merchant: MerchantId, now: datetime
) -> tuple[list[Row], tuple[CatalogEvent, ...]]:
    """The rows that took effect, and what changed by them."""
    known = list_latest(merchant=merchant, subjects={row.subject for row in waiting})
    taken, applied, left = Taken(), list[Row](), waiting
    for _ in range(MOST_TRIES):
        last = choose_last(left)
        current = [row for key, row in last.items() if key not in known or comes_after(row, known=known[key])]
        came = _take(current, merchant=merchant, now=now)
        taken = merge_taken((taken, came))
        applied += [row for row in current if row.pk not in came.problems]
        # A word that cannot be taken does not take with it what was said before it.
        again = {(row.kind, row.subject) for row in current if row.pk in came.problems}
        left = [row for row in left if (row.kind, row.subject) in again and row.pk not in came.problems]
        if not left:
            break
    looked_at = {row.pk for row in waiting} - {row.pk for row in left}
    verdicts = {pk: Verdict(pk=pk, status=ShopEventStatus.OVERTAKEN) for pk in looked_at}
    verdicts |= {row.pk: Verdict(pk=row.pk, status=ShopEventStatus.APPLIED) for row in applied}
    verdicts |= {
        pk: Verdict(pk=pk, status=ShopEventStatus.REFUSED, problem=problem)
        for pk, problem in taken.problems.items()
    }
    mark_rows(list(verdicts.values()), now=now)
    note_latest(applied, merchant=merchant)
    return applied, taken.events


def _take(current: list[Row], *, merchant: MerchantId, now: datetime) -> Taken:
    by_kind: dict[str, list[Row]] = {}
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
