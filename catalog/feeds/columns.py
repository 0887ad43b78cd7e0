"""TSV and CSV feeds: the first row names the columns."""

import csv
from collections.abc import Iterator
from itertools import islice
from typing import IO

import msgspec

from catalog.feeds.details import parse_details
from catalog.feeds.items import COLUMNS, FeedItem, FeedUnreadable, RefusedRow
from catalog.feeds.naming import AS_NAMED, ColumnNames, read_name

LONGEST_CELL = 10_000_000
REQUIRED = ("id", "title", "price")
STRAY = ("product_detail", "product_details")


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """Where each column stands: known ones by attribute, others kept as details under their own name."""

    known: tuple[tuple[int, str], ...]
    details: tuple[int, ...]
    others: tuple[tuple[int, str], ...]
    width: int


def read_header(names: list[str], *, file: str, columns: ColumnNames = AS_NAMED) -> Header:
    """The header row understood. Raises FeedUnreadable when a column that every feed has is missing."""
    plain = [read_name(name, columns=columns) or "" for name in names]
    missing = [name for name in REQUIRED if name not in plain]
    if missing:
        raise FeedUnreadable(name=file, problem=f"its first row has no column named {', '.join(missing)}.")
    return Header(
        known=tuple((place, name) for place, name in enumerate(plain) if name in COLUMNS),
        details=tuple(place for place, name in enumerate(plain) if name in STRAY),
        others=tuple(
            (place, name.replace("_", " "))
            for place, name in enumerate(plain)
            if name and name not in COLUMNS and name not in STRAY
        ),
        width=len(plain),
    )


def _make_item(row: list[str], *, header: Header, line: int) -> FeedItem | RefusedRow:
    if len(row) < header.width or any(row[header.width :]):
        reason = f"the row has {len(row)} cells, the header has {header.width}"
        return RefusedRow(line=line, id=row[0][:100] if row else "", reason=reason)
    values = {name: row[place].strip() for place, name in header.known}
    details = [pair for place in header.details for pair in parse_details(row[place])]
    details += [(name, row[place].strip()) for place, name in header.others if row[place].strip()]
    return FeedItem(**values, details=tuple(details), line=line)


def _find_delimiter(first: str) -> str:
    return max("\t,;|", key=first.count)


def list_cells(text: IO[str], *, rows: int) -> tuple[list[str], list[list[str]]]:
    """The header as it is written, and the first rows as they are."""
    csv.field_size_limit(LONGEST_CELL)
    first = text.readline()
    delimiter = _find_delimiter(first)
    names = next(csv.reader([first], delimiter=delimiter))
    return names, list(islice(csv.reader(text, delimiter=delimiter), rows))


def read_columns(
    text: IO[str], *, file: str, columns: ColumnNames = AS_NAMED
) -> Iterator[FeedItem | RefusedRow]:
    """Each row in turn; a broken one as RefusedRow. Raises FeedUnreadable when the header is no feed's."""
    csv.field_size_limit(LONGEST_CELL)
    first = text.readline()
    delimiter = _find_delimiter(first)
    header = read_header(next(csv.reader([first], delimiter=delimiter)), file=file, columns=columns)
    rows = csv.reader(text, delimiter=delimiter)
    while True:
        start = rows.line_num + 2
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield RefusedRow(line=start, id="", reason=f"the row is broken: {error}")
            continue
        if any(row):
            yield _make_item(row, header=header, line=start)
