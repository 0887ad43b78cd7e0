"""A feed into a shop: streamed, all of it or nothing, and the same feed again changes nothing."""

import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

import msgspec
from django.db import connection, transaction

from catalog.feeds.applying import Applied, apply_staged
from catalog.feeds.columns import read_columns
from catalog.feeds.items import FeedItem, FeedUnreadable, ImportReport, RefusedRow
from catalog.feeds.naming import AS_NAMED, ColumnNames
from catalog.feeds.opening import OnProgress, ignore_progress, open_feed
from catalog.feeds.staging import Tally, stage_items
from catalog.feeds.xml import read_xml
from catalog.ids import MerchantId
from catalog.models import ImportRun, ImportStatus, Merchant
from catalog.products.indexing import refresh_search

MOST_LISTED = 1000
"""Refused rows that an import's record keeps; the report has them all."""


def read_feed(
    *, path: Path, columns: ColumnNames = AS_NAMED, on_progress: OnProgress = ignore_progress
) -> Iterator[FeedItem | RefusedRow]:
    """The rows of a feed file, one by one. Raises FeedUnreadable."""
    feed = open_feed(path=path, on_progress=on_progress)
    try:
        with feed.stream:
            if feed.is_xml:
                yield from read_xml(feed.stream, file=feed.name, columns=columns)
            else:
                yield from read_columns(feed.open_text(), file=feed.name, columns=columns)
    except (EOFError, OSError) as error:
        raise FeedUnreadable(name=feed.name, problem=f"it breaks off ({error}).") from error


def import_feed(
    *,
    merchant: MerchantId,
    path: Path,
    now: datetime,
    columns: ColumnNames = AS_NAMED,
    on_progress: OnProgress = ignore_progress,
    remove_missing: bool = False,
) -> ImportReport:
    """Imports a Google Merchant feed in one transaction; `columns` says what its own names stand for.

    Rows that cannot be sold as written are refused and reported, the others taken in. Items of the shop that the
    feed does not have are kept, unless `remove_missing`. Raises FeedUnreadable, and then nothing was imported.
    """
    rows = read_feed(path=path, columns=columns, on_progress=on_progress)
    return import_items(
        merchant=merchant,
        items=rows,
        name=path.name,
        now=now,
        columns=columns,
        remove_missing=remove_missing,
    )


def import_items(
    *,
    merchant: MerchantId,
    items: Iterable[FeedItem | RefusedRow],
    name: str,
    now: datetime,
    columns: ColumnNames = AS_NAMED,
    remove_missing: bool = False,
    numbers: bool = True,
) -> ImportReport:
    """The same for items that are already typed; give each its own `line`. `columns` is kept with the run.

    Without `numbers` those on the shelf stay: whoever calls knows of when the told ones are, and sets them.
    """
    started = time.monotonic()
    currency = Merchant.objects.values_list("currency", flat=True).get(id=merchant)
    run = ImportRun.objects.create(
        merchant_id=merchant, file_name=name[:300], started_at=now, columns=dict(columns)
    )
    tally = Tally()
    try:
        applied = _apply(
            merchant=merchant,
            currency=currency,
            items=items,
            tally=tally,
            now=now,
            remove_missing=remove_missing,
            numbers=numbers,
        )
    except BaseException as error:
        run.status, run.error, run.read = ImportStatus.FAILED, str(error), tally.read
        run.save()
        raise
    report = ImportReport(
        merchant=merchant,
        name=name,
        read=tally.read,
        created=applied.created,
        updated=applied.updated,
        unchanged=applied.unchanged,
        missing=applied.missing,
        removed=applied.removed,
        refused=tuple(tally.refused),
        seconds=time.monotonic() - started,
    )
    _record(run=run, report=report, now=now)
    return report


def _apply(
    *,
    merchant: MerchantId,
    currency: str,
    items: Iterable[FeedItem | RefusedRow],
    tally: Tally,
    now: datetime,
    remove_missing: bool,
    numbers: bool,
) -> Applied:
    with transaction.atomic(), connection.cursor() as cursor:
        # Two imports of one shop at once would each see rows of the other as missing.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [merchant])
        stage_items(cursor, items=items, currency=currency, tally=tally)
        applied = apply_staged(
            cursor,
            merchant=merchant,
            currency=currency,
            now=now,
            present=list(tally.lines),
            remove_missing=remove_missing,
            numbers=numbers,
        )
        if applied.products:
            refresh_search(merchant=merchant, products=applied.products)
        cursor.execute("DROP TABLE feed_item, feed_group")
    return applied


def _record(*, run: ImportRun, report: ImportReport, now: datetime) -> None:
    for field in ("read", "created", "updated", "unchanged", "missing", "removed"):
        setattr(run, field, getattr(report, field))
    run.refused = len(report.refused)
    run.refusals = [msgspec.to_builtins(row) for row in report.refused[:MOST_LISTED]]
    run.status, run.finished_at = ImportStatus.DONE, now
    run.save()
