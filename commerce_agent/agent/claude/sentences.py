"""Cuts text that arrives in pieces into sentences, each as soon as it is whole."""

import re
from functools import cache

import msgspec
from babel import Locale

from commerce_agent.agent.phrases import LANGUAGES

_END = re.compile(r"(?:[.!?…]+[\"'”’)*]*(?=\s)|\n+)")
"""A full stop ends a sentence once something follows it: "4.5" and "{{returns.window_days}}" do not."""
_BULLET = re.compile(r"\s*(?:[-*•]|\d+[.)])\s")
MOST_WAITING = 1200
"""Text without an end that is longer is taken as it is, so that nothing is held back for ever; and no sentence is
longer, for what it takes to check one grows faster than it does."""
_NUMBER = re.compile(r"(?<![\w.,])\d{1,2}\.$")
_NEXT = re.compile(r"\s+(?P<word>\S+)(?=\s)")
_SHORTENED = re.compile(
    r"(?<!\w)(?:approx|ca|e\.g|i\.e|no|nr|vs|incl|excl|max|min|mr|mrs|ms|dr|inkl|exkl|zzgl|bzw|evtl|ggf"
    r"|z\. ?b|d\. ?h|u\. ?a|st|std|tel|aprox|n[úu]m|p\. ?ej|env|ex|art|z|d|u|p)\.$",
    re.IGNORECASE,
)
_LISTED = re.compile(r"\s*(?:[-*•]\s|\d+[.)]\s|\|)")
"""The beginning of a line of a list or a table."""
PARAGRAPH = "\n\n"
LINE = "\n"


@cache
def _list_months() -> frozenset[str]:
    return frozenset(
        name.lower().rstrip(".")
        for language in LANGUAGES
        for width in ("wide", "abbreviated")
        for name in Locale(language).months["format"][width].values()
    )


class Sentence(msgspec.Struct, frozen=True, kw_only=True):
    """One sentence, and what parts it from the one before."""

    text: str
    lead: str = " "


class Sentences:
    """Collects what arrives."""

    def __init__(self) -> None:
        self._rest = ""
        self._white = LINE
        """What stands before the next words, in however many pieces it came; a reply begins on a line of its own."""
        self._in_list = False

    def add(self, text: str) -> list[Sentence]:
        """The sentences that this completes."""
        self._rest += text
        return self._list_whole(is_over=False)

    def end(self) -> list[Sentence]:
        """What is left: the text is over."""
        return [*self._list_whole(is_over=True), *self._cut(len(self._rest))]

    def _list_whole(self, *, is_over: bool) -> list[Sentence]:
        whole: list[Sentence] = []
        while end := self._find_end(is_over=is_over) or self._find_most():
            whole.extend(self._cut(min(end, self._find_most() or end)))
        return whole

    def _find_most(self) -> int:
        """Behind the last whole word of as much as may be one sentence; 0 where there is no more than that."""
        if len(self._rest) <= MOST_WAITING:
            return 0
        return self._rest.rfind(" ", 1, MOST_WAITING) + 1 or MOST_WAITING

    def _find_end(self, *, is_over: bool = False) -> int:
        """Where the first sentence ends; 0 where none is whole yet."""
        text = self._rest + (LINE if is_over else "")
        for match in _END.finditer(text):
            if "\n" in match.group():
                return min(match.end(), len(self._rest))
            before, behind = text[: match.end()], text[match.end() :]
            # "1." begins a line of a list, "21. November" is a day, "approx." stands for a word.
            if _BULLET.fullmatch(before + " ") or _SHORTENED.search(before):
                continue
            if _NUMBER.search(before) and not behind.lstrip(" ").startswith("\n"):
                after = _NEXT.match(behind)
                if after is None:
                    # The next word is not whole yet, and it tells whether the number was a day.
                    return 0
                if after["word"][0].islower() or after["word"].lower().strip(".,;:!?*") in _list_months():
                    continue
            return match.end()
        return 0

    def _cut(self, at: int) -> list[Sentence]:
        piece, self._rest = self._rest[:at], self._rest[at:]
        text = piece.strip()
        if not text:
            self._white += piece
            return []
        lead = self._find_lead(text)
        self._white = piece[len(piece.rstrip()) :]
        return [Sentence(text=text, lead=lead)]

    def _find_lead(self, text: str) -> str:
        """Lines of one list or table stay together; a list parts from what is around it."""
        breaks = self._white.count(LINE)
        if not breaks:
            return " "
        was_in_list, self._in_list = self._in_list, _LISTED.match(f"{text} ") is not None
        if self._in_list:
            return LINE if was_in_list else PARAGRAPH
        return PARAGRAPH if breaks > 1 or was_in_list else " "
