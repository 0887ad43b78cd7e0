"""Goods that a message names and the conversation has not had yet: "add the Dash", "how much is the violin?"."""

import re
from collections.abc import Sequence
from functools import partial

import msgspec

from catalog.connectors import ConnectorUnavailable
from catalog.products import Hit
from commerce_agent.agent.understanding.choosing import is_nowhere_else
from commerce_agent.agent.understanding.compared_by_name import compares_named, with_lacking_sides
from commerce_agent.agent.understanding.english.cues import CHECKS_OUT, SHOWS
from commerce_agent.agent.understanding.english.policies import POLICIES
from commerce_agent.agent.understanding.finding_moves import find_moves
from commerce_agent.agent.understanding.meant_goods import (
    Phrase,
    find_named,
    list_names,
    read_phrase,
)
from commerce_agent.agent.understanding.moves import ITEM_MOVES, Move, MoveKind
from commerce_agent.agent.understanding.named_hits import list_hits
from commerce_agent.agent.understanding.named_in_passing import is_in_passing
from commerce_agent.agent.understanding.named_nowhere import find_missing
from commerce_agent.agent.understanding.naming_versions import name_versions
from commerce_agent.agent.understanding.naming_words import list_runs
from commerce_agent.agent.understanding.narrowing import narrow_down
from commerce_agent.agent.understanding.settling import wants_search
from commerce_agent.agent.understanding.understand import understand
from commerce_agent.agent.understanding.understood import ShopWords, Understanding
from commerce_agent.tools.goods import Goods
from commerce_agent.tools.offers import Offer
from commerce_agent.tools.showing import get_ref, to_entity
from commerce_agent.tools.trail import Trail
from conversations.events.constraints import Constraint
from conversations.events.entities import EntitiesIntroduced, Entity, Reference
from conversations.ids import EntityRef
from conversations.language.order import has_superlative
from conversations.language.tokens import list_stems, list_tokens
from conversations.language.tongues import get_tongue
from conversations.state import ConversationState

MOST_PHRASES = 3
MISSES = "misses:"
"""The rule of what is meant though it misses a term, whose id follows: the reply says so."""
_CART: frozenset[MoveKind] = frozenset({"add_to_cart", "swap", "take_from_cart", "set_quantity", "check_out"})
_ABOUT_ONE: frozenset[MoveKind] = frozenset({*ITEM_MOVES, "why", "why_not"})
_BY_PLACE = frozenset({"position", "place", "other", "extreme", "pronoun", "in_focus", "implied"})
"""Rules by which something was chosen that no name tells."""
_SHOWING = frozenset({"show", "find", "see", "recommend", "suggest", "looking", "search", "browse"})
_TONGUE = get_tongue("en")
_LETTERED = re.compile(r"(?<![\w-])[A-Za-z]{2,}\d+[A-Za-z]?(?![\w-])")
_SEEKS = re.compile(
    r"\b(?:show|find|looking|search\w*|need|want|any|some|(?:do|have) you (?:have|sell|stock|carry|got))\b",
    re.IGNORECASE,
)
_HAS_IT = re.compile(
    r"\b(?:does|do|did|will) (?:it|they|that|this|these|those|(?:that|this|the \w+) one) (?:\w+ )?"
    r"(?:have|come with|include|support|need|use|do|take) (?:(?:an?|any|the|some|its|their) )?$",
    re.IGNORECASE,
)
"""What stands before something asked about goods in hand: "do they have noise cancelling?"."""
_AFTER_A = re.compile(r"\b(?:an?|no|some|any|my|your)\s*$", re.IGNORECASE)
_IS_THE = re.compile(r"\b(?:is|are|isn['’]?t|aren['’]?t) the\s*$", re.IGNORECASE)
_AFTER_THE = re.compile(r"\bthe\s*$", re.IGNORECASE)
_AT_PLACE = re.compile(
    r"\b(?:for|to|beside|behind|in|into|at|on|onto|from|by|near|under|over|during|around|through)(?: the)?\s*$",
    re.IGNORECASE,
)
"""What stands before a place, a time or a purpose: "in the kitchen", "for the evening"."""
_PUTTING = frozenset(
    {"stick", "chuck", "bung", "sling", "whack", "pop", "shove", "drop", "toss", "bang", "throw"}
)
_PUT = re.compile(r" (?:it|that|this|them|those|these|both|one|two|three|me)\b", re.IGNORECASE)
"""As in "stick it in my cart", in a shop with dental sticks: what is done, and no goods."""
_INSIDE = re.compile(r"(?<!interested )\b(?:in|into|inside|during) the\s*$", re.IGNORECASE)
"""As in "a pan that goes in the oven": where goods are used is none of the shop's."""
_OF_THIS = re.compile(
    r"\s+(?:of|on) (?:it|this|that|these|those|them|both|(?:this|that|the \w+) one)\b", re.IGNORECASE
)


async def name_goods(
    understanding: Understanding,
    *,
    shop: Goods,
    trail: Trail,
    words: ShopWords,
    orders: tuple[tuple[EntityRef, ...], ...] = (),
) -> Understanding:
    """The understanding, read anew with the products that the shop has under the names in the message."""
    phrases = [*_list_phrases(understanding, words=words), *_list_misnamed(understanding, trail=trail)]
    found: list[Reference] = []
    touched = {known.entity.ref: known.touched for known in trail.state.entities.known.values()}
    for phrase in phrases[:MOST_PHRASES]:
        named = found or understanding.resolved or any(move.kind == "swap" for move in understanding.moves)
        if named and not phrase.definite and _is_version(phrase, trail=trail, words=words):
            continue  # "Swap it for black": in another colour.
        ranked = _is_ranked_kind(phrase, said=understanding.said, trail=trail, words=words)
        if ranked or _is_unnamed(phrase, understanding) or is_in_passing(phrase, understanding=understanding):
            continue
        phrase, meant = await find_named(
            phrase, understanding=understanding, shop=shop, trail=trail, words=words
        )
        hits = list_hits(phrase, meant, said=understanding.said)
        refs = {get_ref(hit.sku) for hit in hits}
        if not hits or any(refs == {*other.refs, *other.candidates} for other in found):
            continue
        offers = await _list_within(hits, phrase, understanding=understanding, shop=shop)
        if not offers and _is_limited(phrase, understanding):
            # "Add a smoker under 20": where none costs so little, that is said.
            return _seek_instead(understanding)
        if not offers:
            continue
        refs = {get_ref(offer.item.sku) for offer in offers}
        trail.record(EntitiesIntroduced(entities=tuple(to_entity(offer) for offer in offers), source="named"))
        kept = [hit for hit in hits if get_ref(hit.sku) in refs]
        reference = _build_reference(phrase, kept, missed=meant.missed, focus=trail.state.entities.focus)
        if not refs & set(understanding.resolved):
            # What is resolved already says which of them is meant.
            reference = narrow_down(reference, state=trail.state, touched=touched)
        found.append(reference)
    if not found:
        understanding = await name_versions(understanding, shop=shop, trail=trail, words=words)
        return _with_missing(understanding, phrases=phrases, state=trail.state)
    said, sides = understanding.said, with_lacking_sides(understanding, found, phrases=phrases)
    read = understanding.read
    return understand(said=said, state=trail.state, words=words, orders=orders, found=sides, read=read)


def _is_unnamed(phrase: Phrase, understanding: Understanding) -> bool:
    """As in "I'll take the blue one": one of those at hand, or none; nothing goes into the cart that was not shown."""
    standins = _TONGUE.grammar.standin_one | _TONGUE.grammar.standin_many
    takes = any(move.kind in _CART for move in understanding.moves)
    return takes and phrase.definite and phrase.text.lower().split()[-1] in standins


async def _list_within(
    hits: Sequence[Hit], phrase: Phrase, *, understanding: Understanding, shop: Goods
) -> list[Offer]:
    """As in "add a smoker under 40": of what may be meant what costs no more, or no less, than is said."""
    try:
        offers = await shop.list_offers([hit.sku for hit in hits])
    except ConnectorUnavailable:
        # What it costs cannot be asked; the reply will say so.
        return []
    limits = [term for term in understanding.reading.stated if term.field == "price"]
    if not _is_limited(phrase, understanding):
        return list(offers)
    return [offer for offer in offers if all(_is_within(offer, term) for term in limits)]


def _is_limited(phrase: Phrase, understanding: Understanding) -> bool:
    fields = {term.field for term in understanding.reading.stated}
    return not phrase.definite and {"price", "category"} <= fields


def _seek_instead(understanding: Understanding) -> Understanding:
    reading = msgspec.structs.replace(understanding.reading, rest="")
    return msgspec.structs.replace(understanding, moves=(Move(kind="search"),), reading=reading, unsaid="")


def _is_within(offer: Offer, term: Constraint) -> bool:
    price = offer.price.price
    if not isinstance(term.value, float | int):
        return True
    return price.amount >= term.value if term.op == ">=" else price.amount <= term.value


def _with_missing(
    understanding: Understanding, *, phrases: Sequence[Phrase], state: ConversationState
) -> Understanding:
    """With what was named and the shop has not: who asks for it is told so, and nothing about another."""
    missing = find_missing(understanding, state=state)
    if missing:
        return msgspec.structs.replace(understanding, references=(missing,))
    left = with_lacking_sides(understanding, (), phrases=phrases)
    return msgspec.structs.replace(understanding, references=(*understanding.references, *left))


def _is_version(phrase: Phrase, *, trail: Trail, words: ShopWords) -> bool:
    """As in "the plain t-shirt in navy, L": a size or colour of what was named just before."""
    reading = read_phrase(phrase, trail=trail, words=words)
    return not reading.rest and {term.field for term in reading.stated} <= {"size", "color"}


def _is_ranked_kind(phrase: Phrase, *, said: str, trail: Trail, words: ShopWords) -> bool:
    """As in "I'll take the cheapest headlamp": of a kind, the first by an order, and no product's name."""
    ranked = has_superlative(" ".join(said[: phrase.start].split()[-2:]))
    return ranked and not read_phrase(phrase, trail=trail, words=words).rest


def _build_reference(
    phrase: Phrase, hits: Sequence[Hit], *, missed: str, focus: Sequence[EntityRef]
) -> Reference:
    refs = tuple(get_ref(hit.sku) for hit in hits)
    rules = ("shop.name", f"{MISSES}{missed}") if missed else ("shop.name",)
    one_product = len({hit.group for hit in hits}) == 1
    at_hand = tuple(ref for ref in focus if ref in refs)
    if one_product and len(at_hand) == 1:
        # "The hoops", when the silver ones are at hand.
        return Reference(text=phrase.text, outcome="resolved", refs=at_hand, rules=(*rules, "focus"))
    if len(refs) == 1:
        return Reference(text=phrase.text, outcome="resolved", refs=refs, rules=rules)
    split = "color" if one_product else ""
    return Reference(
        text=phrase.text, outcome="ambiguous", candidates=refs, question=split, rules=(*rules, "equals")
    )


def _list_phrases(understanding: Understanding, *, words: ShopWords) -> list[Phrase]:
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
        return unknown or _list_bare_title(understanding) or _list_called(understanding, words=words)
    taken = [
        (at, at + len(reference.text))
        for reference in understanding.references
        if (at := understanding.said.lower().find(reference.text.lower())) >= 0
    ]
    ordering = bool(kinds & _CART) or compares_named(understanding.said)
    runs = [
        phrase
        for phrase in list_runs(understanding.said)
        if not any(pattern.search(phrase.text.lower()) for pattern in POLICIES.values())
        and not _is_checking_out(phrase, said=understanding.said)
        # "One tube of each": how goods are packed names none of them.
        and not set(list_stems(phrase.text)) <= _TONGUE.packs
        and not _names_nothing(phrase, said=understanding.said)
        # "The battery life of it": what is asked about it, and no product.
        and not _OF_THIS.match(understanding.said, phrase.start + len(phrase.text))
        and not _INSIDE.search(understanding.said[: phrase.start])
        and (phrase.definite or (ordering and not _is_sought(understanding.said[: phrase.start])))
        and not any(
            first < phrase.start + len(phrase.text) and phrase.start < after for first, after in taken
        )
    ]
    return sorted((*unknown, *runs), key=lambda phrase: phrase.start)


def _names_nothing(phrase: Phrase, *, said: str) -> bool:
    """As in "right, 4 bags of the Ferry": words of any talk, and what goods are packed in, are no names."""
    words = phrase.text.lower().split()
    if words[-1] in _PUTTING and _PUT.match(said, phrase.start + len(phrase.text)):
        return True
    packed = said[phrase.start + len(phrase.text) :].lstrip().startswith("of ")
    plain = not phrase.definite and set(words) <= _TONGUE.ordinary
    return plain or (packed and {token.stem for token in list_tokens(phrase.text)} <= _TONGUE.packs)


def _list_called(understanding: Understanding, *, words: ShopWords) -> list[Phrase]:
    """As in "and the Cubo, is 9 bar enough?", "and harvest moon, is that reduced?": what has a name of its own, and is
    no place, no kind of goods and no ordinary thing.
    """
    said = understanding.said
    kinds = {stem for kind in words.vocabulary.categories for stem in list_stems(kind.name)}
    # "Acoustic, steel strings" seeks what is so, though something may be called that.
    seeks = _SEEKS.search(said) or wants_search(understanding.moves)
    if understanding.among or SHOWS.search(said):
        return []  # "Which fits the MK4410?" asks of the others, "show me the Shell" seeks.
    known = " / ".join(
        reference.text.lower()
        for reference in understanding.references
        if reference.refs or is_nowhere_else(reference)
    )
    return [
        msgspec.structs.replace(run, whole=True)
        for run in map(partial(_without_predicate, said=said), list_runs(said))
        if run.text.lower() not in known
        and (_AFTER_THE.search(said[: run.start]) or (not seeks and len(run.text.split()) > 1))
        and not _AFTER_A.search(said[: run.start])
        and not _AT_PLACE.search(said[: run.start])
        and not _HAS_IT.search(said[: run.start])
        and not set(run.text.lower().split()) & _TONGUE.ordinary
        and not set(list_stems(run.text)) <= kinds
    ]


def _without_predicate(run: Phrase, *, said: str) -> Phrase:
    """As in "is the massage gun loud?": what is asked about goods is no part of their name."""
    head, _, last = run.text.rpartition(" ")
    asked = _IS_THE.search(said[: run.start]) and not said[run.start + len(run.text) :].strip(" ?!.")
    return (
        msgspec.structs.replace(run, text=head)
        if head and asked and last.lower() in _TONGUE.ordinary
        else run
    )


def _is_checking_out(phrase: Phrase, *, said: str) -> bool:
    """As in "go ahead and check out": the words order, and name nothing to be ordered."""
    after = phrase.start + len(phrase.text)
    return any(match.start() < after and phrase.start < match.end() for match in CHECKS_OUT.finditer(said))


def _list_bare_title(understanding: Understanding) -> list[Phrase]:
    """As in "The salt road": a title is all that is said."""
    runs = list_runs(understanding.said)
    words = [token for token in list_tokens(understanding.said) if token.is_word]
    alone = len(runs) == 1 and runs[0].definite and len(words) == len(runs[0].text.split()) + 1
    return [msgspec.structs.replace(runs[0], whole=True)] if alone and not understanding.references else []


def _list_misnamed(understanding: Understanding, *, trail: Trail) -> list[Phrase]:
    """References whose words are not all in what they were taken for: "the night cream" when the day cream is shown."""
    misnamed: list[Phrase] = []
    for reference in understanding.references:
        phrase = _extend(reference.text, said=understanding.said) if reference.text else None
        placed = is_nowhere_else(reference) or any(
            rule.partition(":")[0] in _BY_PLACE for rule in reference.rules
        )
        if phrase is None or reference.outcome == "unknown" or phrase.start < 0 or placed:
            continue
        asked = list_names(phrase.text)
        entities = [
            entity
            for ref in (*reference.refs, *reference.candidates)
            if (entity := trail.state.entities.find(ref))
        ]
        known = [
            list_names(
                f"{e.name} {' '.join(e.attributes)} {' '.join(v for vs in e.attributes.values() for v in vs)}"
            )
            for e in entities
        ]
        coded = _names_other_code(phrase.text, entities)
        if asked and entities and (coded or not any(asked <= words for words in known)):
            misnamed.append(msgspec.structs.replace(phrase, whole=True))
    return misnamed


def _names_other_code(text: str, entities: Sequence[Entity]) -> bool:
    """As in "the HERO11" where the HERO12 is known: a model number is one word, and none of these has it."""
    codes = {code.lower() for code in _LETTERED.findall(text)}
    told = {code.lower() for entity in entities for code in _LETTERED.findall(entity.name)}
    return bool(codes) and not codes & told


def _extend(text: str, *, said: str) -> Phrase:
    """The phrase with the nouns behind it: "the milk" goes on in "the milk chocolate"."""
    start = said.find(text)
    ends = [
        run.start + len(run.text)
        for run in list_runs(said)
        if start <= run.start <= start + len(text) < run.start + len(run.text)
    ]
    return Phrase(text=said[start : max(ends)] if ends else text, definite=True, start=start)


def _is_sought(before: str) -> bool:
    """As in "put it in my cart and show me coffee tables": what is to be shown is not to be bought."""
    words = [token.word for token in list_tokens(before, language=_TONGUE.stemmer)]
    seen = [word for word in words if word in _TONGUE.grammar.acquiring | _SHOWING]
    return bool(seen) and seen[-1] in _SHOWING
