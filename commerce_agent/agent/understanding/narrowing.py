"""Which of several things with one name is meant, by what was said of them before."""

from collections.abc import Mapping

from conversations.events.constraints import Constraint, list_values
from conversations.events.entities import Entity, Reference
from conversations.ids import EntityRef
from conversations.state import ConversationState

_TELLING = frozenset({"size", "color", "material"})


def narrow_down(
    reference: Reference, *, state: ConversationState, touched: Mapping[EntityRef, int]
) -> Reference:
    """As in "the oled", of two, where 55 inches were asked for: the one within the shopper's terms; and of versions of
    one product the one that was talked of last; `touched` says in which turn each was.
    """
    entities = [entity for ref in reference.candidates if (entity := state.entities.find(ref))]
    if reference.outcome != "ambiguous" or len(entities) != len(reference.candidates):
        return reference
    terms = [term for term in state.constraints.active if term.field in _TELLING]
    within = [entity for entity in entities if all(_meets(entity, term) for term in terms)]
    if len(within) == 1 and terms:
        return _settle(reference, within[0], rule="terms")
    turns = {entity.ref: touched.get(entity.ref, 0) for entity in entities}
    latest = [entity for entity in entities if turns[entity.ref] == max(turns.values())]
    one_product = len({entity.group for entity in entities}) == 1 and bool(entities[0].group)
    if one_product and len(latest) == 1:
        return _settle(reference, latest[0], rule="latest")
    return reference


def _settle(reference: Reference, entity: Entity, *, rule: str) -> Reference:
    return Reference(
        text=reference.text, outcome="resolved", refs=(entity.ref,), rules=(*reference.rules, rule)
    )


def _meets(entity: Entity, term: Constraint) -> bool:
    held = {value.lower() for value in entity.attributes.get(term.field, ())}
    values = list_values(term.value)
    wanted = {str(value).lower() for value in values}
    return bool(held & wanted) if term.op in ("=", "in") else not held & wanted
