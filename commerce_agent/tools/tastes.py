"""What a shopper has said they like, or the shop has down of it."""

from collections.abc import Iterable, Mapping
from typing import Final, Literal

import msgspec

from catalog.connectors import PlainValue
from conversations.shoppers import Kept

TasteField = Literal["brand", "color", "size"]
TasteSource = Literal["stated", "merchant"]
_FIELDS: Final[dict[str, TasteField]] = {
    "brand": "brand",
    "brands": "brand",
    "color": "color",
    "colors": "color",
    "colour": "color",
    "colours": "color",
    "size": "size",
    "sizes": "size",
}
_SAYS_LIKING: Final = frozenset({"favorite", "favourite", "preferred", "usual", "my", "likes"})
"""Words of a record's name that say that it is liked, and not of which goods."""


class Taste(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is liked, or disliked."""

    field: TasteField
    value: str
    """As it was written."""
    is_dislike: bool = False
    goods: str = ""
    """The kind of goods it was said of; empty: all."""
    source: TasteSource
    conversation: str = ""
    """Where it was said; empty where it was not in a conversation."""


def read_tastes(kept: Iterable[Kept], records: Mapping[str, PlainValue]) -> tuple[Taste, ...]:
    """The tastes among what is remembered and what the shop has down; the shopper's word holds against a record.

    What was only inferred is none: whoever searched for blue once need not like blue.
    """
    said = [taste for each in kept if each.source == "stated" for taste in _read_kept(each)]
    down = [taste for name, value in records.items() for taste in _read_record(name, value)]
    spoken = {(taste.field, taste.goods) for taste in said}
    return (*said, *(taste for taste in down if (taste.field, taste.goods) not in spoken))


def _read_kept(kept: Kept) -> list[Taste]:
    if kept.kind == "size":
        goods, field, is_dislike = kept.topic, "size", False
    else:
        goods, _, field = kept.topic.rpartition(" ")
        is_dislike = goods == "not"
    if kept.kind not in ("size", "preference") or field not in _FIELDS:
        return []
    return _make(
        _FIELDS[field],
        kept.value,
        goods="" if is_dislike else goods,
        source="stated",
        is_dislike=is_dislike,
        conversation=kept.conversation,
    )


def _read_record(name: str, value: PlainValue) -> list[Taste]:
    """A record such as `shoe size: 9` or `favourite colour: blue`."""
    words = name.casefold().replace("_", " ").replace("-", " ").split()
    if value is None or isinstance(value, bool) or not words or words[-1] not in _FIELDS:
        return []
    goods = " ".join(word for word in words[:-1] if word not in _SAYS_LIKING)
    return _make(_FIELDS[words[-1]], str(value).removesuffix(".0"), goods=goods, source="merchant")


def _make(
    field: TasteField,
    written: str,
    *,
    goods: str,
    source: TasteSource,
    is_dislike: bool = False,
    conversation: str = "",
) -> list[Taste]:
    values = [value.strip() for value in written.split(",")]
    return [
        Taste(
            field=field,
            value=value,
            is_dislike=is_dislike,
            goods=goods,
            source=source,
            conversation=conversation,
        )
        for value in values
        if value
    ]
