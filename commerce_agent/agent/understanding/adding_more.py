"""Goods that go where others have just gone: "and a robe hook", right after something was put into the cart."""

import msgspec

from commerce_agent.agent.understanding.english.taking import AND_MORE, AND_THE
from commerce_agent.agent.understanding.understood import Understanding
from conversations.language.glossing import Gloss
from conversations.language.order import has_superlative, list_comparatives
from conversations.language.tokens import list_stems
from conversations.language.tongues import get_tongue
from conversations.state import ConversationState

_SMALL = (
    get_tongue("en").stopwords
    | get_tongue("en").packs
    | {"one", "ones", "of", "set", "sets", "pair", "pairs"}
)


def read_as_added(read: Gloss, *, state: ConversationState) -> Gloss | None:
    """The message as an order in so many words; None where nothing went into the cart just before, or it asks."""
    if not _has_just_added(state):
        return None
    named = AND_THE.match(read.text) if not read.pieces else None
    if named and not has_superlative(named["what"]):
        return Gloss(text=f"add {named['what']}", said=read.said)
    match = AND_MORE.match(read.text)
    if match is None or has_superlative(match["what"]) or list_comparatives(match["what"]):
        return None
    if read.pieces:
        return None if match["last"] else read.replace(start=0, end=match.start("count"), english="add ")
    return Gloss(text=f"add {match['last'] or match['count']} {match['what']}", said=read.said)


def _has_just_added(state: ConversationState) -> bool:
    latest = state.decisions.latest[-1:]
    changed = any(
        used.tool == "change_cart" and used.outcome == "ok" and not used.dropped
        for decision in latest
        for used in decision.tools
    )
    return changed and bool(state.cart.lines) and state.cart.proposal is None


def names_all(understanding: Understanding, *, state: ConversationState) -> bool:
    """Whether every word of it names one product, in one version or several: "a tap" of many taps names none."""
    said = f"and {understanding.said.removeprefix('add ')}"
    match, named = AND_MORE.match(said), AND_THE.match(f"{said} too")
    references = understanding.references
    if not (match or named) or len(references) != 1 or references[0].outcome == "unknown":
        return False
    if not any(move.kind == "add_to_cart" for move in understanding.moves):
        return False
    meant = (*references[0].refs, *references[0].candidates)
    entities = [entity for ref in meant if (entity := state.entities.find(ref))]
    one = len({entity.group or entity.ref.key for entity in entities}) == 1
    if match is None:
        return one and references[0].outcome == "resolved"
    small = {stem for word in _SMALL for stem in list_stems(word)}
    words = set(list_stems(match["what"])) - small
    told = [
        {
            stem
            for text in (entity.name, *(v for vs in entity.attributes.values() for v in vs))
            for stem in list_stems(text)
        }
        for entity in entities
    ]
    return one and bool(words) and any(words <= each for each in told)


def as_said(understanding: Understanding, read: Gloss) -> Understanding:
    """What the shopper wrote stays beside what it was read as."""
    return msgspec.structs.replace(understanding, read=read)
