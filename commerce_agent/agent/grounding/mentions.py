"""Which goods a stretch of a sentence is about: those it names, else those named last."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

import msgspec

from commerce_agent.agent.grounding.cues import BLANK, get_cues
from commerce_agent.agent.grounding.short_names import Called, find_short

_SHORTEST_NAME = 3
_PAIR = 2
_LOOK_BACK = 24
_ARTICLE = r"(?:(?:the|our|both|der|die|das|den|el|la|los|las|le|les|l['’])\s*)*"
_JOINT = re.compile(
    rf"[\s*_\"“”]*(?:,\s*)?(?:(?:and|as well as|und|sowie|y|e|et|ainsi que)\s+)?{_ARTICLE}[\s*_\"“”]*",
    re.IGNORECASE,
)
"""Between goods that one verb is said of."""
_BY_PRONOUN = re.compile(
    r"\s*(?:(?:and|but|und|aber|y|pero|et|mais)\s+)?(?:it(?:['’]s)?|er|sie|es|il|elle|c['’]est)\b",
    re.IGNORECASE,
)
_OF_SEVERAL = re.compile(
    r"[\s*_\"“”]*(?:,\s*)?(?:(?:both|all|two|three)\s+)?(?:are|have|can|come|ship|sind|haben|können|están|son|tienen|pueden|sont|ont|peuvent)\b",
    re.IGNORECASE,
)
_HEADED = re.compile(rf"[\s*_]*[:—–-][\s*_]*{_ARTICLE}[*_]*", re.IGNORECASE)
_EXCEPT = re.compile(
    rf"(?<!\w)(?:except(?:\s+for)?|apart\s+from|other\s+than|aside\s+from|all\s+but|everything\s+but|bar|außer|bis\s+auf|mit\s+ausnahme"
    rf"|excepto|salvo|menos|sauf|hormis|excepté)\s+{_ARTICLE}[*_\"“”]*$",
    re.IGNORECASE,
)
_BREAK = re.compile(r"[;:—–]|,\s|\s-\s|[()]")


class Mention(msgspec.Struct, frozen=True, kw_only=True):
    """A name of goods in a sentence; variants of one product share it."""

    start: int
    end: int
    skus: frozenset[str]


class Clause(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of the sentence that makes one statement."""

    start: int
    end: int


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence with its names found and blanked."""

    text: str
    mentions: tuple[Mention, ...]
    clauses: tuple[Clause, ...]

    def find_clause(self, place: int) -> Clause:
        """The clause that holds a place."""
        holding = (clause for clause in self.clauses if clause.start <= place < clause.end)
        return next(holding, Clause(start=0, end=len(self.text)))

    def list_about(self, place: int) -> frozenset[str]:
        """The goods a claim at a place is about, by their names; empty where the sentence names none.

        Names in the claim's own clause come first, of those the nearest one before the claim; then the nearest
        before it in the sentence, then the nearest after.
        """
        clause = self.find_clause(place)
        own = [each for each in self.mentions if clause.start <= each.start < clause.end]
        for among in (own, self.mentions):
            before = [each for each in among if each.start <= place]
            if before and not own and _BY_PRONOUN.match(self.text, clause.start):
                # "The A goes with the B, and it's ...": what the sentence is about, or what was named last.
                return before[0].skus | before[-1].skus
            if before:
                return before[-1].skus
            if among:
                return among[0].skus
        return frozenset()

    def list_joined(self, place: int, *, end: int) -> list[frozenset[str]]:
        """The goods that stand together and have one verb, "the A and the B are both ...", or one head: "...: A, B"."""
        behind = [each for each in self.mentions if each.start >= end]
        if behind and _HEADED.fullmatch(self.text[end : behind[0].start]):
            return [each.skus for each in self._list_next_to(behind)]
        joined = [each for each in self.mentions if each.end <= place][::-1]
        if len(joined) < _PAIR or not _OF_SEVERAL.match(self.text, joined[0].end):
            return []
        found = [joined[0]]
        for each in joined[1:]:
            if not _JOINT.fullmatch(self.text[each.end : found[-1].start]):
                break
            found.append(each)
        return [each.skus for each in found] if len(found) >= _PAIR else []

    def _list_next_to(self, behind: list["Mention"]) -> Iterator["Mention"]:
        yield behind[0]
        for one, other in pairwise(behind):
            if not _JOINT.fullmatch(self.text[one.end : other.start]):
                return
            yield other

    def list_excepted(self) -> frozenset[str]:
        """The goods of which the sentence says that what it tells of others does not hold: "all but the A"."""
        return frozenset(
            sku
            for each in self.mentions
            if _EXCEPT.search(self.text[max(0, each.start - _LOOK_BACK) : each.start])
            for sku in each.skus
        )

    def list_subject(self, place: int) -> frozenset[str]:
        """What a comparison at a place is said of: the name before it in its clause, else the sentence's first.

        In "dearer than A, but cheaper than B" both are said of what stands before them, and neither of the other.
        """
        clause = self.find_clause(place)
        own = [each for each in self.mentions if clause.start <= each.start < place]
        first = [each for each in self.mentions[:1] if each.start < place]
        return (own[-1:] or first)[0].skus if own or first else frozenset()


def read_sentence(
    sentence: str, *, names: Mapping[str, frozenset[str]], called: tuple[Called, ...] = ()
) -> Read:
    """Finds and blanks the names, and what goods are called for short, and cuts the sentence into clauses."""
    mentions: list[Mention] = []
    text = sentence
    for name in sorted(names, key=len, reverse=True):
        if len(name) < _SHORTEST_NAME or name.lower() not in text.lower():
            continue
        # One word of a name is a name only as it is written: "Brook" is a lamp, a brook is none.
        is_whole = " " in name
        plural = "(?:e?s)?" if is_whole else ""
        pattern = re.compile(rf"(?<!\w){re.escape(name)}{plural}(?!\w)", re.IGNORECASE if is_whole else 0)
        mentions.extend(
            Mention(start=match.start(), end=match.end(), skus=names[name])
            for match in pattern.finditer(text)
        )
        text = pattern.sub(lambda match: BLANK * len(match.group()), text)
    for short in find_short(text, called=called):
        mentions.append(Mention(start=short.start, end=short.end, skus=short.skus))
        text = text[: short.start] + BLANK * (short.end - short.start) + text[short.end :]
    mentions.sort(key=lambda mention: mention.start)
    return Read(text=text, mentions=tuple(mentions), clauses=tuple(_cut(text)))


def _cut(text: str) -> Iterable[Clause]:
    breaks = sorted(
        (match.start(), match.end())
        for pattern in (_BREAK, get_cues().words["clause"])
        for match in pattern.finditer(text)
    )
    start = 0
    for at, end in breaks:
        if at > start:
            yield Clause(start=start, end=end)
        start = max(start, end)
    yield Clause(start=start, end=max(len(text), start + 1))
