"""Goods called by a part of their names: "the mandolin", "our last violin bow", "two pairs of gloves"."""

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache

import msgspec

from commerce_agent.agent.grounding.cues import BLANK, get_cues
from commerce_agent.agent.grounding.numbers import get_number_pattern

_SHORTEST = 3
_MOST_WORDS = 4
_AND = re.compile(r"(?<!\w)(?:and|plus|with|und|mit|y|con|et|avec)(?!\w)", re.IGNORECASE)
_PLURAL_OF_HISS = re.compile(r"(?:sh|ch|x|ss|zz)es$")
_OWNING = re.compile(r"[’']s$")
_NAME_WORD = re.compile(r"[^\W\d_]{3,}")
_WORD = re.compile(r"\s*([^\W\d_][\w’'-]*)")
_LEADS = (
    r"plenty of|lots of|loads of"
    r"|the|our|your|this|that|these|those|both|der|die|das|den|dem|dieser|diese|dieses|diesen|unsere?|deine?|ihre?"
    r"|el|la|los|las|este|esta|estos|estas|nuestr[oa]s?|le|les|ce|cette|ces|notre|nos|votre|vos"
)
_ORDINAL = r"last|final|only|single|remaining|same|new|letzten?|einzigen?|últim[oa]s?|derni[eè]re?s?"
"""Between the article and the name, and no part of another name."""
_BEHIND = re.compile(
    rf"\s*(?:[.,;:!?)*|—–/\"”]|$|{BLANK})|[’']s(?!\w)"
    r"|\s+(?:is|are|was|were|has|have|had|can|cannot|could|will|would|should|may|might|must|do|does|did|and|or|but|so"
    r"|in|on|at|for|from|with|without|to|of|by|until|than|about|over|under|as|if|when|because|while|that|which|too"
    r"|come|cost|total|add|make|work|run|sell|ship|arrive|fit|weigh|now|today|again|still|already|just|also|only|not|never|instead|itself|here|there|right|yet|either"
    r"|(?:is|are|was|were|has|have|can|do|does|did|could|would|wo)n?['’]t"
    r"|ist|sind|war|hat|haben|kann|können|wird|werden|und|oder|aber|für|von|mit|ohne|zu|bei|als|noch|nicht|auch|kostet|kosten"
    r"|es|está|están|son|era|tiene|tienen|puede|pueden|cuesta|cuestan|y|o|pero|para|por|con|sin|de|en|que|no|también"
    r"|est|sont|était|a|ont|peut|peuvent|coûte|coûtent|et|ou|mais|pour|par|avec|sans|dans|n['’]est|ne)(?!\w)",
    re.IGNORECASE,
)
"""What follows a noun that ends there: behind "the bike" a "rack" would make it another thing."""
_VERB = re.compile(r"\s+[a-z]{2,}s(?!\w)(?!\s+(?:is|are|was|were|have|cost|come|and|or|for|with)\b)")
"""As in "the trailer carries"."""


class Called(msgspec.Struct, frozen=True, kw_only=True):
    """A name of goods, word by word."""

    words: tuple[str, ...]
    skus: frozenset[str]
    is_whole: bool
    """Whether its last word alone may stand for it: no other name ends so, and nothing looks so."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Where goods are called by a part of their name."""

    start: int
    end: int
    skus: frozenset[str]


def list_called(
    names: Mapping[str, frozenset[str]], *, looks: frozenset[str] = frozenset()
) -> tuple[Called, ...]:
    """The names of more than one word, ready for `find_short`; `looks` are colours, sizes and materials."""
    split = {
        name: tuple(_get_stem(word) for word in _NAME_WORD.findall(name.lower()))
        for name in names
        if " " in name
    }
    ends: dict[str, set[frozenset[str]]] = {}
    for name, words in split.items():
        if words:
            ends.setdefault(words[-1], set()).add(names[name])
    seen_looks = {_get_stem(look) for look in looks}
    return tuple(
        Called(
            words=words,
            skus=names[name],
            is_whole=len(ends[words[-1]]) == 1 and words[-1] not in seen_looks,
        )
        for name, words in split.items()
        if words
    )


def find_short(text: str, *, called: tuple[Called, ...]) -> Iterator[Found]:
    """Each stretch of the text that means one of them alone; whole names are blanked before."""
    if not called:
        return
    known = frozenset(word for each in called for word in each.words)
    if known.isdisjoint(_list_stems(text)):
        return
    cues = get_cues()
    # One of a kind is any of it, but where prices are added up.
    adds_up = cues.has("together", text=text) or cues.has("priced_at", text=text)
    for lead in (_get_lead_of_one() if adds_up and _is_joined(text) else _get_lead()).finditer(text):
        if found := _read(text, at=lead.end(), called=called, known=known):
            yield found


@lru_cache(maxsize=256)
def _list_stems(text: str) -> frozenset[str]:
    return frozenset(_get_stem(word) for word in _NAME_WORD.findall(text.lower()))


def _read(text: str, *, at: int, called: tuple[Called, ...], known: frozenset[str]) -> Found | None:
    words: list[str] = []
    start, end, last = -1, at, ""
    while len(words) < _MOST_WORDS and (match := _WORD.match(text, end)):
        last_word = _OWNING.sub("", match.group(1).lower())
        stem = _get_stem(last_word)
        if stem not in known:
            break
        start = match.start(1) if start < 0 else start
        end, last = match.start(1) + len(last_word), last_word
        words.append(stem)
        if end < match.end():
            break
    if not words or text[end : end + 1] == "-":
        return None
    skus = _find_meant(tuple(words), called=called)
    is_plural = last != words[-1]
    is_noun = is_plural or _BEHIND.match(text, end) or _VERB.match(text, end)
    return Found(start=start, end=end, skus=skus) if skus and (len(words) > 1 or is_noun) else None


def _find_meant(words: tuple[str, ...], *, called: tuple[Called, ...]) -> frozenset[str]:
    """The goods that alone are called so; a word by itself must be the last one of the name."""
    if len(words) == 1:
        fitting = {each.skus for each in called if each.is_whole and each.words[-1] == words[0]}
    else:
        fitting = {each.skus for each in called if _is_part(words, each.words)}
    return next(iter(fitting)) if len(fitting) == 1 else frozenset()


def _is_part(words: tuple[str, ...], whole: tuple[str, ...]) -> bool:
    """Whether the words stand in the name in this order, others left out."""
    rest = iter(whole)
    return all(word in rest for word in words)


def _is_joined(text: str) -> bool:
    return _AND.search(text) is not None


@cache
def _get_lead_of_one() -> re.Pattern[str]:
    one = r"an?(?:\s+pair\s+of)?|eine?n?|une?|une?\s+paire\s+de"
    return re.compile(rf"(?:{_get_lead().pattern})|(?<!\w)(?:{one})(?=\s)", re.IGNORECASE)


@cache
def _get_lead() -> re.Pattern[str]:
    pieces = get_cues().pieces
    counted = rf"{get_number_pattern()}(?:\s+(?:{pieces['pieces_of']}|pairs?)(?:\s+(?:{pieces['of']}))?)?"
    return re.compile(rf"(?<!\w)(?:(?:{_LEADS})(?:\s+(?:{_ORDINAL}))?|{counted})(?=\s)", re.IGNORECASE)


def _get_stem(word: str) -> str:
    """Without the letters of an English plural."""
    if len(word) > _SHORTEST and _PLURAL_OF_HISS.search(word):
        return word[:-2]
    return word[:-1] if len(word) > _SHORTEST and word.endswith("s") and not word.endswith("ss") else word
