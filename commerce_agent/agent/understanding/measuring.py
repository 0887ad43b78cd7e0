"""What "lighter" and "cheaper" are measured against: the goods at hand."""

from commerce_agent.agent.understanding.english.cues import FITS
from commerce_agent.agent.understanding.wishing import find_kind
from conversations.constraints import ConstraintReading
from conversations.events.entities import Entity, Reference
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


def names_other_goods(reading: ConstraintReading, state: ConversationState) -> bool:
    """Whether a kind is named that the items at hand are not of."""
    kind = find_kind(reading).lower()
    at_hand = [entity for ref in state.entities.focus if (entity := state.entities.find(ref))]
    at_hand = at_hand or _list_shown_last(state)
    held = {value.lower() for entity in at_hand for value in entity.attributes.get("category", ())}
    return bool(kind and held) and not any(kind in value for value in held)


def seeks_fitting(
    said: str, references: tuple[Reference, ...], reading: ConstraintReading, *, state: ConversationState
) -> bool:
    """As in "which ink goes with the LP40?": goods of another kind are sought, for the item that is meant."""
    kind = find_kind(reading).lower()
    meant = [entity for each in references for ref in each.refs if (entity := state.entities.find(ref))]
    held = {value.lower() for entity in meant for value in entity.attributes.get("category", ())}
    return bool(kind and held) and kind not in held and FITS.search(said) is not None


def _list_shown_last(state: ConversationState) -> list[Entity]:
    if not state.entities.showings:
        return []
    return [entity for ref in state.entities.showings[-1].refs if (entity := state.entities.find(ref))]
