"""What the conversation has put before the shopper, as the choice looks at it."""

from collections.abc import Collection, Sequence

import msgspec

from conversations.entities import Entities
from conversations.ids import EntityRef
from conversations.language.tongue import Tongue
from conversations.references.features import Features, list_features


class Scene(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """The known items in the groups that a phrase may mean."""

    known: tuple[Features, ...]
    focus: tuple[Features, ...]
    latest: tuple[Features, ...]
    """The last list that was shown, in its order."""
    showings: tuple[tuple[Features, ...], ...]
    """All lists, the last one first."""
    before: tuple[Features, ...]
    """The one item that was meant last before those in focus; none where several were."""
    asked: tuple[Features, ...]
    """What the last question asked to choose from."""
    cart: tuple[Features, ...]
    orders: tuple[tuple[Features, ...], ...]
    """What was bought, order by order, the newest first."""


def build_scene(
    entities: Entities, *, cart: Sequence[EntityRef], orders: Sequence[Sequence[EntityRef]], tongue: Tongue
) -> Scene:
    """Answers the scene of the conversation's items."""
    features = list_features([known.entity for known in entities.known.values()], tongue)
    by_key = dict(zip(entities.known, features, strict=True))

    def pick(refs: Sequence[EntityRef]) -> tuple[Features, ...]:
        found = [by_key[ref.key] for ref in refs if ref.key in by_key and by_key[ref.key].ref == ref]
        return tuple(dict.fromkeys(found))

    showings = tuple(pick(showing.refs) for showing in reversed(entities.showings))
    return Scene(
        known=features,
        focus=pick(entities.focus),
        latest=showings[0] if showings else (),
        showings=showings,
        before=pick(_find_before(entities)),
        asked=pick(entities.asked.candidates) if entities.asked else (),
        cart=pick(cart),
        orders=tuple(pick(order) for order in orders),
    )


def _find_before(entities: Entities) -> tuple[EntityRef, ...]:
    others = [known for known in entities.known.values() if known.entity.ref not in entities.focus]
    last = max((known.touched for known in others), default=0)
    touched = tuple(known.entity.ref for known in others if known.touched == last)
    return touched if len(touched) == 1 else ()


def without(scene: Scene, taken: Collection[Features]) -> Scene:
    """Answers the scene with these items gone."""

    def rest(items: Sequence[Features]) -> tuple[Features, ...]:
        return tuple(item for item in items if item not in taken)

    return msgspec.structs.replace(
        scene,
        known=rest(scene.known),
        focus=rest(scene.focus),
        latest=rest(scene.latest),
        before=rest(scene.before),
        showings=tuple(rest(showing) for showing in scene.showings),
        asked=rest(scene.asked),
    )
