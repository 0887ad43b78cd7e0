"""The words of a search: which the shop knows, what the others were meant to be, and other words for them."""

import math
import re
import unicodedata
from itertools import pairwise

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from rapidfuzz.distance import DamerauLevenshtein

from catalog.ids import MerchantId
from catalog.products.query import Correction
from catalog.products.sql import Parameters
from catalog.products.synonyms import GENERAL

TOKEN = re.compile(r"\w+(?:[-./'’+]\w+)*\+{0,2}")
MOST_WORDS = 16
SHORT = 4
"""Words up to this length are too short to guess at."""
MIDDLE = 7
"""Up to this length one slip is forgiven, beyond it two."""
PROBE = """
SELECT t.word, numnode(plainto_tsquery('shop', t.word)) = 0 AS stop, coalesce(w.products, 0) AS titles,
  CASE WHEN w.products IS NOT NULL OR t.joined THEN 1
    ELSE (SELECT count(*) FROM (SELECT FROM catalog_product p WHERE p.merchant_id = %(merchant)s
      AND p.search @@ plainto_tsquery('shop', t.word) LIMIT 1) AS one) END AS anywhere
FROM unnest(%(words)s::text[], %(joined)s::boolean[]) AS t(word, joined)
LEFT JOIN catalog_word w ON w.merchant_id = %(merchant)s AND w.word = t.word
"""
SIMILAR = """
SELECT t.asked, w.word, w.products FROM unnest(%(words)s::text[]) AS t(asked)
CROSS JOIN LATERAL (SELECT word, products FROM catalog_word
  WHERE merchant_id = %(merchant)s AND word %% t.asked
  ORDER BY similarity(word, t.asked) DESC, products DESC LIMIT 12) AS w
"""
PARTS = "SELECT word FROM catalog_word WHERE merchant_id = %(merchant)s AND word = ANY(%(words)s)"
SYNONYMS = "SELECT words FROM catalog_synonym WHERE merchant_id = %(merchant)s"


class SearchWord(msgspec.Struct, frozen=True, kw_only=True):
    """One word of the search with everything that counts as it; each way to say it is one or more words."""

    written: str
    own: tuple[str, ...]
    """The word itself, corrected or joined with its neighbour."""
    others: tuple[str, ...] = ()
    """Other words for it."""
    weight: float = 1.0
    """The rarer a word in the shop's titles, the more it says."""


class UnderstoodText(msgspec.Struct, frozen=True, kw_only=True):
    """A search text, word by word."""

    words: tuple[SearchWord, ...]
    corrections: tuple[Correction, ...]
    unknown: tuple[str, ...]
    """Words that are nowhere in the shop, nor like any of its words."""


def list_tokens(text: str) -> tuple[str, ...]:
    """The words of a text, plain and lower case, as the shop's own words are stored."""
    plain = unicodedata.normalize("NFKD", text.lower())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return tuple(dict.fromkeys(TOKEN.findall(plain)))[:MOST_WORDS]


def _count_slips_allowed(word: str) -> int:
    if len(word) <= SHORT - 1 or any(letter.isdigit() for letter in word):
        return 0
    return 1 if len(word) <= MIDDLE else 2


def choose_correction(asked: str, candidates: list[tuple[str, int]]) -> str | None:
    """The shop's word that was most likely meant: the fewest slips, then the same first letter, then the commonest."""
    allowed = _count_slips_allowed(asked)
    ranked = sorted(
        (DamerauLevenshtein.distance(asked, word), word[0] != asked[0], -products, word)
        for word, products in candidates
    )
    return next((word for slips, _, _, word in ranked if 0 < slips <= allowed), None)


async def _find_corrections(
    connection: AsyncConnection[TupleRow], *, merchant: MerchantId, words: tuple[str, ...]
) -> dict[str, str]:
    guessed = [word for word in words if _count_slips_allowed(word)]
    if not guessed:
        return {}
    splits = {word: [(word[:cut], word[cut:]) for cut in range(3, len(word) - 2)] for word in guessed}
    parts = sorted({part for pairs in splits.values() for pair in pairs for part in pair})
    found: dict[str, str] = {}
    async with connection.cursor() as cursor:
        await cursor.execute(PARTS, {"merchant": merchant, "words": parts})
        known = {word for (word,) in await cursor.fetchall()}
        for word, pairs in splits.items():
            whole = next((pair for pair in pairs if pair[0] in known and pair[1] in known), None)
            if whole is not None:
                found[word] = " ".join(whole)
        await cursor.execute(SIMILAR, {"merchant": merchant, "words": guessed})
        candidates: dict[str, list[tuple[str, int]]] = {}
        for asked, word, products in await cursor.fetchall():
            candidates.setdefault(asked, []).append((word, products))
    for asked, options in candidates.items():
        meant = choose_correction(asked, options)
        if meant is not None:
            found[asked] = meant
    return found


async def _list_synonyms(
    connection: AsyncConnection[TupleRow], *, merchant: MerchantId
) -> tuple[tuple[str, ...], ...]:
    async with connection.cursor() as cursor:
        await cursor.execute(SYNONYMS, {"merchant": merchant})
        own = tuple(tuple(word.lower() for word in words) for (words,) in await cursor.fetchall())
    return (*own, *GENERAL)


def _singular(word: str) -> str:
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def list_other_words(phrase: str, groups: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    """Everything that stands in one group with the phrase, in either number."""
    plain = _singular(phrase)
    return tuple(
        other
        for group in groups
        if any(_singular(member) == plain for member in group)
        for other in group
        if _singular(other) != plain
    )


class _Probe(msgspec.Struct, frozen=True, kw_only=True):
    stop: bool
    titles: int
    anywhere: bool


async def _probe_words(
    connection: AsyncConnection[TupleRow], *, merchant: MerchantId, tokens: tuple[str, ...]
) -> dict[str, _Probe]:
    joined = [left + right for left, right in pairwise(tokens)]
    asked = {
        "merchant": merchant,
        "words": [*tokens, *joined],
        "joined": [False] * len(tokens) + [True] * len(joined),
    }
    async with connection.cursor() as cursor:
        await cursor.execute(PROBE, asked)
        return {
            word: _Probe(stop=stop, titles=titles, anywhere=bool(anywhere))
            for word, stop, titles, anywhere in await cursor.fetchall()
        }


async def understand_text(
    connection: AsyncConnection[TupleRow], *, merchant: MerchantId, text: str
) -> UnderstoodText:
    """Looks every word up in the shop's own: known ones stand, others are corrected or left out and said."""
    tokens = list_tokens(text)
    if not tokens:
        return UnderstoodText(words=(), corrections=(), unknown=())
    probes = await _probe_words(connection, merchant=merchant, tokens=tokens)
    groups = await _list_synonyms(connection, merchant=merchant)
    joined = {
        part: left + right
        for left, right in pairwise(tokens)
        if probes[left + right].titles
        for part in (left, right)
    }
    spoken = tuple(token for token in tokens if not probes[token].stop)
    phrases = _list_phrases(spoken, groups)
    foreign = tuple(word for word in spoken if not probes[word].anywhere)
    fixes = await _find_corrections(
        connection, merchant=merchant, words=tuple(word for word in foreign if word not in joined)
    )
    words = tuple(
        word
        for word in (
            _make_word(
                token, probe=probes[token], meant=fixes.get(token), joined=joined.get(token), groups=groups,
                phrases=phrases.get(token, ()),
            )
            for token in spoken
        )
        if word.own or word.others
    )  # fmt: skip
    known = {word.written for word in words}
    return UnderstoodText(
        words=words,
        corrections=tuple(Correction(written=word, meant=meant) for word, meant in fixes.items()),
        unknown=tuple(word for word in spoken if word not in known),
    )


def _make_word(
    token: str,
    *,
    probe: _Probe,
    meant: str | None,
    joined: str | None,
    groups: tuple[tuple[str, ...], ...],
    phrases: tuple[str, ...],
) -> SearchWord:
    own = [*([token] if probe.anywhere else []), *([meant] if meant else []), *([joined] if joined else [])]
    others = dict.fromkeys((*phrases, *list_other_words(meant or token, groups)))
    return SearchWord(
        written=token,
        own=tuple(own),
        others=tuple(other for other in others if other not in own),
        weight=1 / (1 + math.log10(1 + probe.titles)),
    )


def _list_phrases(tokens: tuple[str, ...], groups: tuple[tuple[str, ...], ...]) -> dict[str, tuple[str, ...]]:
    """Other words for two words that stand together: each of the two may be met by them."""
    found: dict[str, tuple[str, ...]] = {}
    for left, right in pairwise(tokens):
        others = list_other_words(f"{left} {right}", groups)
        if others:
            found[left] = (*found.get(left, ()), *others)
            found[right] = (*found.get(right, ()), *others)
    return found


def write_word(word: SearchWord, parameters: Parameters) -> str:
    """The tsquery of one word in any of the ways to say it."""
    return write_words((*word.own, *word.others), parameters)


def write_words(alternatives: tuple[str, ...], parameters: Parameters) -> str:
    """The tsquery that any of these words or phrases meets."""
    return "(" + (" || ".join(write_phrase(text, parameters) for text in alternatives) or "''::tsquery") + ")"


def write_phrase(text: str, parameters: Parameters) -> str:
    """The tsquery of one word, or of several in their order."""
    name = "phraseto_tsquery" if " " in text else "plainto_tsquery"
    return f"{name}('shop', {parameters.add(text)})"
