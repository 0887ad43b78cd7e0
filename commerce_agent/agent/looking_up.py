"""Goods that a message names and the conversation has not had yet: "add the Dash", "how much is the violin?"."""

import re
from collections.abc import Sequence
from functools import partial

import msgspec

from catalog.connectors import ConnectorUnavailable
from catalog.products import Filter, Hit, SearchQuery, SearchResult
from commerce_agent.agent.choosing import is_nowhere_else
from commerce_agent.agent.english_moves import COUNT_BEHIND, POLICIES
from commerce_agent.agent.finding_moves import find_moves
from commerce_agent.agent.moves import ITEM_MOVES, MoveKind
from commerce_agent.agent.understanding import ShopWords, Understanding, understand
from commerce_agent.tools.applied_terms import list_filters
from commerce_agent.tools.goods import Goods
from commerce_agent.tools.seeking import list_terms, look_up, seek
from commerce_agent.tools.showing import get_ref, to_entity
from commerce_agent.tools.trail import Trail
from conversations.constraints import ConstraintReading, Ledger, read_constraints
from conversations.events.constraints import Constraint
from conversations.events.entities import EntitiesIntroduced, Reference
from conversations.ids import EntityRef
from conversations.language.order import find_order
from conversations.language.tokens import Token, is_part_of_name, list_stems, list_tokens
from conversations.language.tongues import get_tongue
from conversations.state import ConversationState

MOST_PHRASES = 3
MOST_MEANT = 4
"""A phrase that fits more products than this names a kind, not a product."""
_CART: frozenset[MoveKind] = frozenset({"add_to_cart", "swap", "take_from_cart", "set_quantity", "check_out"})
_ABOUT_ONE: frozenset[MoveKind] = frozenset({*ITEM_MOVES, "why", "why_not"})
_BY_PLACE = frozenset({"position", "place", "other", "extreme", "pronoun", "in_focus", "implied"})
"""Rules by which something was chosen that no name tells."""
_OF_ITEM: frozenset[MoveKind] = frozenset({"price", "stock", "add_to_cart", "set_quantity"})
_OF_SHOP: frozenset[MoveKind] = frozenset(
    {"policy", "promotions", "show_cart", "orders", "check_out", "search"}
)
_DESCRIBING = frozenset({"color", "category", "size", "brand", "material"})
_SHOWING = frozenset({"show", "find", "see", "recommend", "suggest", "looking", "search", "browse"})
_TONGUE = get_tongue("en")
CODE = re.compile(
    r"(?<![\w/.-])(?=[\w/.-]*\d)(?=[\w/.-]*[^\W\d_])\w[\w/.-]{2,}\w(?<!\d(?:cm|mm|kg|lb|oz|ml|gb|tb))"
)
"""A model number: letters and digits in one word, and no measure."""
_CLAUSE = re.compile(r"[^.,;:!?]{1,40}(?=$|[.,;:!? ])")
_NUMBER_BEHIND = re.compile(r"\s+\d+\b")
_BEHIND = re.compile(r"\s+in (?:the )?(\w{3,})", re.IGNORECASE)


class Phrase(msgspec.Struct, frozen=True, kw_only=True):
    """Words of the message that may name a product."""

    text: str
    definite: bool
    start: int
    """Where in the message it stands."""
    whole: bool = False
    """Only a product with all the words in its title is meant."""


async def name_goods(
    understanding: Understanding,
    *,
    shop: Goods,
    trail: Trail,
    words: ShopWords,
    orders: tuple[tuple[EntityRef, ...], ...] = (),
) -> Understanding:
    """The understanding, read anew with the products that the shop has under the names in the message."""
    phrases = [*_list_phrases(understanding), *_list_misnamed(understanding, trail=trail)]
    found: list[Reference] = []
    for phrase in phrases[:MOST_PHRASES]:
        if found and not phrase.definite and _is_version(phrase, trail=trail, words=words):
            continue
        hits = await _look_up(phrase, understanding=understanding, shop=shop, trail=trail, words=words)
        if phrase.whole:
            hits = tuple(hit for hit in hits if _is_titled(hit, phrase.text))
        behind = _NUMBER_BEHIND.match(understanding.said[phrase.start + len(phrase.text) :])
        hits = _with_numbers(hits, text=phrase.text + (behind.group() if behind else ""))
        hits = _in_color(hits, tail=understanding.said[phrase.start + len(phrase.text) :])
        refs = {get_ref(hit.sku) for hit in hits}
        if not hits or any(refs == {*other.refs, *other.candidates} for other in found):
            continue
        try:
            offers = await shop.list_offers([hit.sku for hit in hits])
        except ConnectorUnavailable:
            # What it costs cannot be asked; the reply will say so.
            continue
        trail.record(EntitiesIntroduced(entities=tuple(to_entity(offer) for offer in offers), source="named"))
        found.append(_build_reference(phrase, hits))
    if not found:
        missing = _find_missing(understanding, state=trail.state)
        # Who asks for a model that the shop has not is told so, and nothing about another.
        return msgspec.structs.replace(understanding, references=(missing,)) if missing else understanding
    said, read = understanding.said, understanding.read
    return understand(said=said, state=trail.state, words=words, orders=orders, found=tuple(found), read=read)


def _find_missing(understanding: Understanding, *, state: ConversationState) -> Reference | None:
    """A model number, or goods named with "the", where nothing was found that is meant and something is asked of it."""
    code = CODE.search(understanding.said)
    kinds = {move.kind for move in understanding.moves}
    if understanding.references or not kinds & _ABOUT_ONE:
        return None
    if code is not None:
        return Reference(text=code.group(), outcome="unknown", rules=("shop.name", "nothing_fits"))
    if kinds & _OF_SHOP or not kinds & _OF_ITEM:
        return None
    told = {
        stem
        for ref in state.entities.focus
        if (entity := state.entities.find(ref))
        for text in (entity.name, *entity.attributes, *(v for vs in entity.attributes.values() for v in vs))
        for stem in list_stems(text)
    }
    named = [
        run for run in _list_runs(understanding.said) if run.definite and not _list_names(run.text) <= told
    ]
    if not named:
        return None
    clause = _CLAUSE.match(understanding.said[named[0].start :])
    text = clause.group().strip() if clause else named[0].text
    return Reference(text=text, outcome="unknown", rules=("shop.name", "nothing_fits"))


def _is_version(phrase: Phrase, *, trail: Trail, words: ShopWords) -> bool:
    """As in "the plain t-shirt in navy, L": a size or colour of what was named just before."""
    reading = _read(phrase, trail=trail, words=words)
    return not reading.rest and {term.field for term in reading.stated} <= {"size", "color"}


def _with_numbers(hits: tuple[Hit, ...], *, text: str) -> tuple[Hit, ...]:
    """Those that have the numbers of the phrase in their titles: "the 16 oz hammer"."""
    numbers = {token.word for token in list_tokens(text) if token.word.isdecimal()}
    fitting = tuple(hit for hit in hits if numbers <= {token.word for token in list_tokens(hit.title)})
    return fitting or hits


def _in_color(hits: tuple[Hit, ...], *, tail: str) -> tuple[Hit, ...]:
    """Those of the colour that stands behind the name: "the Harbour pannier in orange"."""
    behind = _BEHIND.match(tail)
    fitting = tuple(hit for hit in hits if behind and behind.group(1).lower() in hit.color.lower())
    return fitting or hits


def _build_reference(phrase: Phrase, hits: Sequence[Hit]) -> Reference:
    refs = tuple(get_ref(hit.sku) for hit in hits)
    if len(refs) == 1:
        return Reference(text=phrase.text, outcome="resolved", refs=refs, rules=("shop.name",))
    split = "color" if len({hit.group for hit in hits}) == 1 else ""
    return Reference(
        text=phrase.text, outcome="ambiguous", candidates=refs, question=split, rules=("shop.name", "equals")
    )


def _list_phrases(understanding: Understanding) -> list[Phrase]:
    """What points at nothing known, and content words after "the" or in an order, where one product is asked about."""
    kinds = {move.kind for move in find_moves(understanding.said)}
    unknown = [
        _extend(reference.text, said=understanding.said)
        for reference in understanding.unresolved
        if reference.outcome == "unknown"
        and reference.text in understanding.said
        and not is_nowhere_else(reference)
    ]
    if not kinds & _ABOUT_ONE:
        return unknown or _list_bare_title(understanding)
    taken = [
        (at, at + len(reference.text))
        for reference in understanding.references
        if (at := understanding.said.lower().find(reference.text.lower())) >= 0
    ]
    ordering = bool(kinds & _CART)
    runs = [
        phrase
        for phrase in _list_runs(understanding.said)
        if not any(pattern.search(phrase.text) for pattern in POLICIES.values())
        and (phrase.definite or (ordering and not _is_sought(understanding.said[: phrase.start])))
        and not any(
            first < phrase.start + len(phrase.text) and phrase.start < after for first, after in taken
        )
    ]
    return sorted((*unknown, *runs), key=lambda phrase: phrase.start)


def _list_bare_title(understanding: Understanding) -> list[Phrase]:
    """As in "The salt road": a title is all that is said."""
    runs = _list_runs(understanding.said)
    words = [token for token in list_tokens(understanding.said) if token.is_word]
    alone = len(runs) == 1 and runs[0].definite and len(words) == len(runs[0].text.split()) + 1
    return [msgspec.structs.replace(runs[0], whole=True)] if alone and not understanding.references else []


def _list_misnamed(understanding: Understanding, *, trail: Trail) -> list[Phrase]:
    """References whose words are not all in what they were taken for: "the night cream" when the day cream is shown."""
    misnamed: list[Phrase] = []
    for reference in understanding.references:
        phrase = _extend(reference.text, said=understanding.said) if reference.text else None
        placed = any(rule.partition(":")[0] in _BY_PLACE for rule in reference.rules)
        if phrase is None or reference.outcome == "unknown" or phrase.start < 0 or placed:
            continue
        asked = _list_names(phrase.text)
        entities = [
            entity
            for ref in (*reference.refs, *reference.candidates)
            if (entity := trail.state.entities.find(ref))
        ]
        known = [
            _list_names(
                f"{e.name} {' '.join(e.attributes)} {' '.join(v for vs in e.attributes.values() for v in vs)}"
            )
            for e in entities
        ]
        if asked and entities and not any(asked <= words for words in known):
            misnamed.append(msgspec.structs.replace(phrase, whole=True))
    return misnamed


def _list_names(text: str) -> set[str]:
    tokens = list_tokens(text, language=_TONGUE.stemmer)
    return {token.stem for at, token in enumerate(tokens) if _is_content(tokens, at)}


def _extend(text: str, *, said: str) -> Phrase:
    """The phrase with the nouns behind it: "the milk" goes on in "the milk chocolate"."""
    start = said.find(text)
    ends = [
        run.start + len(run.text)
        for run in _list_runs(said)
        if start <= run.start <= start + len(text) < run.start + len(run.text)
    ]
    return Phrase(text=said[start : max(ends)] if ends else text, definite=True, start=start)


def _is_sought(before: str) -> bool:
    """As in "put it in my cart and show me coffee tables": what is to be shown is not to be bought."""
    words = [token.word for token in list_tokens(before, language=_TONGUE.stemmer)]
    seen = [word for word in words if word in _TONGUE.grammar.acquiring | _SHOWING]
    return bool(seen) and seen[-1] in _SHOWING


def _list_runs(said: str) -> list[Phrase]:
    tokens = list_tokens(said, language=_TONGUE.stemmer)
    coded = _list_coded(said, tokens)
    runs: list[Phrase] = []
    at = 0
    while at < len(tokens):
        first = at
        while at < len(tokens) and (at in coded or _is_content(tokens, at)):
            at += 1
        if at > first:
            first = _find_proper(said, tokens, first=first, after=at)
            before = tokens[first - 1].word if first else ""
            text = said[tokens[first].start : tokens[at - 1].end]
            proper = first > 0 and text[:2].istitle() and not said.istitle() and not said.isupper()
            definite = before == "the" or bool(coded & set(range(first, at)))
            runs.append(
                Phrase(
                    text=text,
                    definite=definite or proper,
                    start=tokens[first].start,
                    whole=proper and not definite,
                )
            )
        at = max(at, first + 1)
    return runs


def _find_proper(said: str, tokens: Sequence[Token], *, first: int, after: int) -> int:
    """Where the name starts in words that run into it: "wrote Starless"."""
    if first == 0 or said[tokens[first].start].isupper() or tokens[first - 1].word == "the":
        return first
    return next((at for at in range(first, after) if said[tokens[at].start].isupper()), first)


def _list_coded(said: str, tokens: Sequence[Token]) -> set[int]:
    """The tokens of model numbers, which are made of letters and digits: "px9-2044de"."""
    codes = [match.span() for match in CODE.finditer(said)]
    return {at for at, token in enumerate(tokens) for start, end in codes if start <= token.start < end}


def _is_content(tokens: Sequence[Token], at: int) -> bool:
    token = tokens[at]
    grammar = _TONGUE.grammar
    small = (
        _TONGUE.stopwords
        | grammar.aspects
        | grammar.acquiring
        | grammar.searching
        | grammar.verbs
        | grammar.bags
        | grammar.comparing
        | grammar.standin_one
        | grammar.standin_many
        | grammar.conjunctions
        | grammar.definite
    )
    counted = token.word in _TONGUE.numbers or token.word in _TONGUE.ordinals or token.word.isdecimal()
    plain = token.word in small and not is_part_of_name(tokens, at)
    return token.is_word and not (plain or counted or find_order(tokens, at, _TONGUE))


async def _look_up(
    phrase: Phrase, *, understanding: Understanding, shop: Goods, trail: Trail, words: ShopWords
) -> tuple[Hit, ...]:
    """The products the phrase names, one a colour; none where it names a kind or nothing."""
    phrase = msgspec.structs.replace(phrase, text=COUNT_BEHIND.sub("", phrase.text).strip())
    reading = _read(phrase, trail=trail, words=words)
    described = tuple(term for term in reading.stated if term.field in _DESCRIBING)
    # "The olive soap": what an attribute says of it may as well be its name.
    others = [term.text for term in reading.stated if term.field not in _DESCRIBING]
    reading = msgspec.structs.replace(reading, rest=" ".join((*others, reading.rest)).strip())
    filters = list_filters(described)
    if not reading.rest:
        if not described:
            return ()
        if not any(term.field == "category" for term in described):
            return await _look_up_described(described, shop=shop, trail=trail)
    written = partial(understanding.get_for_shop, vocabulary=words.vocabulary)
    hits = await _search(shop, text=written(reading.rest), filters=filters)
    if not hits and (unpacked := _without_packs(reading.rest)):
        hits = await _search(shop, text=written(unpacked), filters=filters)
    if not hits and not {term.field for term in described} <= {"color", "size"}:
        # "The riesling" is what some wines are made of, and a name as well.
        tokens = list_tokens(phrase.text, language=_TONGUE.stemmer)
        name = " ".join(token.word for at, token in enumerate(tokens) if _is_content(tokens, at))
        hits = await _search(shop, text=written(name), filters=(), titled_only=True) if name else ()
    head = phrase.text.partition(" in ")[0]
    if hits or head == phrase.text:
        return hits
    phrase = msgspec.structs.replace(phrase, text=head)
    return await _look_up(phrase, understanding=understanding, shop=shop, trail=trail, words=words)


def _without_packs(text: str) -> str:
    """As in "the chicken bags": how goods are packed stands in no title."""
    tokens = [token for token in list_tokens(text, language=_TONGUE.stemmer) if token.is_word]
    kept = [token.word for token in tokens if token.stem not in _TONGUE.packs]
    return " ".join(kept) if kept and len(kept) < len(tokens) else ""


def _read(phrase: Phrase, *, trail: Trail, words: ShopWords) -> ConstraintReading:
    state = trail.state
    return read_constraints(
        text=phrase.text,
        ledger=Ledger(),
        vocabulary=words.vocabulary,
        currency=state.transcript.currency,
        turn=state.transcript.turns,
        pointing=False,
    )


async def _look_up_described(
    described: tuple[Constraint, ...], *, shop: Goods, trail: Trail
) -> tuple[Hit, ...]:
    """As in "the blue one" where none is on the cards: of what was searched for, under its other terms."""
    ledger, searched = trail.state.constraints, trail.state.entities.searched
    fields = {term.field for term in described}
    said_anew = [term for term in list_terms(ledger) if term.field in fields and term.scope != "always"]
    for text in dict.fromkeys((searched.query if searched else "", "")):
        query = _ask(shop, text=text, filters=list_filters(described))
        hits = _choose_meant(await seek(shop, query, ledger=ledger, without=said_anew), text=text)
        if hits:
            return hits
    return ()


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
    titled = [hit for hit in found.hits if _is_titled(hit, text)]
    hits = titled or ([] if titled_only else list(found.hits))
    many = len({hit.group for hit in hits}) > MOST_MEANT or (not titled and found.total > len(found.hits))
    return () if many else tuple(hits[: MOST_MEANT * 2])


def _is_titled(hit: Hit, text: str) -> bool:
    title = {token.stem for token in list_tokens(hit.title, language=_TONGUE.stemmer)}
    return _list_names(text) <= title
