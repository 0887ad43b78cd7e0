"""Sizes of one product that are told by how much they hold: "the big bottle", "the small one", "the litre one"."""

import re
from collections.abc import Sequence
from typing import Final

from commerce_agent.agent.understanding.moves import WHOLE_MESSAGE, Move
from commerce_agent.agent.understanding.wishing import Wishes
from conversations.events.entities import Entity, Reference
from conversations.language.amounts import Amount, list_amounts
from conversations.language.tokens import Token, list_stems, list_tokens
from conversations.language.tongues import get_tongue
from conversations.state import ConversationState

_RANKS: Final = {
    "small": "small", "smaller": "small", "smallest": "small", "little": "small", "tiny": "small",
    "medium": "medium", "middle": "medium", "mid": "medium", "mid-sized": "medium",
    "big": "large", "bigger": "large", "biggest": "large", "large": "large", "larger": "large",
    "largest": "large",
}  # fmt: skip
"""What of a product's sizes a word stands for, whatever they hold."""
_BEHIND: Final = re.compile(
    rf"(?:,| -) ?the (?P<rank>{'|'.join(sorted(_RANKS, key=len, reverse=True))})(?: (?:one|size|version))?"
    r"(?=\W*$|[,.;!?]| (?:please|and|then)\b)",
    re.IGNORECASE,
)
_TONGUE = get_tongue("en")
_OPENS = _TONGUE.grammar.definite | _TONGUE.grammar.demonstrative_one
_STANDINS = _TONGUE.grammar.standin_one | _TONGUE.grammar.standin_many | {"size", "version", "format"}
_BESIDE: Final = frozenset(
    {"add_to_cart", "stock", "price", "variants", "details", "price_gap", "price_sum", "swap"}
)
"""What may be wanted of a size of the product at hand."""
_CLAUSE_END: Final = re.compile(r"[;!?]|[,.](?!\d)")
_HOLDS: Final = re.compile(r"\d")
_BEFORE_SIZE: Final = r"(?<![\w.,$€£])"
_BEHIND_SIZE: Final = r"(?![\w%]|[.,]\d|\s?[$€£])"
"""No part of a price is a size."""
_NUMBERS: Final = re.compile(r"\d+(?:(?:\\\.|,)\d+)?")


def list_sizes_by_rank(
    said: str, moves: tuple[Move, ...], references: tuple[Reference, ...], *, state: ConversationState
) -> tuple[Reference | None, Wishes]:
    """The item at hand and the size of it that the words stand for; nothing where they speak of something else."""
    told = _find_told(state)
    item = told or _find_at_hand(references, state=state)
    if item is None or (told is None and _is_chosen(references, item, state=state)):
        return None, ()
    if any(move.kind not in _BESIDE for move in moves if move.kind not in ("search", *WHOLE_MESSAGE)):
        return None, ()
    tokens = list_tokens(said)
    for at in range(len(tokens)):
        size = _find_ranked(tokens, at, item) or _find_measured(said, tokens, at, item)
        if size:
            text = _CLAUSE_END.split(said[tokens[at - 1].start :], maxsplit=1)[0].strip(" ?!.")
            meant = Reference(text=text, outcome="resolved", refs=(item.ref,), rules=("in_focus", "rank"))
            return meant, (("size", size),)
    return None, ()


def find_size_behind(
    said: str, references: tuple[Reference, ...], *, state: ConversationState
) -> tuple[Reference, Wishes] | None:
    """As in "add it and the walnut box, the big one": a size by its rank, right behind the goods that it is of."""
    for reference in references:
        at = said.find(reference.text) if reference.text else -1
        behind = _BEHIND.match(said[at + len(reference.text) :]) if at >= 0 else None
        refs = reference.refs or reference.candidates
        entity = state.entities.find(refs[0]) if behind and refs else None
        size = next(iter(entity.attributes.get("size", ())), "") if entity and entity.group else ""
        if behind and _HOLDS.search(size):
            return reference, (("size", _RANKS[behind.group("rank").lower()]),)
    return None


def names_rank(said: str) -> bool:
    """Whether the words choose a size by how much it holds: "the bigger pack"."""
    return any(token.word in _RANKS for token in list_tokens(said))


def _find_at_hand(references: tuple[Reference, ...], *, state: ConversationState) -> Entity | None:
    """One of the sizes of the single product that is at hand, where the message points at nothing else."""
    entities = state.entities
    refs = entities.focus or (entities.showings[-1].refs if entities.showings else ())
    items = [entity for ref in refs if (entity := entities.find(ref))]
    first = items[0] if items else None
    if first is None or not first.group or any(item.group != first.group for item in items):
        return None
    pointed = [ref for reference in references for ref in (*reference.refs, *reference.candidates)]
    others = [entity for ref in pointed if (entity := entities.find(ref)) and entity.group != first.group]
    if _shows_others(first, state=state) and any(
        # "The box is too dear, the smaller one instead": what is called by its name is at hand.
        each.outcome == "resolved" and not {"category", "shop.name"} & set(each.rules)
        for each in references
    ):
        return None
    size = next(iter(first.attributes.get("size", ())), "")
    return first if _HOLDS.search(size) and not others else None


def _find_told(state: ConversationState) -> Entity | None:
    """The item at hand of which the last reply told several sizes: "you can have it in 140 x 70 or 160 x 80"."""
    entities = [entity for ref in state.entities.focus if (entity := state.entities.find(ref))]
    tail = state.transcript.tail
    size = next(iter(entities[0].attributes.get("size", ())), "") if len(entities) == 1 else ""
    if not tail or not entities or not entities[0].group or not _HOLDS.search(size):
        return None
    alike = re.compile(
        _BEFORE_SIZE + _NUMBERS.sub(lambda _: r"\d+(?:[.,]\d+)?", re.escape(size)) + _BEHIND_SIZE
    )
    told = set(alike.findall(tail[-1].replied))
    return entities[0] if len(told) > 1 and size in told else None


def _shows_others(item: Entity, *, state: ConversationState) -> bool:
    """As in "the small one" of several products: the smallest of them, not the smallest size of the one in hand."""
    last = state.entities.showings[-1].refs if state.entities.showings else ()
    shown = [entity for ref in last if (entity := state.entities.find(ref))]
    return any(entity.group != item.group for entity in shown)


def _is_chosen(references: tuple[Reference, ...], item: Entity, *, state: ConversationState) -> bool:
    """Whether a reference has chosen among several sizes that came up: "the 40 l", "the bigger duffel"."""
    known = (each.entity for each in state.entities.known.values())
    if sum(entity.group == item.group for entity in known) < 2:  # one is no choice
        return False
    # What goods are called says nothing of their sizes.
    plain = {"focus", "latest", "known", "asked", "pronoun", "category", "shop.name"}
    return any(
        each.outcome == "resolved"
        and not set(each.rules) <= plain
        # "The small ones in sage": the colour chose among what is at hand, the rank has not been heard yet.
        and not (names_rank(each.text) and not any(rule.startswith("extreme") for rule in each.rules))
        for each in references
    )


def _find_ranked(tokens: tuple[Token, ...], at: int, item: Entity) -> str:
    """As in "the big bottle", "the small one": behind "the", and with no noun but how it is packed or what it is."""
    rank = _RANKS.get(tokens[at].word, "")
    opened = at > 0 and tokens[at - 1].word in _OPENS
    if not rank or not opened:
        return ""
    after = at + 1
    own = set(list_stems(f"{item.name} {' '.join(item.attributes.get('category', ()))}"))
    while after < len(tokens) and _names_item(tokens[after], own):
        after += 1
    return rank if after == len(tokens) or not _is_noun(tokens[after]) else ""


def _names_item(token: Token, own: set[str]) -> bool:
    return token.word in _STANDINS or token.stem in _TONGUE.packs or token.stem in own


def _is_noun(token: Token) -> bool:
    grammar = _TONGUE.grammar
    small = _TONGUE.stopwords | grammar.verbs | grammar.prepositions | grammar.copulas | grammar.conjunctions
    return token.word.isalpha() and token.word not in small | {
        "please",
        "instead",
        "too",
        "then",
        "thanks",
        "cost",
    }


def _find_measured(said: str, tokens: tuple[Token, ...], at: int, item: Entity) -> str:
    """As in "the 1 litre", "the 500 g one": an amount behind "the" of what its sizes are told in."""
    before = tokens[at - 1].word if at else ""
    if before not in _OPENS:
        return ""
    held = list_amounts(list_tokens(item.attributes["size"][0]), _TONGUE)
    said_there = [amount for amount in list_amounts(tokens, _TONGUE) if amount.first == at]
    if not said_there and tokens[at].word in _TONGUE.units:
        # "The litre one".
        said_there = list(list_amounts(list_tokens(f"1 {tokens[at].word}"), _TONGUE))
        return f"1 {tokens[at].word}" if said_there and _alike(said_there[0].dimension, held) else ""
    if not said_there or not _alike(said_there[0].dimension, held):
        return ""
    return said[tokens[at].start : tokens[said_there[0].after - 1].end]


def _alike(dimension: str | None, held: Sequence[Amount]) -> bool:
    return dimension is not None and any(one.dimension == dimension for one in held)


def find_half_size(half: re.Match[str], *, state: ConversationState) -> str:
    """The half size beside that of the item in focus, in words; of other sizes the next one is meant."""
    entities = [entity for ref in state.entities.focus if (entity := state.entities.find(ref))]
    sizes = {size for entity in entities for size in entity.attributes.get("size", ())}
    held = next(iter(sizes), "")
    if len(sizes) != 1 or not held.replace(".", "", 1).isdecimal():
        return "a bigger one" if half["up"] else "a smaller one"
    return f"in size {float(held) + (0.5 if half['up'] else -0.5):g}"
