"""Which version is asked for, where words for pieces of what was shown fit several versions of one product."""

from collections.abc import Sequence

import msgspec

from commerce_agent.agent.understanding.asked_of_items import Asked
from conversations.events.entities import Entity, Reference
from conversations.ids import EntityRef
from conversations.language.tokens import list_stems
from conversations.language.tongues import get_tongue
from conversations.state import ConversationState

_TONGUE = get_tongue("en")
_GRAMMAR = _TONGUE.grammar
_BY_NUMBER = frozenset({"focus", "latest", "known", "asked", "all"})
"""Rules that choose several because there are several, and by nothing that is said of them."""
_SMALL = frozenset(
    stem
    for word in _TONGUE.stopwords
    | _TONGUE.ordinary
    | _TONGUE.packs
    | _TONGUE.numbers.keys()
    | _GRAMMAR.pointing
    | _GRAMMAR.bags
    | _GRAMMAR.standin_many
    | _GRAMMAR.all_of
    | _GRAMMAR.earlier
    for stem in list_stems(word)
)


def without_guessed_versions(asked: Asked, *, state: ConversationState) -> Asked:
    """As in "two of those please", of one product in two colours: which is asked, and not two of each put in."""
    if asked.wishes or not any(move.kind == "add_to_cart" for move in asked.moves):
        return asked
    references = tuple(
        _leave_miscalled(_leave_open(each, state=state), state=state) for each in asked.references
    )
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


def _leave_miscalled(reference: Reference, *, state: ConversationState) -> Reference:
    """As in "put the wooden ones in", of several that are nowhere called wooden: which is asked."""
    if reference.outcome != "resolved" or len(reference.refs) < 2 or not set(reference.rules) <= _BY_NUMBER:
        return reference
    words = set(list_stems(reference.text)) - _SMALL
    called = {
        stem
        for entity in _list_entities(reference.refs, state=state)
        for text in (entity.name, *(value for values in entity.attributes.values() for value in values))
        for stem in list_stems(text)
    }
    if not words or words & called:
        return reference
    return msgspec.structs.replace(reference, outcome="ambiguous", refs=(), candidates=reference.refs)


def _list_entities(refs: Sequence[EntityRef], *, state: ConversationState) -> list[Entity]:
    return [entity for ref in refs if (entity := state.entities.find(ref))]
