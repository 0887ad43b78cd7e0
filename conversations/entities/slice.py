from typing import assert_never

import msgspec

from conversations.events.entities import (
    EntitiesFocused,
    EntitiesIntroduced,
    EntitiesMentioned,
    EntitiesShown,
    Entity,
    Reference,
    ReferenceResolved,
    SearchMade,
)
from conversations.ids import EntityRef

HOT_ENTITIES = 40
"""So many items are kept at hand: those in use and those that came up last. A turn's cost does not grow past it."""
HOT_SHOWINGS = 6
"""Lists kept besides the very first one, which "the first you showed me" may mean for ever."""

EntityEvent = (
    EntitiesShown | EntitiesIntroduced | ReferenceResolved | EntitiesMentioned | EntitiesFocused | SearchMade
)


class Known(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """An item and when it last came up."""

    entity: Entity
    introduced: int
    """The turn in which it was first shown or named."""
    touched: int
    """The turn in which it was last shown, named or meant."""


class Showing(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A list that was put before the shopper."""

    turn: int
    refs: tuple[EntityRef, ...]


class Entities(msgspec.Struct, frozen=True, kw_only=True):
    """Every item the conversation knows, by its key, and what is in focus."""

    known: dict[str, Known] = {}
    showings: tuple[Showing, ...] = ()
    """Oldest first."""
    focus: tuple[EntityRef, ...] = ()
    """What "it" or "them" means."""
    asked: Reference | None = None
    """The ambiguous reference that the last turn asked about; its answer picks among the candidates."""
    asked_in: int = 0
    """The turn that asked it; a question that the next message passed over is no longer open."""
    searched: SearchMade | None = None
    """The search that the shopper is refining."""
    page: tuple[EntityRef, ...] = ()
    """What the shop's page last said to show and to hold, as far as the shop has it."""
    alternative: EntityRef | None = None
    """What was named last in place of an item that cannot be had."""
    archived: int = 0
    """Items that came up too long ago to be kept at hand; the journal has them."""

    def find(self, ref: EntityRef) -> Entity | None:
        """The item, if the conversation knows it."""
        known = self.known.get(ref.key)
        return known.entity if known and known.entity.ref == ref else None


def apply_entities(entities: Entities, event: EntityEvent, *, turn: int) -> Entities:
    """Answers the slice after the event."""
    match event:
        case EntitiesShown():
            shown = Showing(turn=turn, refs=tuple(entity.ref for entity in event.entities))
            known = _met(entities.known, event.entities, turn=turn)
            return msgspec.structs.replace(entities, known=known, showings=(*entities.showings, shown))
        case EntitiesIntroduced():
            page = tuple(entity.ref for entity in event.entities) if event.source == "page" else entities.page
            named = event.entities[-1].ref if event.entities and event.source == "alternative" else None
            return msgspec.structs.replace(
                entities,
                known=_met(entities.known, event.entities, turn=turn),
                page=page,
                alternative=named or entities.alternative,
            )
        case ReferenceResolved():
            asked = event.reference if event.reference.outcome == "ambiguous" else None
            return msgspec.structs.replace(
                entities,
                asked=asked,
                asked_in=turn,
                known=_touched(entities.known, event.reference.refs, turn=turn),
            )
        case EntitiesMentioned():
            known = _touched(entities.known, event.refs, turn=turn)
            return msgspec.structs.replace(entities, known=known)
        case EntitiesFocused():
            return msgspec.structs.replace(
                entities, focus=event.refs, known=_touched(entities.known, event.refs, turn=turn)
            )
        case SearchMade():
            return msgspec.structs.replace(entities, searched=event)
        case _:
            assert_never(event)


def _met(known: dict[str, Known], entities: tuple[Entity, ...], *, turn: int) -> dict[str, Known]:
    met = dict(known)
    for entity in entities:
        before = known.get(entity.ref.key)
        first = before.introduced if before else turn
        last = max(before.touched, turn) if before else turn
        met[entity.ref.key] = Known(entity=entity, introduced=first, touched=last)
    return met


def _touched(known: dict[str, Known], refs: tuple[EntityRef, ...], *, turn: int) -> dict[str, Known]:
    earlier = {ref.key: before for ref in refs if (before := known.get(ref.key)) and before.touched < turn}
    if not earlier:
        return known
    touched = {key: msgspec.structs.replace(before, touched=turn) for key, before in earlier.items()}
    return {**known, **touched}


def cool_entities(entities: Entities, *, held: frozenset[str]) -> Entities:
    """Leaves what is not at hand any more to the journal; `held` names items that stay whatever their age."""
    showings = entities.showings
    if len(showings) > HOT_SHOWINGS + 1:
        showings = (showings[0], *showings[-HOT_SHOWINGS:])
    if len(entities.known) <= HOT_ENTITIES:
        return msgspec.structs.replace(entities, showings=showings)
    asked = entities.asked.candidates if entities.asked else ()
    last = showings[-1].refs if showings else ()
    in_use = held | {ref.key for ref in (*entities.focus, *asked, *last)}
    others = {key: known.touched for key, known in entities.known.items() if key not in in_use}
    by_age = sorted(others, key=others.__getitem__, reverse=True)
    room = max(HOT_ENTITIES, len(in_use)) - (len(entities.known) - len(others))
    kept = in_use.union(by_age[:room])
    known = {key: value for key, value in entities.known.items() if key in kept}
    archived = entities.archived + len(entities.known) - len(known)
    return msgspec.structs.replace(entities, known=known, showings=showings, archived=archived)
