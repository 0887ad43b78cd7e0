"""Goods that a message asks for by a name that nothing here has."""

import re

from commerce_agent.agent.understanding.english.taking import NUMBER, PIECES
from commerce_agent.agent.understanding.meant_goods import Phrase, list_names
from commerce_agent.agent.understanding.moves import ITEM_MOVES, MoveKind
from commerce_agent.agent.understanding.naming_words import CODE, list_runs
from commerce_agent.agent.understanding.understood import Understanding
from conversations.events.entities import Reference
from conversations.language.tokens import list_stems
from conversations.language.tongues import get_tongue
from conversations.state import ConversationState

_TONGUE = get_tongue("en")
_ABOUT_ONE: frozenset[MoveKind] = frozenset({*ITEM_MOVES, "why", "why_not"})
_OF_ITEM: frozenset[MoveKind] = frozenset({
    "price", "stock", "add_to_cart", "set_quantity", "take_from_cart",
})  # fmt: skip
_OF_SHOP: frozenset[MoveKind] = frozenset(
    {"policy", "promotions", "show_cart", "orders", "check_out", "search"}
)
_CLAUSE = re.compile(r"[^.,;:!?]{1,40}(?=$|[.,;:!? ])")
_AFTER_COUNT = re.compile(
    rf"\b(?:add|put|take|get|grab|have|want|need|and|plus|also)(?: me)?(?: in)? (?:(?P<article>an?)|some|{NUMBER})\s*$",
    re.IGNORECASE,
)
_TAKES_BARE = re.compile(r"\b(?:remove|delete|drop|take out) (?P<what>[^\W\d_][\w'-]{2,})", re.IGNORECASE)
_HOW_MUCH = frozenset({"few", "bit", "couple", "lot", "little", "single", "second", "third"})
_ONE_BEHIND = re.compile(rf" (?:ones?|{PIECES}|of)\b", re.IGNORECASE)


def find_missing(understanding: Understanding, *, state: ConversationState) -> Reference | None:
    """A model number, goods named with "the" or such as are to be added, where nothing was found that is meant and
    something is asked of it.
    """
    code = CODE.search(understanding.said)
    kinds = {move.kind for move in understanding.moves}
    if understanding.references or not kinds & _ABOUT_ONE:
        return None
    if code is not None:
        return Reference(text=code.group(), outcome="unknown", rules=("shop.name", "nothing_fits"))
    if kinds & _OF_SHOP or not kinds & _OF_ITEM:
        return None
    taking = "take_from_cart" in kinds
    held = {line.ref for line in state.cart.lines} if taking else ()
    known = [entity for ref in (*state.entities.focus, *held) if (entity := state.entities.find(ref))]
    values = [(entity.name, *(v for vs in entity.attributes.values() for v in vs)) for entity in known]
    called = {stem for texts in values for text in texts for stem in list_stems(text)}
    told = called | {stem for entity in known for name in entity.attributes for stem in list_stems(name)}
    named = [
        run
        for run in list_runs(understanding.said)
        if run.definite
        # "Remove the drawers", of a desk that has some: what is only counted of it is not what it is called.
        and not (list_names(run.text) <= told and (not taking or list_names(run.text) & called))
    ]
    if not named and taking:
        return _find_taken(understanding.said, called=called)
    if not named:
        adds = "add_to_cart" in kinds and not understanding.wishes
        return _find_wanted(understanding.said, told=told) if adds else None
    if taking:
        # "Take the mouse out", of a cart without one: what is in it, and in hand, is none.
        return Reference(text=f"the {named[0].text}", outcome="unknown", rules=("shop.name", "cart"))
    clause = _CLAUSE.match(understanding.said[named[0].start :])
    text = clause.group().strip() if clause else named[0].text
    return Reference(text=text, outcome="unknown", rules=("shop.name", "nothing_fits"))


def _find_taken(said: str, *, called: set[str]) -> Reference | None:
    """As in "remove tables", of a cart that has none: no article says that goods are meant, and yet they are."""
    bare = _TAKES_BARE.search(said)
    word = bare["what"].lower() if bare else ""
    small = _TONGUE.stopwords | _TONGUE.ordinary | _TONGUE.grammar.pointing
    if not word or word in small or set(list_stems(word)) <= called | _TONGUE.packs:
        return None
    return Reference(text=word, outcome="unknown", rules=("shop.name", "cart"))


def _find_wanted(said: str, *, told: set[str]) -> Reference | None:
    wanted = next((run for run in list_runs(said) if _is_wanted(run, said, told=told)), None)
    if wanted is None:
        return None
    return Reference(text=wanted.text, outcome="unknown", rules=("shop.name", "nothing_fits"))


def _is_wanted(run: Phrase, said: str, *, told: set[str]) -> bool:
    """As in "add a lead", "and two bowls", of which what is in hand is none: goods behind a count."""
    counted = _AFTER_COUNT.search(said[: run.start])
    words, stems = run.text.lower().split(), set(list_stems(run.text))
    version = stems <= _TONGUE.packs or set(words) <= _TONGUE.size_words | _TONGUE.colors.keys()
    # "Take two right now": words of any talk are goods only behind an article.
    plain = words[-1] in _TONGUE.ordinary and (counted is None or counted["article"] is None)
    # "A few", "a single one", "a large bag": so much, or such a one, of what is in hand.
    such = words[-1] in _HOW_MUCH or _ONE_BEHIND.match(said, run.start + len(run.text))
    return counted is not None and not version and not plain and not such and not stems <= told
