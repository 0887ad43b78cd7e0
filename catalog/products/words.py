"""The words of a search: which the shop knows, what the others were meant to be, and other words for them."""

import math
import re
import unicodedata
from itertools import pairwise
from typing import Literal

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from catalog.ids import MerchantId
from catalog.products.corrections import find_corrections
from catalog.products.quantities import Amount, join_code, list_amounts, unify_marks
from catalog.products.query import Correction
from catalog.products.sql import Parameters
from catalog.products.synonyms import list_other_words, list_synonyms
from catalog.products.titles import GOES_WITH

TOKEN = re.compile(r"\w+(?:[-./'’+]\w+)*\+{0,2}")
MOST_WORDS = 16
SHORTEST_PART = 3
"""A compound is taken apart into words of at least so many letters."""
LAST = 0.5
"""How much likelier the last word is the noun than another, as a share of the goods that are called so."""
RATHER = 4
"""So many times as many goods must be called by another word for the shop to have its own name for the thing."""
AMOUNT_WEIGHT = 0.5
"""What an amount says, against a word: as much as one that nine titles have."""
PROBE = """
SELECT t.word, numnode(plainto_tsquery('shop', t.word)) = 0 AS stop, coalesce(w.products, 0) AS titles,
  coalesce(w.kinds, 0) AS kinds,
  CASE WHEN w.products IS NOT NULL OR t.made THEN 1
    ELSE (SELECT count(*) FROM (SELECT FROM catalog_product p WHERE p.merchant_id = %(merchant)s
      AND p.search @@ plainto_tsquery('shop', t.word) LIMIT 1) AS one) END AS anywhere
FROM unnest(%(words)s::text[], %(made)s::boolean[]) AS t(word, made)
LEFT JOIN catalog_word w ON w.merchant_id = %(merchant)s AND w.word = t.word
"""

Role = Literal["thing", "which", "target"]
"""What a word is to the search: the noun of what is sought, what is said of it, or what it shall go with."""


class SearchWord(msgspec.Struct, frozen=True, kw_only=True):
    """One word of the search with everything that counts as it; each way to say it is one or more words."""

    written: str
    own: tuple[str, ...]
    """The word itself, corrected, joined with its neighbour or taken apart."""
    others: tuple[str, ...] = ()
    """Other words for it."""
    called: tuple[str, ...] = ()
    """Those of its own that are other words, by which the shop calls the thing."""
    is_amount: bool = False
    """A number with its unit, whose ways to say it nobody would say."""
    role: Role = "which"
    weight: float = 1.0
    """The rarer a word in the shop's titles, the more it says."""


class UnderstoodText(msgspec.Struct, frozen=True, kw_only=True):
    """A search text, word by word."""

    words: tuple[SearchWord, ...]
    corrections: tuple[Correction, ...]
    unknown: tuple[str, ...]
    """Words that are nowhere in the shop, nor like any of its words."""


class _Probe(msgspec.Struct, frozen=True, kw_only=True):
    stop: bool
    titles: int
    kinds: int
    anywhere: bool


_NOWHERE = _Probe(stop=False, titles=0, kinds=0, anywhere=False)


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.lower())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def list_tokens(text: str) -> tuple[str, ...]:
    """The words of a text, plain and lower case, as the shop's own words are stored."""
    return tuple(dict.fromkeys(TOKEN.findall(_fold(text))))[:MOST_WORDS]


def _list_splits(token: str) -> list[tuple[str, str]]:
    if not token.isalpha():
        return []
    return [(token[:cut], token[cut:]) for cut in range(SHORTEST_PART, len(token) - SHORTEST_PART + 1)]


async def _probe_words(
    connection: AsyncConnection[TupleRow],
    *,
    merchant: MerchantId,
    tokens: tuple[str, ...],
    groups: tuple[tuple[str, ...], ...],
) -> dict[str, _Probe]:
    """What the shop knows of the words, of what they make together, of what they are made of and of others for them."""
    joined = [left + right for left, right in pairwise(tokens)]
    parts = [part for token in tokens for pair in _list_splits(token) for part in pair]
    others = [other for token in tokens for other in list_other_words(token, groups) if other.isalnum()]
    made = tuple(dict.fromkeys(word for word in (*joined, *parts, *others) if word not in tokens))
    asked = {
        "merchant": merchant,
        "words": [*tokens, *made],
        "made": [False] * len(tokens) + [True] * len(made),
    }
    async with connection.cursor() as cursor:
        await cursor.execute(PROBE, asked)
        return {
            word: _Probe(stop=stop, titles=titles, kinds=kinds, anywhere=bool(anywhere))
            for word, stop, titles, kinds, anywhere in await cursor.fetchall()
        }


def _find_split(token: str, probes: dict[str, _Probe]) -> str | None:
    """The two words of the shop that a compound is made of, the commoner pair first."""
    pairs = [pair for pair in _list_splits(token) if all(probes[part].titles for part in pair)]
    best = max(pairs, key=lambda pair: min(probes[part].titles for part in pair), default=None)
    return None if best is None else " ".join(best)


def _find_joined(
    tokens: tuple[str, ...], probes: dict[str, _Probe], groups: tuple[tuple[str, ...], ...]
) -> dict[str, str]:
    """Words that the shop, or people, write as one: `head set` is `headset`, `wd 40` is `wd40`."""
    return {
        part: left + right
        for left, right in pairwise(tokens)
        if probes.get(left + right, _NOWHERE).titles or list_other_words(left + right, groups)
        for part in (left, right)
    }


async def _correct(
    connection: AsyncConnection[TupleRow],
    *,
    merchant: MerchantId,
    words: tuple[str, ...],
    sure: frozenset[str],
) -> dict[str, str]:
    """What the words are misspellings of: "tune", which is sure, leads to a tuner, and "kite" to no kit."""
    meant = await find_corrections(connection, merchant=merchant, words=words)
    return {word: way for word, way in meant.items() if word not in sure or way.startswith(word)}


async def understand_text(
    connection: AsyncConnection[TupleRow],
    *,
    merchant: MerchantId,
    text: str,
    sure: frozenset[str] = frozenset(),
) -> UnderstoodText:
    """Looks every word up in the shop's own: known ones stand, others are corrected or left out and said."""
    text = unify_marks(text)
    amounts = list_amounts(text)
    for amount in amounts:
        text = text.replace(amount.written, " ", 1)
    tokens = list_tokens(text)
    if not tokens:
        return UnderstoodText(words=tuple(map(_make_amount, amounts)), corrections=(), unknown=())
    groups = await list_synonyms(connection, merchant=merchant)
    probes = await _probe_words(connection, merchant=merchant, tokens=tokens, groups=groups)
    joined = _find_joined(tokens, probes, groups)
    spoken = tuple(token for token in tokens if not probes[token].stop)
    splits = {token: split for token in spoken if (split := _find_split(token, probes)) is not None}
    foreign = tuple(
        token
        for token in spoken
        if not probes[token].anywhere and token not in joined and not join_code(token)
    )
    fixes = {
        **await _correct(connection, merchant=merchant, words=foreign, sure=sure),
        **{token: splits[token] for token in foreign if token in splits},
    }
    groups_of = _list_phrases(spoken, groups)
    words = [
        _make_word(
            token,
            probe=probes[token],
            meant=fixes.get(token),
            alike=(
                *([joined[token]] if token in joined else []),
                *([splits[token]] if token in splits else []),
            ),
            others=groups_of.get(token, ()),
            groups=groups,
        )
        for token in spoken
    ]
    known = tuple(word for word in words if word.own or word.others)
    return UnderstoodText(
        words=(*map(_make_amount, amounts), *_give_roles(known, text=text, probes=probes)),
        corrections=tuple(Correction(written=word, meant=meant) for word, meant in fixes.items()),
        unknown=tuple(word.written for word in words if word not in known),
    )


def _make_amount(amount: Amount) -> SearchWord:
    spoken = " ".join(list_tokens(amount.written.replace('"', " inch")))
    return SearchWord(
        written=amount.written, own=(spoken, *amount.alike), is_amount=True, weight=AMOUNT_WEIGHT
    )


def _make_word(
    token: str,
    *,
    probe: _Probe,
    meant: str | None,
    alike: tuple[str, ...],
    others: tuple[str, ...],
    groups: tuple[tuple[str, ...], ...],
) -> SearchWord:
    code = join_code(token)
    own = dict.fromkeys(
        word
        for word in (token if probe.anywhere else "", meant or "", *alike, code if code != token else "")
        if word
    )
    said = (meant or token, *alike)
    also = dict.fromkeys((*others, *(other for word in said for other in list_other_words(word, groups))))
    return SearchWord(
        written=token,
        own=tuple(own),
        others=tuple(other for other in also if other not in own),
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


def _give_roles(words: tuple[SearchWord, ...], *, text: str, probes: dict[str, _Probe]) -> list[SearchWord]:
    """Behind a "for" stands what the thing shall go with; before it, which thing."""
    found = GOES_WITH.search(f" {text} ")
    targets = frozenset(() if found is None else list_tokens(f" {text} "[found.end() :]))
    thing = _find_thing([word.written for word in words if word.written not in targets], probes=probes)
    roles: dict[str, Role] = {**dict.fromkeys(targets, "target"), **({thing: "thing"} if thing else {})}
    return [
        msgspec.structs.replace(
            _prefer_the_shops(word, probes=probes) if word.written == thing else word,
            role=roles.get(word.written, "which"),
        )
        for word in words
    ]


def _prefer_the_shops(word: SearchWord, *, probes: dict[str, _Probe]) -> SearchWord:
    """Another word counts like the one that was said where the shop's goods are called by it, and not by that one:
    in a shop of notebooks and laptop bags, who asks for a laptop wants a notebook.
    """
    said = sum(probes.get(way, _NOWHERE).kinds for way in word.own)
    called = tuple(way for way in word.others if probes.get(way, _NOWHERE).kinds > RATHER * max(said, 1))
    return msgspec.structs.replace(
        word,
        own=(*word.own, *called),
        others=tuple(way for way in word.others if way not in called),
        called=called,
    )


def _find_thing(words: list[str], *, probes: dict[str, _Probe]) -> str | None:
    """The noun of what is sought: mostly the last word, unless the shop's goods are called by another."""
    plain = [word for word in words if word.isalpha()]
    if not plain:
        return None
    named = {word: probes[word].kinds / max(probes[word].titles, 1) for word in plain}
    named[plain[-1]] += LAST
    return max(reversed(plain), key=lambda word: named[word])


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
