"""The first of goods by what the shop tells in words: "which is most complex?", "your hottest blend"."""

from collections.abc import Iterable, Sequence

from catalog.products import VariantRecord
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.builtin.topics import follow_topic
from commerce_agent.tools import search_products
from commerce_agent.tools.offers import Offer
from commerce_agent.tools.showing import get_ref, record_offer
from conversations.events.entities import EntitiesFocused, SearchMade
from conversations.language.grades import find_grade, find_graded
from conversations.language.vocabulary import get_kind

MOST_WEIGHED = 200
"""So many goods of a kind are looked at for the one at the end."""
MOST_NAMED = 4


def find_asked(scene: Scene, offers: Sequence[Offer]) -> tuple[str, bool] | None:
    """By what goods that were shown tell in words the message asks for the first of them, and from which end."""
    asked = find_graded(scene.said, _list_told(offer.item for offer in offers), of_few=True)
    return asked[:2] if asked else None


async def tell_first_of(scene: Scene, offers: Sequence[Offer], *, asked: tuple[str, bool]) -> bool:
    """Says which of the offers it is; False where none of them tells."""
    name, most = asked
    first = _list_first([offer.item for offer in offers], name=name, most=most)
    chosen = [offer for offer in offers if offer.item.sku in first]
    if not chosen:
        return False
    for offer in chosen:
        record_offer(scene.desk.trail, offer)
    await _say(scene, chosen, name=name)
    scene.desk.trail.record(EntitiesFocused(refs=tuple(get_ref(offer.item.sku) for offer in chosen)))
    return True


async def seek_first(scene: Scene, *, query: str) -> bool:
    """Of all goods that are within the terms; False where no grade is asked for that these are told by."""
    asked = find_graded(scene.said, _list_values_sought(scene))
    if asked is None:
        return False
    name, most, words = asked
    plain = " ".join(word for word in query.split() if word.lower() not in words)
    plain = await follow_topic(scene, query=plain)
    found, _ = await search_products.rank(
        scene.desk, search_products.Arguments(query=plain), limit=MOST_WEIGHED
    )
    items = await scene.desk.shop.list_items([hit.sku for hit in found.hits])
    first = _list_first(list(items.values()), name=name, most=most)
    if not first or (plain and not found.all_words):
        return False
    others = tuple(hit.sku for hit in found.hits if hit.sku not in first)
    shown = await search_products.run(scene.desk, search_products.Arguments(query=plain, skip=others))
    chosen = [offer for offer in shown.offers if offer.item.sku in first]
    if not chosen:
        return False
    scene.desk.trail.record(SearchMade(query=plain, order="relevance", total=len(chosen)))
    await _say(scene, chosen, name=name)
    return True


def _list_first(items: Sequence[VariantRecord], *, name: str, most: bool) -> set[str]:
    grades = {
        item.sku: grade for item in items if (grade := find_grade(item.attributes.get(name, ""))) is not None
    }
    if not grades:
        return set()
    end = (max if most else min)(grades.values())
    return {sku for sku, grade in grades.items() if grade == end}


def _list_told(items: Iterable[VariantRecord]) -> dict[str, list[str]]:
    told: dict[str, list[str]] = {}
    for item in items:
        for name, value in item.attributes.items():
            told.setdefault(name, []).append(value)
    return told


def _list_values_sought(scene: Scene) -> dict[str, tuple[str, ...]]:
    """What goods of the kinds that are sought are told by; of goods of no known kind all that the shop tells."""
    kinds = {
        get_kind(value).lower()
        for term in scene.desk.trail.state.constraints.list_for("category")
        if term.op in ("=", "in")
        for value in (term.value if isinstance(term.value, tuple) else (str(term.value),))
    }
    vocabulary = scene.words.vocabulary
    told = {
        name
        for category in vocabulary.categories
        if kinds & {category.name.lower(), *(part.lower() for part in category.path)}
        for name in category.attributes
    }
    return {name: values for name, values in vocabulary.attributes.items() if not told or name in told}


async def _say(scene: Scene, chosen: Sequence[Offer], *, name: str) -> None:
    names = list(dict.fromkeys(scene.name(offer) for offer in chosen))
    value = scene.value(chosen[0].item.attributes[name])
    key = "among.graded.many" if len(names) > MOST_NAMED else "among.graded"
    field = scene.field(name.replace("_", " "))
    await scene.say(key, items=scene.join(names[:MOST_NAMED]), name=field, value=value, count=len(names))
