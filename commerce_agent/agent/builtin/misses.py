"""What an item that is spoken of misses of the shopper's own terms: nobody is left to find that out at home."""

from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.understanding.looking_up import MISSES
from commerce_agent.tools.offers import Offer
from conversations.events.constraints import Constraint
from conversations.events.entities import Entity
from conversations.language.tokens import list_stems
from conversations.language.vocabulary import NO, YES

_TOLD_OTHERWISE = frozenset({"color", "size"})
"""Navy is blue, and a shoe that is shown in 41 may come in 42."""


async def tell_missed(scene: Scene) -> None:
    """Says which term an item misses that was asked after all the same, and which of those that hold for always."""
    state = scene.desk.trail.state
    told: set[str] = set()
    for reference in scene.understanding.references:
        rule = next((rule for rule in reference.rules if rule.startswith(MISSES)), "")
        term = state.constraints.find(rule.removeprefix(MISSES))
        entity = state.entities.find(reference.refs[0]) if reference.refs else None
        if term and entity:
            told.add(term.id)
            await scene.say("note.misses", item=scene.entity_name(entity), term=scene.term(term))
    for ref in scene.understanding.resolved:
        entity = state.entities.find(ref)
        if entity is None or ref in scene.desk.trail.focus_before:
            continue
        for term in state.constraints.active:
            if term.scope == "always" and term.id not in told and contradicts(entity, term):
                told.add(term.id)
                await scene.say("note.misses", item=scene.entity_name(entity), term=scene.term(term))


async def tell_too_dear(scene: Scene, offer: Offer) -> None:
    """Says that a version which was asked for costs more than the limit that holds: nobody takes it unaware."""
    for term in scene.desk.trail.state.constraints.active:
        limit = term.value if (term.field, term.op) == ("price", "<=") else None
        if isinstance(limit, float | int) and float(offer.price.price.amount) > limit:
            await scene.say("note.misses", item=scene.name(offer), term=scene.term(term))


def contradicts(entity: Entity, term: Constraint) -> bool:
    """Whether what is told of the item says the opposite; what is not told says nothing, and "merino wool" is wool."""
    held = {value.lower() for value in entity.attributes.get(term.field, ())}
    values = term.value if isinstance(term.value, tuple) else (term.value,)
    wanted = {str(value).lower() for value in values}
    if not held or term.field == "category":
        return False
    if term.op in ("!=", "not in"):
        return bool(held & wanted) or (wanted <= NO and bool(held & YES))
    if term.op not in ("=", "in") or term.field in _TOLD_OTHERWISE:
        return False
    told = {stem for value in held for stem in list_stems(value)}
    shared = any(told & set(list_stems(value)) for value in wanted)
    return not shared and not (wanted <= YES and held & YES)
