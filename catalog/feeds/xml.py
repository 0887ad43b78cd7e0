"""XML feeds: RSS 2.0 `item` and Atom `entry`, with Google's `g:` names."""

from collections.abc import Iterator
from typing import IO
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from catalog.feeds.items import COLUMNS, FeedItem, FeedUnreadable, RefusedRow
from catalog.feeds.naming import AS_NAMED, ColumnNames, read_name

ITEMS = ("item", "entry")
ATTRIBUTE_NAME, ATTRIBUTE_VALUE = "attribute_name", "attribute_value"
NOT_OURS = frozenset({"additional_image_link", "shipping", "tax", "updated", "author"})


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _list_detail(element: Element) -> tuple[tuple[str, str], ...]:
    parts = {_local(child.tag): (child.text or "").strip() for child in element}
    name, value = parts.get(ATTRIBUTE_NAME, ""), parts.get(ATTRIBUTE_VALUE, "")
    return ((name, value),) if name and value else ()


def _make_item(element: Element, *, number: int, columns: ColumnNames) -> FeedItem:
    values: dict[str, str] = {}
    details: list[tuple[str, str]] = []
    for child in element:
        name = read_name(_local(child.tag), columns=columns)
        text = (child.text or child.get("href") or "").strip()
        if name == "product_detail":
            details.extend(_list_detail(child))
        elif name == "summary":
            values.setdefault("description", text)
        elif name in COLUMNS:
            # Where the feed has both, Google's own name says more than RSS's: it comes with a namespace.
            if text and (name not in values or "base.google.com" in child.tag):
                values[name] = text
        elif text and name is not None and name not in NOT_OURS:
            details.append((name.replace("_", " "), text))
    return FeedItem(**values, details=tuple(details), line=number)


def list_tags(stream: IO[bytes], *, items: int) -> list[dict[str, str]]:
    """The first items as they are written: each tag's own name with its text. Empty where there is none."""
    seen: list[dict[str, str]] = []
    try:
        for _, element in iterparse(stream, events=("end",), forbid_dtd=True):
            if _local(element.tag) in ITEMS:
                seen.append({_local(child.tag): (child.text or "").strip() for child in element})
                element.clear()
            if len(seen) == items:
                break
    except (ParseError, DefusedXmlException):
        return seen
    return seen


def read_xml(
    stream: IO[bytes], *, file: str, columns: ColumnNames = AS_NAMED
) -> Iterator[FeedItem | RefusedRow]:
    """Each item in turn, numbered from 1. Raises FeedUnreadable when the document is broken or unsafe."""
    number = 0
    try:
        for _, element in iterparse(stream, events=("end",), forbid_dtd=True):
            if _local(element.tag) in ITEMS:
                number += 1
                yield _make_item(element, number=number, columns=columns)
                element.clear()
    except ParseError as error:
        raise FeedUnreadable(name=file, problem=f"its XML breaks off: {error}.") from error
    except DefusedXmlException as error:
        raise FeedUnreadable(
            name=file, problem="its XML declares entities or a DTD, which is not safe."
        ) from error
    if not number:
        raise FeedUnreadable(name=file, problem="its XML has no item or entry.")
