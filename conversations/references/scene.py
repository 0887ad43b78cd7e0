"""What the conversation has put before the shopper, as the choice looks at it."""

from collections.abc import Collection, Sequence
from functools import cached_property
from operator import attrgetter

from conversations.entities import Entities
from conversations.ids import EntityRef
from conversations.language.tongue import Tongue
from conversations.references.features import Features, list_features

_get_entity = attrgetter("entity")


class Scene:
    """The known items in the groups that a phrase may mean; a group is put together when a phrase asks for it."""

    def __init__(
        self,
        entities: Entities,
        *,
        features: dict[str, Features],
        cart: Sequence[EntityRef],
        orders: Sequence[Sequence[EntityRef]],
        taken: Collection[Features] = (),
    ) -> None:
        """`features` are those of the known items, by their keys; what is `taken` is in no list of what was shown."""
        self._entities = entities
        self._features = features
        self._cart, self._orders = cart, orders
        self._taken = taken

    def without(self, taken: Collection[Features]) -> "Scene":
        """The scene with these items gone."""
        gone = {*self._taken, *taken}
        return Scene(
            self._entities, features=self._features, cart=self._cart, orders=self._orders, taken=gone
        )

    @cached_property
    def known(self) -> tuple[Features, ...]:
        """All items."""
        return self._rest(tuple(self._features.values()))

    @cached_property
    def focus(self) -> tuple[Features, ...]:
        """What "it" or "them" means."""
        return self._rest(self._pick(self._entities.focus))

    @cached_property
    def latest(self) -> tuple[Features, ...]:
        """The last list that was shown, in its order."""
        shown = self._entities.showings
        return self._rest(self._pick(shown[-1].refs)) if shown else ()

    @cached_property
    def showings(self) -> tuple[tuple[Features, ...], ...]:
        """All lists, the last one first."""
        earlier = [self._rest(self._pick(showing.refs)) for showing in self._entities.showings[-2::-1]]
        return (self.latest, *earlier) if self._entities.showings else ()

    @cached_property
    def before(self) -> tuple[Features, ...]:
        """The one item that was meant last before those in focus; none where several were."""
        return self._rest(self._pick(_find_before(self._entities)))

    @cached_property
    def before_of_others(self) -> tuple[Features, ...]:
        """The one item of another kind that was meant last before the one in focus; none where several were."""
        return self._rest(self._pick(_find_before(self._entities, apart=True)))

    def list_meant_since(self, items: Sequence[Features]) -> tuple[Features, ...]:
        """Those of them that were meant by something said, or shown alone, after they were last shown among others."""
        lists = [showing for showing in self._entities.showings if len(showing.refs) > 1]
        shown = {ref.key: showing.turn for showing in lists for ref in showing.refs}
        known = self._entities.known
        return tuple(
            item
            for item in items
            if (since := known.get(item.ref.key)) and since.touched > shown.get(item.ref.key, since.touched)
        )

    @cached_property
    def asked(self) -> tuple[Features, ...]:
        """What the last question asked to choose from."""
        asked = self._entities.asked
        return self._rest(self._pick(asked.candidates)) if asked else ()

    @cached_property
    def cart(self) -> tuple[Features, ...]:
        """What is in the cart."""
        return self._pick(self._cart)

    @cached_property
    def orders(self) -> tuple[tuple[Features, ...], ...]:
        """What was bought, order by order, the newest first."""
        return tuple([self._pick(order) for order in self._orders])

    def _pick(self, refs: Sequence[EntityRef]) -> tuple[Features, ...]:
        find = self._features.get
        found = [one for ref in refs if (one := find(ref.key)) is not None and one.ref == ref]
        return tuple(dict.fromkeys(found))

    def _rest(self, items: tuple[Features, ...]) -> tuple[Features, ...]:
        taken = self._taken
        return tuple([item for item in items if item not in taken]) if taken else items


def build_scene(
    entities: Entities, *, cart: Sequence[EntityRef], orders: Sequence[Sequence[EntityRef]], tongue: Tongue
) -> Scene:
    """Answers the scene of the conversation's items."""
    features = list_features(list(map(_get_entity, entities.known.values())), tongue)
    by_key = dict(zip(entities.known, features, strict=True))
    return Scene(entities, features=by_key, cart=cart, orders=orders)


def _find_before(entities: Entities, *, apart: bool = False) -> tuple[EntityRef, ...]:
    others = [known for known in entities.known.values() if known.entity.ref not in entities.focus]
    if apart:
        focus = entities.find(entities.focus[0]) if len(entities.focus) == 1 else None
        kind = focus.attributes.get("category") if focus else None
        others = [known for known in others if kind and known.entity.attributes.get("category") != kind]
    last = max((known.touched for known in others), default=0)
    touched = tuple(known.entity.ref for known in others if known.touched == last)
    return touched if len(touched) == 1 else ()
