"""From the tree back to Markdown, which then holds nothing but what the tree has kinds for."""

import re
from collections.abc import Collection

from commerce_agent.agent.markup.reading import read_markup
from commerce_agent.agent.markup.tree import Block, Bullets, Emphasis, Link, Paragraph, Span, Strong

_MOST_ROUNDS = 4
_MARKED = re.compile(r"[\[\]<>*_`|#\\&/~]|^\s*[-+=]|\n|www\.|:\S|^\s*\d+[.)]\s")
"""Text without any of these is the same afterwards."""
_LINK = re.compile(r"\[([^\[\]\n]*)\]\([^()\s]*\)")
_MARKS = str.maketrans("", "", "*~")


def tidy(text: str, *, origins: Collection[str] = ()) -> str:
    """The text with what may be shown left in; empty where there is none. Done again it changes nothing.

    What is written out of a tree may read as something else again (escaped brackets are a link then), so it is read
    until it does not.
    """
    if not _MARKED.search(text):
        return text.strip()
    for _ in range(_MOST_ROUNDS):
        written = "\n\n".join(_write(block) for block in read_markup(text, origins=origins))
        if written == text:
            return written
        text = written
    return text.translate({ord(mark): " " for mark in "[]()<>!`*_|\\"}).strip()


def without_marks(text: str) -> str:
    """Tidy text as it is heard: "**60** days" are sixty days, and a link is its words."""
    return _LINK.sub(r"\1", text).translate(_MARKS) if _MARKED.search(text) else text


def _write(block: Block) -> str:
    match block:
        case Paragraph():
            return _write_spans(block.spans)
        case Bullets():
            marks = [
                "-" if block.first is None else f"{block.first + number}."
                for number in range(len(block.items))
            ]
            return "\n".join(
                f"{mark} {_write_spans(item)}" for mark, item in zip(marks, block.items, strict=True)
            )
        case _:
            head, *rows = ([_write_spans(cell) for cell in row] for row in block.rows)
            lines = [head, ["---"] * len(head), *rows]
            return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _write_spans(spans: tuple[Span, ...]) -> str:
    return "".join(_write_span(span) for span in spans)


def _write_span(span: Span) -> str:
    match span:
        case Strong():
            return f"**{span.text}**"
        case Emphasis():
            return f"*{span.text}*"
        case Link():
            return span.text if span.text == span.href else f"[{span.text}]({span.href})"
        case _:
            return span.text
