"""Which version is asked for, where words for pieces of what was shown fit several versions of one product."""

from collections.abc import Sequence

import msgspec

from commerce_agent.agent.understanding.asked_of_items import Asked
from conversations.events.entities import Entity, Reference
from conversations.ids import EntityRef
from conversations.state import ConversationState


def without_guessed_versions(asked: Asked, *, state: ConversationState) -> Asked:
    """As in "two of those please", of one product in two colours: which is asked, and not two of each put in."""
    if asked.wishes or not any(move.kind == "add_to_cart" for move in asked.moves):
        return asked
    references = tuple(_leave_open(each, state=state) for each in asked.references)
    return msgspec.structs.replace(asked, references=references)


def _leave_open(reference: Reference, *, state: ConversationState) -> Reference:
    if reference.rules != ("pronoun", "some") or len(reference.refs) < 2:
        return reference
    entities = _list_entities(reference.refs, state=state)
    groups = {entity.group for entity in entities}
    if len(groups) != 1 or "" in groups:
        return reference
    told = [name for name in ("color", "size") if len({e.attributes.get(name, ()) for e in entities}) > 1]
    return msgspec.structs.replace(
        reference, outcome="ambiguous", refs=(), candidates=reference.refs, question=next(iter(told), "")
    )


def _list_entities(refs: Sequence[EntityRef], *, state: ConversationState) -> list[Entity]:
    return [entity for ref in refs if (entity := state.entities.find(ref))]
