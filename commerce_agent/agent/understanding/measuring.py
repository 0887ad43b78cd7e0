"""What "lighter" and "cheaper" are measured against: the goods at hand."""

from commerce_agent.agent.understanding.english.cues import FITS
from commerce_agent.agent.understanding.english.fitting import ANYTHING_FOR, BEST_FOR, GOODS_FOR
from commerce_agent.agent.understanding.english.moves import SAME_GOODS
from commerce_agent.agent.understanding.wishing import find_kind
from conversations.constraints import ConstraintReading
from conversations.events.entities import Entity, Reference
from conversations.ids import EntityRef
from conversations.language.tokens import list_stems
from conversations.state import ConversationState


def find_measures(state: ConversationState, references: tuple[Reference, ...]) -> dict[str, float]:
    """What "lighter" or "cheaper" is measured against: the item meant, else the one in focus."""
    meant = [ref for reference in references for ref in reference.refs] or list(state.entities.focus)
    entities = [entity for ref in meant if (entity := state.entities.find(ref))]
    if not entities:
        entities = _list_shown_last(state)
    measures: dict[str, float] = {}
    for entity in entities:
        for name, value in entity.measures.items():
            measures[name] = min(value, measures.get(name, value))
    return measures


def find_measures_in_cart(state: ConversationState, *, kind: str) -> dict[str, float]:
    """What something of this kind is measured against while others are talked of: what of it is in the cart."""
    entities = [entity for line in state.cart.lines if (entity := state.entities.find(line.ref))]
    of_kind = [
        entity
        for entity in entities
        if kind.lower() in (each.lower() for each in entity.attributes.get("category", ()))
    ]
    return dict(of_kind[-1].measures) if of_kind else {}


def find_kind_at_hand(state: ConversationState, references: tuple[Reference, ...]) -> str:
    """The kind of the items that something is compared with; empty where they are of several kinds, or of none."""
    meant = [ref for reference in references for ref in reference.refs] or list(state.entities.focus)
    entities = [entity for ref in meant if (entity := state.entities.find(ref))] or _list_shown_last(state)
    kinds = {kind for entity in entities for kind in entity.attributes.get("category", ())[-1:]}
    return kinds.pop() if len(kinds) == 1 else ""


def names_other_goods(reading: ConstraintReading, state: ConversationState) -> bool:
    """Whether a kind is named that the items at hand are not of."""
    kind = find_kind(reading).lower()
    at_hand = [entity for ref in state.entities.focus if (entity := state.entities.find(ref))]
    at_hand = at_hand or _list_shown_last(state)
    held = {value.lower() for entity in at_hand for value in entity.attributes.get("category", ())}
    return bool(kind and held) and not any(kind in value for value in held)


def list_for_purpose(
    said: str, reading: ConstraintReading, *, state: ConversationState
) -> tuple[EntityRef, ...]:
    """As in "what would be the best one for rain": the goods shown last, of which one suits the purpose best."""
    shown = state.entities.showings[-1].refs if state.entities.showings else ()
    asked = BEST_FOR.search(said) and SAME_GOODS.search(said)
    return shown if asked and len(shown) > 1 and not reading.stated else ()


def seeks_fitting(
    said: str, references: tuple[Reference, ...], reading: ConstraintReading, *, state: ConversationState
) -> bool:
    """As in "which ink goes with the LP40?": goods of another kind are sought, for the item that is meant."""
    kind = find_kind(reading).lower()
    meant = [entity for each in references for ref in each.refs if (entity := state.entities.find(ref))]
    held = {value.lower() for entity in meant for value in entity.attributes.get("category", ())}
    if not held:
        return False
    if kind and kind not in held and FITS.search(said):
        return True
    return any(_is_sought_for(said, each, meant=meant) for each in references if each.text)


def _is_sought_for(said: str, reference: Reference, *, meant: list[Entity]) -> bool:
    """As in "toner for the C210", "a lens for my R50": goods before the "for", for the item that is named behind it."""
    before = said[: max(said.lower().find(reference.text.lower()), 0)]
    match = GOODS_FOR.match(before)
    if match is None:
        return ANYTHING_FOR.match(before) is not None
    told = {stem for entity in meant for name in entity.attributes for stem in list_stems(name)}
    values = [
        set(list_stems(value)) for entity in meant for each in entity.attributes.values() for value in each
    ]
    # Of the waxed cotton jacket "wax" is no quality that it may have, "waxed cotton" is.
    what = set(list_stems(match["what"]))
    return not what <= told and what not in values


def _list_shown_last(state: ConversationState) -> list[Entity]:
    if not state.entities.showings:
        return []
    return [entity for ref in state.entities.showings[-1].refs if (entity := state.entities.find(ref))]
