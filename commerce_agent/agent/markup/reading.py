"""From Markdown to the tree. What the tree has no kind for is dropped: images, HTML, addresses of others."""

import re
from collections.abc import Collection, Iterable, Iterator
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from commerce_agent.agent.markup.addresses import cut_addresses, is_own
from commerce_agent.agent.markup.tree import (
    Block,
    Bullets,
    Emphasis,
    Link,
    Paragraph,
    Span,
    Strong,
    Table,
    Words,
)

LONGEST = 6000
"""Letters that are read; a reply is never so long."""
_DEEPEST = 12
_TAG = re.compile(r"<(?=[A-Za-z/!?|])|<$")
_SPACES = re.compile(r"[ \t\u00a0]{2,}")


@cache
def _get_parser() -> MarkdownIt:
    """Knows HTML and images, so that they are recognised for what they are, and dropped."""
    return MarkdownIt("commonmark", {"html": True, "maxNesting": _DEEPEST}).enable("table")


def read_markup(text: str, *, origins: Collection[str] = ()) -> tuple[Block, ...]:
    """The text as a tree; links lead to `origins` only."""
    blocks: list[Block] = []
    tokens = iter(_get_parser().parse(text[:LONGEST]))
    for token in tokens:
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                blocks.extend(_read_list(token, tokens, origins=origins))
            case "table_open":
                blocks.extend(_read_table(tokens, origins=origins))
            case "inline":
                blocks.extend(_make_paragraph(_read_spans(token.children or (), origins=origins)))
            case "fence" | "code_block":
                spans = tuple(_cut(token.content, origins=origins))
                blocks.extend(_make_paragraph(spans))
            case _:
                continue
    return tuple(blocks)


def find_rich(text: str, *, origins: Collection[str] = ()) -> tuple[Block, ...]:
    """The tree of a text that is more than plain paragraphs; empty for all others, and for what is too long."""
    if len(text) > LONGEST:
        return ()
    blocks = read_markup(text, origins=origins)
    return () if all(map(_is_plain, blocks)) else blocks


def _is_plain(block: Block) -> bool:
    return isinstance(block, Paragraph) and all(isinstance(span, Words) for span in block.spans)


def _make_paragraph(spans: tuple[Span, ...]) -> Iterator[Block]:
    if spans:
        yield Paragraph(spans=spans)


def _read_list(opened: Token, tokens: Iterator[Token], *, origins: Collection[str]) -> Iterator[Block]:
    """One list; what is nested in it follows its item as an item of the same list."""
    items: list[tuple[Span, ...]] = []
    depth = 1
    for token in tokens:
        if token.type in ("bullet_list_open", "ordered_list_open"):
            depth += 1
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            depth -= 1
        elif token.type == "inline" and (spans := _read_spans(token.children or (), origins=origins)):
            items.append(spans)
        if not depth:
            break
    first = int(opened.attrGet("start") or 1) if opened.type == "ordered_list_open" else None
    if items:
        yield Bullets(items=tuple(items), first=first)


def _read_table(tokens: Iterator[Token], *, origins: Collection[str]) -> Iterator[Block]:
    rows: list[list[tuple[Span, ...]]] = []
    for token in tokens:
        if token.type == "table_close":
            break
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline" and rows:
            rows[-1].append(_read_spans(token.children or (), origins=origins))
    if any(cell for row in rows for cell in row):
        yield Table(rows=tuple(tuple(row) for row in rows))


def _read_spans(tokens: Iterable[Token], *, origins: Collection[str]) -> tuple[Span, ...]:
    spans: list[Span] = []
    strong = em = 0
    href = ""
    for token in tokens:
        strong += {"strong_open": 1, "strong_close": -1}.get(token.type, 0)
        em += {"em_open": 1, "em_close": -1}.get(token.type, 0)
        if token.type == "link_open":
            target = str(token.attrGet("href") or "")
            href = target if is_own(target, origins=origins) else ""
        elif token.type == "link_close":
            href = ""
        elif token.type in ("text", "code_inline"):
            cut = _cut(token.content, origins=origins)
            spans.extend(_wrap(span, strong=strong > 0, em=em > 0, href=href) for span in cut)
        elif token.type in ("softbreak", "hardbreak"):
            spans.append(Words(text="\n"))
    return _trim(_join(spans))


def _cut(text: str, *, origins: Collection[str]) -> Iterator[Span]:
    plain = _TAG.sub("‹", text)
    for piece, address in cut_addresses(plain, origins=origins):
        yield Link(text=piece, href=address) if address else Words(text=piece)


def _wrap(span: Span, *, strong: bool, em: bool, href: str) -> Span:
    if href:
        return Link(text=span.text, href=href)
    if isinstance(span, Words) and (strong or em):
        return Strong(text=span.text) if strong else Emphasis(text=span.text)
    return span


def _join(spans: list[Span]) -> list[Span]:
    """Neighbours of one kind are one; gaps where something was dropped close."""
    joined: list[Span] = []
    for span in spans:
        last = joined[-1] if joined else None
        if isinstance(span, Link) and isinstance(last, Link) and last.href == span.href:
            joined[-1] = Link(text=last.text + span.text, href=span.href)
        elif isinstance(span, Words) and isinstance(last, Words):
            joined[-1] = Words(text=_SPACES.sub(" ", last.text + span.text))
        else:
            joined.append(span)
    return joined


def _trim(spans: list[Span]) -> tuple[Span, ...]:
    """Without white space at both ends, and without what has no letters left."""
    while spans and isinstance(spans[0], Words) and not spans[0].text.strip():
        spans = spans[1:]
    while spans and isinstance(spans[-1], Words) and not spans[-1].text.strip():
        spans = spans[:-1]
    if spans and isinstance(spans[0], Words):
        spans[0] = Words(text=spans[0].text.lstrip())
    if spans and isinstance(spans[-1], Words):
        spans[-1] = Words(text=spans[-1].text.rstrip())
    return tuple(span for span in spans if span.text)
