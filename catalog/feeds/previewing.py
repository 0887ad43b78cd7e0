"""A feed looked at before it is imported: what its columns hold, and what it would do. Nothing of the shop changes."""

import csv
from pathlib import Path

import msgspec
from django.db import connection, transaction

from catalog.feeds.applying import compare_staged
from catalog.feeds.columns import REQUIRED, list_cells
from catalog.feeds.importing import read_feed
from catalog.feeds.items import FeedItem, FeedUnreadable, RefusedRow
from catalog.feeds.naming import ColumnNames, make_plain
from catalog.feeds.opening import open_feed
from catalog.feeds.staging import Tally, stage_items
from catalog.feeds.xml import list_tags
from catalog.ids import MerchantId
from catalog.models import Merchant

FEWEST = len(REQUIRED)
LOOKED_AT = 50
"""Rows from whose cells the examples are taken, and among which those that are shown are looked for."""
SHOWN_ITEMS = 10


class FeedColumn(msgspec.Struct, frozen=True, kw_only=True):
    """A column as the feed has it."""

    name: str
    """Plain, as `ColumnNames` has it."""
    example: str
    """The first cell that is not empty, cut to 120 letters."""


class FeedPreview(msgspec.Struct, frozen=True, kw_only=True):
    """What an import would do."""

    read: int
    created: int
    updated: int
    unchanged: int
    missing: int
    """In the shop, but not in this feed."""
    refused: tuple[RefusedRow, ...]
    items: tuple[FeedItem, ...]
    """The first ones, as they would be taken in."""


def list_feed_columns(*, path: Path) -> tuple[FeedColumn, ...]:
    """The columns of a feed, whatever they are called; none where the file has no rows. Raises FeedUnreadable."""
    feed = open_feed(path=path)
    try:
        with feed.stream:
            if feed.is_xml:
                return _list_of_tags(list_tags(feed.stream, items=LOOKED_AT))
            names, rows = list_cells(feed.open_text(), rows=LOOKED_AT)
    except (csv.Error, EOFError, OSError, UnicodeError) as error:
        raise FeedUnreadable(name=path.name, problem=f"its first rows are broken ({error}).") from error
    if len(names) < FEWEST:
        raise FeedUnreadable(name=path.name, problem=f"its first row names {len(names)} columns.")
    columns: dict[str, str] = {}
    for place, name in enumerate(names):
        cells = (row[place].strip() for row in rows if place < len(row))
        columns.setdefault(make_plain(name), next((cell for cell in cells if cell), ""))
    return _make_columns(columns)


def _list_of_tags(items: list[dict[str, str]]) -> tuple[FeedColumn, ...]:
    columns: dict[str, str] = {}
    for tags in items:
        for name, text in tags.items():
            columns[make_plain(name)] = columns.get(make_plain(name)) or text
    return _make_columns(columns)


def _make_columns(columns: dict[str, str]) -> tuple[FeedColumn, ...]:
    return tuple(
        FeedColumn(name=name, example=example.encode(errors="replace").decode()[:120])
        for name, example in columns.items()
        if name
    )


def preview_feed(*, merchant: MerchantId, path: Path, columns: ColumnNames) -> FeedPreview:
    """What importing the feed would do, by the very checks of an import. Raises FeedUnreadable."""
    currency = Merchant.objects.values_list("currency", flat=True).get(id=merchant)
    tally = Tally()
    first: list[FeedItem] = []

    def watched(item: FeedItem | RefusedRow) -> FeedItem | RefusedRow:
        if isinstance(item, FeedItem) and len(first) < LOOKED_AT:
            first.append(item)
        return item

    rows = (watched(item) for item in read_feed(path=path, columns=columns))
    with transaction.atomic(), connection.cursor() as cursor:
        stage_items(cursor, items=rows, currency=currency, tally=tally)
        outlook = compare_staged(cursor, merchant=merchant, present=list(tally.lines))
        # The staged rows are temporary tables; they go with the transaction, which has written nothing else.
        transaction.set_rollback(True)
    refused = {row.line for row in tally.refused}
    return FeedPreview(
        read=tally.read,
        created=outlook.created,
        updated=outlook.updated,
        unchanged=outlook.unchanged,
        missing=outlook.missing,
        refused=tuple(tally.refused),
        items=tuple(item for item in first if item.line not in refused)[:SHOWN_ITEMS],
    )
