"""What becomes of the terms of the goods before, once the talk is of others."""

import re

from catalog.products import SearchQuery
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.understanding.english.moves import SAME_GOODS
from commerce_agent.agent.understanding.finding_moves import find_moves
from commerce_agent.tools.applied_terms import list_filters
from commerce_agent.tools.seeking import look_up
from conversations.constraints import is_of_person, outlasts_topic
from conversations.events.constraints import Constraint, ConstraintWithdrawn
from conversations.language.tokens import list_stems, list_tokens

_ALL_HAVE = frozenset({
    "price", "rating", "category", "brand", "color", "size", "material", "pattern", "on_sale", "in_stock", "available",
})  # fmt: skip
"""What is asked of any goods; other terms are about what goods tell of themselves."""
_MOST_LOOKED_AT = 24
_ALSO_HAVE = re.compile(r"\b(?:do|have) you (?:also|got|have|sell|stock|carry)\b", re.IGNORECASE)
"""Asks whether there are goods at all."""


async def follow_topic(scene: Scene, *, query: str) -> str:
    """Ends the terms of the goods before when the message names other goods; answers the words to search for.

    Words that the goods before have too refine the search instead: "with good grip", "ergonomic ones".
    """
    state, reading = scene.desk.trail.state, scene.understanding.reading
    searched = state.entities.searched.query if state.entities.searched else ""
    kinds = tuple(term for term in state.constraints.active if term.field == "category")
    stated = {term.id for term in (*reading.stated, *reading.again)}
    names_kind = any(term.id in stated for term in kinds)
    if names_kind:
        left = searched and (not reading.rest or not await count_goods(scene, searched, kinds=kinds))
        if left or _changes_kind(scene):
            end_terms(scene, keep=stated)
        else:
            await _leave_maker(scene, keep=stated)
        await _leave_foreign(scene, kinds=kinds, keep=stated)
        return await _widen_kind(scene, query, kinds=kinds)
    if not reading.rest or not (kinds or searched):
        return query
    if not kinds and _asks_afresh(scene):
        end_terms(scene, keep=stated)
        return query
    if kinds and _names_kind_in_part(scene, query):
        end_terms(scene, keep=stated)
        return query
    told = set(searched.lower().split()) <= set(query.lower().split())
    both = query if told else " ".join(dict.fromkeys(f"{searched} {query}".split()))
    if await count_goods(scene, both, kinds=kinds):
        await _leave_untold(scene, query=both, kinds=kinds, keep=stated)
        return both
    other_goods = not kinds or not await count_goods(scene, query, kinds=kinds)
    if other_goods and (_names_kind(scene, query) or await count_goods(scene, query, kinds=())):
        end_terms(scene, keep=stated)
    return query


def _names_kind(scene: Scene, query: str) -> bool:
    """As in "vegan protein powder" after gels, where the shop has a section for protein."""
    words = set(list_stems(query))
    held = {
        stem
        for term in scene.desk.trail.state.constraints.active
        if term.field == "category"
        for stem in list_stems(str(term.value))
    }
    names = {name for kind in scene.words.vocabulary.categories for name in (kind.name, *kind.path)}
    return any((stems := set(list_stems(name))) <= words and not stems & held for name in names)


def _names_kind_in_part(scene: Scene, query: str) -> bool:
    """As in "do you also have acrylics?" after brushes, where the shop has a section for acrylic paint."""
    words, said = set(list_stems(query)), scene.understanding.said
    if not words or not _ALSO_HAVE.search(said) or SAME_GOODS.search(said):
        return False
    held = {
        stem
        for term in scene.desk.trail.state.constraints.active
        if term.field == "category"
        for stem in list_stems(str(term.value))
    }
    names = [set(list_stems(kind.name)) for kind in scene.words.vocabulary.categories]
    return any(words <= name for name in names) and not any(words <= name and name & held for name in names)


async def _leave_maker(scene: Scene, *, keep: set[str]) -> None:
    """As in "anything from Acme? … And batteries": goods that the maker before has none of are sought of any maker."""
    active = scene.desk.trail.state.constraints.active
    kinds = tuple(term for term in active if term.field == "category")
    makers = [
        term
        for term in active
        if (term.field, term.op, term.scope) == ("brand", "=", "search") and term.id not in keep
    ]
    for maker in makers:
        if await count_goods(scene, "", kinds=(*kinds, maker)):
            continue
        scene.desk.trail.record(
            ConstraintWithdrawn(id=maker.id, reason="topic_changed", text=scene.understanding.said)
        )
        await scene.say("search.other_makers", brand=str(maker.value))


async def _leave_foreign(scene: Scene, *, kinds: tuple[Constraint, ...], keep: set[str]) -> None:
    """Ends what no goods of the kind that is named now could meet: a cable comes in no size of a screen."""
    for term in scene.desk.trail.state.constraints.active:
        loose = (
            term.id not in keep
            and term.scope == "search"
            and term.field not in ("category", "price", "rating")
        )
        if loose and term.op in ("=", "in") and not await count_goods(scene, "", kinds=(*kinds, term)):
            scene.desk.trail.record(
                ConstraintWithdrawn(id=term.id, reason="topic_changed", text=scene.understanding.said)
            )


async def _leave_untold(scene: Scene, *, query: str, kinds: tuple[Constraint, ...], keep: set[str]) -> None:
    """Ends what none of the goods that are named now tells of at all: a bag for dice has no number of players."""
    loose = [
        term
        for term in scene.desk.trail.state.constraints.active
        if term.id not in keep and term.scope == "search" and term.field not in _ALL_HAVE
    ]
    if not loose:
        return
    shop = scene.desk.shop
    asked = SearchQuery(text=query, filters=list_filters(kinds), limit=_MOST_LOOKED_AT, now=shop.now)
    items = await shop.list_items([hit.sku for hit in (await look_up(shop, asked)).hits])
    told = {name.lower() for item in items.values() for name in (*item.attributes, *item.measures)}
    for term in loose:
        if items and term.field.lower() not in told:
            scene.desk.trail.record(
                ConstraintWithdrawn(id=term.id, reason="topic_changed", text=scene.understanding.said)
            )


def _changes_kind(scene: Scene) -> bool:
    """Whether goods of another kind are named than before: what held of those does not hold of these."""
    replaced = {change.old for change in scene.understanding.reading.superseded}
    ended = [past.constraint for past in scene.desk.trail.state.constraints.history]
    return any(term.id in replaced and term.field == "category" and term.op in ("=", "in") for term in ended)


async def _widen_kind(scene: Scene, query: str, *, kinds: tuple[Constraint, ...]) -> str:
    """As in "trail running shoes" for what the shop files under trail shoes: the words are searched, not the kind."""
    if len(kinds) != 1 or not query or await count_goods(scene, query, kinds=kinds):
        return query
    whole = f"{query} {kinds[0].text or kinds[0].value}"
    if not await count_goods(scene, whole, kinds=()):
        return query
    scene.desk.trail.record(ConstraintWithdrawn(id=kinds[0].id, reason="topic_changed"))
    return whole


def _asks_afresh(scene: Scene) -> bool:
    """Whether the message asks to be shown goods, and not more of these ones."""
    asks = any(move.kind == "search" for move in find_moves(scene.understanding.said))
    return asks and not SAME_GOODS.search(scene.understanding.said)


def end_terms(scene: Scene, *, keep: set[str]) -> None:
    """Ends the terms of the goods before, those to keep and those that hold for any goods left out."""
    active = scene.desk.trail.state.constraints.active
    for term in active:
        lasts = is_of_person(term) or outlasts_topic(term, active=active)
        if term.id not in keep and term.scope == "search" and not lasts:
            scene.desk.trail.record(ConstraintWithdrawn(id=term.id, reason="topic_changed"))


async def leave_goods_before(scene: Scene, *, query: str) -> None:
    """Ends the terms of the goods before when a search names other ones, in words that the shopper used too."""
    kinds = tuple(term for term in scene.desk.trail.state.constraints.active if term.field == "category")
    stated = {term.id for term in scene.understanding.reading.stated}
    if not kinds or any(term.id in stated for term in kinds) or not _is_said(scene, query):
        return
    if not await count_goods(scene, query, kinds=kinds) and await count_goods(scene, query, kinds=()):
        end_terms(scene, keep=stated)


def _is_said(scene: Scene, query: str) -> bool:
    said = {token.stem for token in list_tokens(scene.understanding.said)}
    return bool(query) and any(token.stem in said for token in list_tokens(query))


async def count_goods(scene: Scene, query: str, *, kinds: tuple[Constraint, ...]) -> int:
    """How many products have every word of the query, among these kinds."""
    shop = scene.desk.shop
    found = await look_up(shop, SearchQuery(text=query, filters=list_filters(kinds), limit=1, now=shop.now))
    return found.total if found.all_words else 0
