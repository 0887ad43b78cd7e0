"""The only kinds of text there are: whatever else a model writes has no place to go.

Each node names itself in `k`, and text is plain text, so that whoever draws it needs no mark-up language.
"""

import msgspec


class Words(msgspec.Struct, frozen=True, kw_only=True, tag_field="k", tag="words"):
    """Plain text."""

    text: str


class Strong(msgspec.Struct, frozen=True, kw_only=True, tag_field="k", tag="strong"):
    """Text that stands out."""

    text: str


class Emphasis(msgspec.Struct, frozen=True, kw_only=True, tag_field="k", tag="em"):
    """Text that is stressed."""

    text: str


class Link(msgspec.Struct, frozen=True, kw_only=True, tag_field="k", tag="link"):
    """Text that leads to a page of the shop's own."""

    text: str
    href: str


Span = Words | Strong | Emphasis | Link


class Paragraph(msgspec.Struct, frozen=True, kw_only=True, tag_field="k", tag="p"):
    """A paragraph."""

    spans: tuple[Span, ...]


class Bullets(msgspec.Struct, frozen=True, kw_only=True, tag_field="k", tag="ul", omit_defaults=True):
    """A list; with `first` a numbered one that begins there."""

    items: tuple[tuple[Span, ...], ...]
    first: int | None = None


class Table(msgspec.Struct, frozen=True, kw_only=True, tag_field="k", tag="table"):
    """A table; its first row heads it."""

    rows: tuple[tuple[tuple[Span, ...], ...], ...]


Block = Paragraph | Bullets | Table
