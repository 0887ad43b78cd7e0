"""What words mean of the shop's goods: products by their names, and by what they are like."""

import re
from collections.abc import Sequence
from functools import cache, partial

import msgspec

from catalog.products import Filter, Hit, SearchQuery, SearchResult
from commerce_agent.agent.understanding.english.counting import COUNT_BEHIND
from commerce_agent.agent.understanding.english.cues import TELLS_NEED
from commerce_agent.agent.understanding.understood import ShopWords, Understanding
from commerce_agent.tools.applied_terms import list_filters
from commerce_agent.tools.goods import Goods
from commerce_agent.tools.seeking import list_terms, look_up, seek
from commerce_agent.tools.trail import Trail
from conversations.constraints import ConstraintReading, Ledger, read_constraints
from conversations.events.constraints import Constraint
from conversations.language.order import find_order
from conversations.language.tokens import Token, is_part_of_name, list_tokens
from conversations.language.tongues import get_tongue

MOST_SHORTENED = 2
"""So many first words of a phrase are looked up by themselves."""
MOST_MEANT = 4
"""A phrase that fits more products than this names a kind, not a product."""
_DESCRIBING = frozenset({"color", "category", "size", "brand", "material"})
_TONGUE = get_tongue("en")
_CLAUSE_END = re.compile(r"[.,;:!?]|\b(?:and|so|but)\b")
_BEHIND_GOODS = frozenset({"instead"})
"""Words that stand behind goods and are no part of their name: "take the wind jacket instead"."""


class Phrase(msgspec.Struct, frozen=True, kw_only=True):
    """Words of the message that may name a product."""

    text: str
    definite: bool
    start: int
    """Where in the message it stands."""
    whole: bool = False
    """Only a product with all the words in its title is meant."""


class Meant(msgspec.Struct, frozen=True, kw_only=True):
    """What a phrase means of the shop's goods."""

    hits: tuple[Hit, ...] = ()
    missed: str = ""
    """The id of the one term that they miss, where they miss one."""


async def find_meant(
    phrase: Phrase, *, understanding: Understanding, shop: Goods, trail: Trail, words: ShopWords
) -> Meant:
    """The products the phrase names, one a colour; none where it names a kind or nothing."""
    phrase = msgspec.structs.replace(phrase, text=COUNT_BEHIND.sub("", phrase.text).strip())
    reading = read_phrase(phrase, trail=trail, words=words)
    described = tuple(term for term in reading.stated if term.field in _DESCRIBING)
    # "The olive soap": what an attribute says of it may as well be its name.
    others = [term.text for term in reading.stated if term.field not in _DESCRIBING]
    reading = msgspec.structs.replace(reading, rest=" ".join((*others, reading.rest)).strip())
    filters = list_filters(described)
    if not reading.rest:
        if not described:
            return Meant()
        if not any(term.field == "category" for term in described):
            meant = await _look_up_described(described, shop=shop, trail=trail)
            return meant if meant.hits else await _look_up_made(described, shop=shop)
    written = partial(understanding.get_for_shop, vocabulary=words.vocabulary)
    hits = await _search(shop, text=written(reading.rest), filters=filters)
    if not hits and (unpacked := _without_packs(reading.rest)):
        hits = await _search(shop, text=written(unpacked), filters=filters)
    if not hits and not {term.field for term in described} <= {"color", "size"}:
        # "The riesling" is what some wines are made of, and a name as well.
        tokens = list_tokens(phrase.text, language=_TONGUE.stemmer)
        name = " ".join(token.word for at, token in enumerate(tokens) if is_content(tokens, at))
        hits = await _search(shop, text=written(name), filters=(), titled_only=True) if name else ()
    head = phrase.text.partition(" in ")[0]
    if hits or head == phrase.text:
        return Meant(hits=hits)
    phrase = msgspec.structs.replace(phrase, text=head)
    return await find_meant(phrase, understanding=understanding, shop=shop, trail=trail, words=words)


async def find_named(
    phrase: Phrase, *, understanding: Understanding, shop: Goods, trail: Trail, words: ShopWords
) -> tuple[Phrase, Meant]:
    """What the phrase names; as in "the studio reference better sounding", its first words may be all of the name."""
    meant = await find_meant(phrase, understanding=understanding, shop=shop, trail=trail, words=words)
    if meant.hits or not phrase.definite:
        return phrase, meant
    parts = phrase.text.split()
    article = int(parts[0].lower() in _TONGUE.grammar.definite)
    for count in range(min(len(parts) - 1, MOST_SHORTENED + article), article, -1):
        head = msgspec.structs.replace(phrase, text=" ".join(parts[:count]), whole=True)
        if set(head.text.lower().split()) <= _TONGUE.ordinary:
            continue
        found = await find_meant(head, understanding=understanding, shop=shop, trail=trail, words=words)
        hits = tuple(hit for hit in found.hits if is_titled(hit, head.text))
        if hits and len({hit.group for hit in hits}) == 1:
            return head, msgspec.structs.replace(found, hits=hits)
    return phrase, meant


def _without_packs(text: str) -> str:
    """As in "the chicken bags": how goods are packed stands in no title."""
    tokens = [token for token in list_tokens(text, language=_TONGUE.stemmer) if token.is_word]
    kept = [token.word for token in tokens if token.stem not in _TONGUE.packs]
    return " ".join(kept) if kept and len(kept) < len(tokens) else ""


def read_phrase(phrase: Phrase, *, trail: Trail, words: ShopWords) -> ConstraintReading:
    """The terms that the phrase states by itself."""
    state = trail.state
    return read_constraints(
        text=phrase.text,
        ledger=Ledger(),
        vocabulary=words.vocabulary,
        currency=state.transcript.currency,
        turn=state.transcript.turns,
        pointing=False,
    )


async def _look_up_described(described: tuple[Constraint, ...], *, shop: Goods, trail: Trail) -> Meant:
    """As in "the blue one" where none is on the cards: of what was searched for, under its other terms.

    Where nothing meets them all, what misses one of them is still what is meant, and the miss is noted.
    """
    ledger, searched = trail.state.constraints, trail.state.entities.searched
    fields = {term.field for term in described}
    said_anew = [term for term in list_terms(ledger) if term.field in fields and term.scope != "always"]
    for text in dict.fromkeys((searched.query if searched else "", "")):
        query = _ask(shop, text=text, filters=list_filters(described))
        found = await seek(shop, query, ledger=ledger, without=said_anew)
        hits = _choose_meant(found, text=text)
        if hits:
            return Meant(hits=hits)
        if near := _choose_near(found, terms=[term for term in list_terms(ledger) if term not in said_anew]):
            return near
    return Meant()


async def _look_up_made(described: tuple[Constraint, ...], *, shop: Goods) -> Meant:
    """As in "the torq kettlebell and the ironside", of other goods than are talked of: the one thing of that maker."""
    if {term.field for term in described} != {"brand"}:
        return Meant()
    found = await look_up(shop, _ask(shop, text="", filters=list_filters(described)))
    one = len({hit.group for hit in found.hits}) == 1 and found.total <= len(found.hits)
    return Meant(hits=found.hits) if one else Meant()


def _choose_near(found: SearchResult, *, terms: list[Constraint]) -> Meant | None:
    """What misses one of the terms, and the same one; never one that holds for always."""
    loose = {
        made: term
        for made, term in zip(list_filters(tuple(terms)), terms, strict=True)
        if term.scope != "always" and term.field != "category"
    }
    missed = next((miss.filter for miss in found.near_misses if miss.filter in loose), None)
    hits = tuple(miss.hit for miss in found.near_misses if miss.filter == missed)
    if missed is None or len({hit.group for hit in hits}) > MOST_MEANT:
        return None
    return Meant(hits=hits, missed=loose[missed].id)


async def _search(
    shop: Goods, *, text: str, filters: tuple[Filter, ...], titled_only: bool = False
) -> tuple[Hit, ...]:
    found = await look_up(shop, _ask(shop, text=text, filters=filters))
    return _choose_meant(found, text=text, titled_only=titled_only)


def _ask(shop: Goods, *, text: str, filters: tuple[Filter, ...]) -> SearchQuery:
    return SearchQuery(text=text, filters=filters, tier=shop.context.tier, limit=12, now=shop.now)


def _choose_meant(found: SearchResult, *, text: str, titled_only: bool = False) -> tuple[Hit, ...]:
    """What is meant by the words of what was found: with all of them in its title, else any; few, or nothing."""
    if text and not found.all_words:
        return ()
    titled = [hit for hit in found.hits if is_titled(hit, text)]
    hits = titled or ([] if titled_only else [hit for hit in found.hits if not _is_told_of_alone(hit)])
    many = len({hit.group for hit in hits}) > MOST_MEANT or (not titled and found.total > len(found.hits))
    return () if many else tuple(hits[: MOST_MEANT * 2])


def _is_told_of_alone(hit: Hit) -> bool:
    """As of shoes whose description speaks of the heel's pad: nobody calls them so."""
    return bool(hit.why) and all(match.place == "description" for match in hit.why)


def is_titled(hit: Hit, text: str) -> bool:
    """Whether all of the words stand in its title."""
    title = {token.stem for token in list_tokens(hit.title, language=_TONGUE.stemmer)}
    return list_names(text) <= title


def list_names(text: str) -> set[str]:
    """The stems of the words that can be part of a name."""
    tokens = list_tokens(text, language=_TONGUE.stemmer)
    return {token.stem for at, token in enumerate(tokens) if is_content(tokens, at)}


def is_content(tokens: Sequence[Token], at: int) -> bool:
    """Whether the word says something of goods, and is no small word, number or order."""
    token = tokens[at]
    counted = token.word in _TONGUE.numbers or token.word in _TONGUE.ordinals or token.word.isdecimal()
    plain = token.word in _list_small() and not is_part_of_name(tokens, at)
    return token.is_word and not (plain or counted or find_order(tokens, at, _TONGUE))


@cache
def _list_small() -> frozenset[str]:
    """The words that say nothing of goods: those of the sentence, of orders and of comparisons."""
    grammar = _TONGUE.grammar
    return frozenset().union(
        _TONGUE.stopwords,
        grammar.aspects,
        grammar.acquiring,
        grammar.searching,
        grammar.verbs,
        grammar.bags,
        grammar.comparing,
        grammar.standin_one,
        grammar.standin_many,
        grammar.conjunctions,
        grammar.definite,
        _BEHIND_GOODS,
    )


def list_needed_for(said: str) -> list[str]:
    """The words of what goods are needed for: "I'm setting up a home office". They have not to be found in the shop."""
    need = TELLS_NEED.search(said)
    behind = _CLAUSE_END.split(said[need.end() :], maxsplit=1)[0] if need else ""
    return re.findall(r"[\w'-]+", f"{need.group()}{behind}".lower()) if need else []
