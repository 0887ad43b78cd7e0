"""Applies what waits: of each subject the last word, by sets, in one transaction with the mark that it was done."""

from collections.abc import Mapping
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
    lock_items,
    mark_rows,
    note_latest,
)
from catalog.inbox.senders import list_standing
from catalog.inbox.taking import (
    Take,
    Taken,
    list_words_within,
    merge_taken,
    number_term,
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
        lock_items(waiting, merchant=merchant)
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
    standing = list_standing(merchant=merchant)
    taken, applied, left = Taken(), list[Row](), waiting
    said_anew: list[Row] = []
    for _ in range(MOST_TRIES):
        last = choose_last(left, standing=standing)
        current = [row for row in last.values() if _is_news(row, known=known, standing=standing)]
        current = [number_term(row, known=known, standing=standing, merchant=merchant) for row in current]
        came, tried = _take(current, known=known, merchant=merchant, now=now)
        taken = merge_taken((taken, came))
        applied += [row for row in tried if row.pk not in came.problems]
        tried_now = {row.pk for row in tried}
        said_anew += [row for row in current if row.pk not in tried_now]
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
    within = [word for word in list_words_within(applied) if _is_news(word, known=known, standing=standing)]
    # How far its versions have come is known of a word, even where the whole item said it anew, without a version.
    for words in (said_anew, [*within, *applied]):
        latest = choose_last(words, standing=standing)
        note_latest([*latest.values()], merchant=merchant, standing=standing)
    return applied, taken.events


def _is_news(row: Row, *, known: Mapping[tuple[str, str], Row], standing: frozenset[str]) -> bool:
    before = known.get((row.kind, row.subject))
    return before is None or comes_after(row, known=before, standing=standing)


def _take(
    current: list[Row], *, known: Mapping[tuple[str, str], Row], merchant: MerchantId, now: datetime
) -> tuple[Taken, list[Row]]:
    """What came of the rows, and those that were tried: what a later word of the whole item says anew was not."""
    by_kind: dict[str, list[Row]] = {}
    for event in current:
        by_kind.setdefault(event.kind, []).append(event)
    items = by_kind.get("product", [])
    take_items = partial(take_products, known=known, merchant=merchant, now=now)
    whole = take_safely(items, take=take_items) if items else Taken()
    within = {
        (word.kind, word.subject): word
        for word in list_words_within(row for row in items if row.pk not in whole.problems)
    }
    takers: tuple[tuple[tuple[str, ...], Take], ...] = (
        (("stock",), partial(take_stocks, merchant=merchant)),
        (("price",), partial(take_prices, merchant=merchant)),
        (("policy", "promotion"), partial(take_terms, merchant=merchant, now=now)),
    )
    parts, tried = [whole], [*items]
    for kinds, take in takers:
        rows = [row for kind in kinds for row in by_kind.get(kind, [])]
        rows = [row for row in rows if row.at >= within.get((row.kind, row.subject), row).at]
        parts += [take_safely(rows, take=take)] if rows else []
        tried += rows
    return merge_taken(parts), tried
