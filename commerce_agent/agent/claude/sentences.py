"""Cuts text that arrives in pieces into sentences, each as soon as it is whole."""

import re

import msgspec

_END = re.compile(r"(?:[.!?…]+[\"'”’)*]*(?=\s)|\n+)")
"""A full stop ends a sentence once something follows it: "4.5" and "{{returns.window_days}}" do not."""
_BULLET = re.compile(r"\s*(?:[-*•]|\d+[.)])\s")
MOST_WAITING = 1200
"""Text without an end that is longer is taken as it is, so that nothing is held back for ever."""
_LISTED = re.compile(r"\s*(?:[-*•]\s|\d+[.)]\s|\|)")
"""The beginning of a line of a list or a table."""
PARAGRAPH = "\n\n"
LINE = "\n"


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
        whole: list[Sentence] = []
        while match := _END.search(self._rest):
            if _BULLET.fullmatch(self._rest[: match.end()] + " ") and "\n" not in match.group():
                # "1." begins a line of a list.
                match = _END.search(self._rest, match.end())
                if match is None:
                    break
            whole.extend(self._cut(match.end()))
        if len(self._rest) > MOST_WAITING:
            whole.extend(self._cut(len(self._rest)))
        return whole

    def end(self) -> list[Sentence]:
        """What is left: the text is over."""
        return self._cut(len(self._rest))

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
