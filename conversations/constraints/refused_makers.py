"""Refusals of makers that the shop has nothing of, and their end: "nothing from Nike"."""

from functools import cache

from babel import Locale

from conversations.constraints.reading import Draft
from conversations.constraints.scan import Scan

_FROM = frozenset({"from"})
_BY = frozenset({"by"})
"""Also a time: "not by Friday", so that what stands behind it must be written as a name."""
_MOST_WORDS = 3


def read_refused_makers(scan: Scan) -> list[Draft]:
    """Answers a term for each refused name: it holds for what the shop may get, and nobody need say it twice."""
    if not scan.vocabulary.brands:
        return []
    spots = {at for spot in scan.spots for at in range(spot.first, spot.after)}
    drafts = _list_let_in(scan)
    for cue in scan.cues.list_of("not"):
        first = cue.after
        before = scan.find_word(first - 1)
        if scan.find_word(cue.first - 1) in scan.tongue.grammar.wishers:
            continue  # "I'm not from here".
        if before not in _FROM | _BY:
            before, first = scan.find_word(first), first + 1
        if before not in _FROM | _BY:
            continue
        first, after = _find_proper(scan, first, spots) if before in _FROM else (first, first)
        while after - first < _MOST_WORDS and _is_name(scan, after, spots, capital=before in _BY):
            after += 1
        name = scan.text[scan.tokens[first].start : scan.tokens[after - 1].end] if after > first else ""
        if name and not _goes_on(scan, after) and name.lower() not in _list_countries():
            drafts.append(Draft(field="brand", op="!=", value=name, first=cue.first, after=after))
    return drafts


def _find_proper(scan: Scan, first: int, spots: set[int]) -> tuple[int, int]:
    """As in "from The North Face": several words with capitals are a name, whatever each is by itself."""
    opening = after = first + (scan.find_word(first) in scan.tongue.grammar.definite)
    while after < len(scan.tokens) and after - opening < _MOST_WORDS and after not in spots | scan.pointed:
        if not scan.text[scan.tokens[after].start].isupper():
            break
        after += 1
    is_name = after - opening > 1 and not scan.text.isupper()
    if not is_name:
        return first, first
    return first if scan.text[scan.tokens[first].start].isupper() else opening, after


def _list_let_in(scan: Scan) -> list[Draft]:
    """As in "Nike is ok after all", of a maker that was refused and that no goods of the shop tell of."""
    refused = {
        held.value.lower(): held.value
        for held in scan.ledger.active
        if (held.field, held.op) == ("brand", "!=") and isinstance(held.value, str)
    }
    own = {brand.lower() for brand in scan.vocabulary.brands}
    return [
        Draft(field="brand", op="=", value=refused[name], first=cue.first - words, after=cue.first)
        for cue in scan.cues.list_of("is_fine")
        for words in range(1, min(_MOST_WORDS, cue.first) + 1)
        if (name := scan.get_text(first=cue.first - words, after=cue.first).lower()) in refused.keys() - own
    ]


def _goes_on(scan: Scan, at: int) -> bool:
    """As in "nothing from north face": half a name is none."""
    word = scan.find_word(at)
    return word in scan.tongue.ordinary and word not in scan.tongue.stopwords


@cache
def _list_countries() -> frozenset[str]:
    """As in "not from China": where goods are from is no maker, and the shop may not tell it."""
    return frozenset(name.lower() for name in Locale("en").territories.values())


def _is_name(scan: Scan, at: int, spots: set[int], *, capital: bool) -> bool:
    if at >= len(scan.tokens) or at in spots or at in scan.pointed or not scan.tokens[at].word.isalpha():
        return False
    word = scan.tokens[at].word
    plain = word in scan.tongue.stopwords or word in scan.tongue.ordinary or word in scan.tongue.packs
    return not plain and (not capital or scan.text[scan.tokens[at].start].isupper())
