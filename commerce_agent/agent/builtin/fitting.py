"""Goods that go with an item: "what ink fits it?", "toner for it?", "a lens for the R50"."""

import re
from collections.abc import Collection

from catalog.products import SearchQuery, VariantRecord
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.builtin.topics import count_goods, end_terms
from commerce_agent.agent.understanding.choosing import seeks_for_it
from commerce_agent.agent.understanding.english.cues import FITS
from commerce_agent.agent.understanding.english.fitting import ANYTHING_FOR
from commerce_agent.agent.understanding.naming_words import CODE
from commerce_agent.agent.wording.fitting import list_fitted, tells_fit
from commerce_agent.tools.applied_terms import list_filters
from commerce_agent.tools.seeking import look_up
from conversations.events.constraints import Constraint
from conversations.events.entities import Entity
from conversations.language.tokens import list_stems

_SHORT_CODE = re.compile(r"(?<![\w/.-])[A-Z]{1,3}\d{1,2}(?![\w/.-])")
"""A model number of few letters: "R50"."""
_MOST_LOOKED_AT = 24
_MOST_GROUPS = 8
"""Goods of which every version is looked at."""


async def find_fitting(scene: Scene, *, query: str) -> str:
    """As in "what ink fits it?", "toner for it?": the model number of what is meant, where goods of the kind sought
    name it.
    """
    refs, state = scene.understanding.resolved, scene.desk.trail.state
    seeks = seeks_for_it(scene.understanding.said, ())
    refs = refs or (scene.desk.trail.focus_before if seeks else ())
    meant = [entity for ref in refs if (entity := state.entities.find(ref))]
    groups = {each.group or each.ref.key for each in meant}
    entity = meant[0] if len(groups) == 1 else None
    if entity is None or not (seeks or FITS.search(scene.understanding.said) or _names_what_for(scene)):
        return ""
    stated = {term.id for term in scene.understanding.reading.stated}
    if by_name := await _find_by_name(scene, entity, query=query):
        return by_name
    if asks_for_anything(scene) and (told := await _find_told(scene, entity)):
        return told
    kinds = tuple(
        t for t in state.constraints.active if t.field == "category" and (t.id in stated or not query)
    )
    if not kinds and not query:
        return ""
    if by_model := await _find_by_model(scene, entity, query=query, kinds=kinds):
        return by_model
    for code in CODE.findall(entity.name) + _SHORT_CODE.findall(entity.name):
        wanted = f"{query} {code}".strip()
        if await count_goods(scene, wanted, kinds=kinds):
            return wanted
    return ""


async def _find_by_name(scene: Scene, entity: Entity, *, query: str) -> str:
    """As in "wax for the waxed jacket": the item's name, where other goods say that they are for it."""
    name = " ".join(dict.fromkeys(entity.name.split()))
    wanted = " ".join(dict.fromkeys(f"{'' if asks_for_anything(scene) else query} {name}".split()))
    shop = scene.desk.shop
    found = await look_up(shop, SearchQuery(text=wanted, limit=_MOST_LOOKED_AT, now=shop.now))
    named = await shop.list_items([hit.sku for hit in found.hits]) if found.all_words else {}
    group = entity.group or entity.ref.key
    if not any(
        (item.group or item.sku) != group and _is_for(item, name=entity.name) for item in named.values()
    ):
        return ""
    # Whatever it was that was talked of, what goes with this is other goods.
    end_terms(scene, keep={term.id for term in scene.understanding.reading.stated})
    return wanted


async def _find_told(scene: Scene, entity: Entity) -> str:
    """As in "anything for the Start 100?", where other goods are told to be compatible with it, among others."""
    shop = scene.desk.shop
    told = scene.words.vocabulary.attributes.items()
    fitted = {
        each for name, values in told if tells_fit(name) for value in values for each in list_fitted(value)
    }
    for model in _list_models(fitted, entity)[:_MOST_GROUPS]:
        found = await look_up(shop, SearchQuery(text=model, limit=_MOST_LOOKED_AT, now=shop.now))
        items = await shop.list_items([hit.sku for hit in found.hits]) if found.all_words else {}
        others = [
            item for item in items.values() if (item.group or item.sku) != (entity.group or entity.ref.key)
        ]
        if any(model in _list_fitted_by(item) for item in others):
            end_terms(scene, keep={term.id for term in scene.understanding.reading.stated})
            return model
    return ""


def _list_models(said: Collection[str], entity: Entity) -> list[str]:
    """What is said to be fitted and is the item, in words of its name; the longest first."""
    name = set(list_stems(entity.name))
    # What it is itself, its maker or what it is made of, says of no goods that they fit it.
    own = {stem for values in entity.attributes.values() for value in values for stem in list_stems(value)}
    models = [
        each
        for each in said
        if len(stems := set(list_stems(each))) > 1 and stems <= name and not stems <= own
    ]
    return sorted(models, key=lambda each: (-len(each), each))


def _list_fitted_by(item: VariantRecord) -> set[str]:
    """What the item's attributes tell that it goes with."""
    return {
        each
        for name, value in item.attributes.items()
        for each in (list_fitted(value) if tells_fit(name) else (value,))
    }


async def _find_by_model(scene: Scene, entity: Entity, *, query: str, kinds: tuple[Constraint, ...]) -> str:
    """As in "a cover that fits it", of a kettle grill: what goods of the kind say they fit, in words of its name."""
    shop = scene.desk.shop
    asked = SearchQuery(text=query, filters=list_filters(kinds), limit=_MOST_LOOKED_AT, now=shop.now)
    items = await shop.list_items([hit.sku for hit in (await look_up(shop, asked)).hits])
    groups = [item.group for item in items.values() if item.group][:_MOST_GROUPS]
    versions = [each for group in groups for each in await shop.list_siblings(group)]
    said = {
        each
        for item in (*items.values(), *versions)
        if (item.group or item.sku) != (entity.group or entity.ref.key)
        for each in _list_fitted_by(item)
    }
    model = next(iter(_list_models(said, entity)), "")
    return " ".join(dict.fromkeys(f"{query} {model}".split())) if model else ""


def _is_for(item: VariantRecord, *, name: str) -> bool:
    """Whether an attribute, the title or the description names the item that it goes with."""
    said_to_fit = re.compile(
        rf"\b(?:for|fits?|suits?|with) (?:(?:the|your|our|all|any) )?{re.escape(name)}", re.IGNORECASE
    )
    told = any(name.lower() in text.lower() for text in item.attributes.values())
    return told or any(said_to_fit.search(text) for text in (item.title, item.description))


def asks_for_anything(scene: Scene) -> bool:
    """As in "what goes with the waxed jacket?": goods of any kind are sought for it."""
    said = scene.understanding.said
    return any(
        ANYTHING_FOR.match(said[: max(said.lower().find(each.text.lower()), 0)])
        for each in scene.understanding.references
        if each.text
    )


def _names_what_for(scene: Scene) -> bool:
    """As in "a lens for the R50": the item that is meant is what the goods are for."""
    return re.search(r"\bfor (?:the|my|an?|your|this|that)\b", scene.understanding.said) is not None
