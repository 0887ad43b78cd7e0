"""Versions that a message points at and the conversation has not had yet: "the grey one" of a throw that was purple."""

import msgspec

from catalog.connectors import ConnectorUnavailable
from catalog.ids import GroupKey
from catalog.products import VariantRecord
from commerce_agent.agent.understanding.choosing import is_nowhere_else
from commerce_agent.agent.understanding.meant_goods import Phrase, read_phrase
from commerce_agent.agent.understanding.understood import ShopWords, Understanding
from commerce_agent.tools.goods import Goods
from commerce_agent.tools.showing import get_ref, to_entity
from commerce_agent.tools.trail import Trail
from conversations.events.entities import EntitiesIntroduced, Reference
from conversations.ids import EntityRef
from conversations.language.sizes import get_normal_size
from conversations.language.tongues import get_tongue

_OF_VERSIONS = frozenset({"color", "size"})


async def name_versions(
    understanding: Understanding, *, shop: Goods, trail: Trail, words: ShopWords
) -> Understanding:
    """The understanding with what points at a version of the goods at hand resolved to that."""
    if not any(map(_is_open, understanding.references)):
        return understanding
    references: list[Reference] = []
    for reference in understanding.references:
        found = (
            await _find_version(reference, understanding.resolved, shop=shop, trail=trail, words=words)
            if _is_open(reference)
            else None
        )
        references.append(found or reference)
    if tuple(references) == understanding.references:
        return understanding
    # What the other words asked for is said by the version itself.
    return msgspec.structs.replace(understanding, references=tuple(references), wishes=())


def _is_open(reference: Reference) -> bool:
    """As in "the grey one", or "the Moorland in charcoal" of two that go by that name."""
    called = reference.outcome == "ambiguous" and "word" in reference.rules
    return called or (reference.outcome == "unknown" and not is_nowhere_else(reference))


async def _find_version(
    reference: Reference, resolved: tuple[EntityRef, ...], *, shop: Goods, trail: Trail, words: ShopWords
) -> Reference | None:
    reading = read_phrase(Phrase(text=reference.text, definite=True, start=0), trail=trail, words=words)
    wanted = {term.field: str(term.value) for term in reading.stated if term.op == "="}
    if not wanted or not wanted.keys() <= _OF_VERSIONS or len(wanted) < len(reading.stated):
        return None
    if reference.outcome == "ambiguous":
        told = [await _list_fitting(ref, wanted, shop=shop, trail=trail) for ref in reference.candidates]
        told = [each for each in told if each]
        # Where several of them come so, the question which is meant stays.
        found = told[0] if len(told) == 1 else []
        return await _take(reference, found, shop=shop, trail=trail)
    for ref in dict.fromkeys((*resolved, *trail.state.entities.focus)):
        fitting = await _list_fitting(ref, wanted, shop=shop, trail=trail)
        found = [sibling for sibling in fitting if sibling.sku != ref.key]
        if taken := await _take(reference, found, shop=shop, trail=trail):
            return taken
    return None


async def _list_fitting(
    ref: EntityRef, wanted: dict[str, str], *, shop: Goods, trail: Trail
) -> list[VariantRecord]:
    """The versions of an item that are so, in its own size where there is one."""
    entity = trail.state.entities.find(ref)
    if entity is None or not entity.group:
        return []
    siblings = await shop.list_siblings(GroupKey(entity.group))
    fitting = [sibling for sibling in siblings if _fits(sibling, wanted)]
    own = entity.attributes.get("size", ("",))[0]
    kept = [sibling for sibling in fitting if sibling.size == own]
    # Where "in medium" still holds, "the olive one" that comes in small alone is for the shopper to choose.
    bound = "size" not in wanted and any(
        term.field == "size" and term.op == "=" and _fits_size(own, str(term.value))
        for term in trail.state.constraints.active
    )
    return kept if kept or bound else fitting


async def _take(
    reference: Reference, found: list[VariantRecord], *, shop: Goods, trail: Trail
) -> Reference | None:
    if len(found) != 1 or not await _introduce(found[0], shop=shop, trail=trail):
        return None
    return Reference(
        text=reference.text, outcome="resolved", refs=(get_ref(found[0].sku),), rules=("version",)
    )


def _fits(sibling: VariantRecord, wanted: dict[str, str]) -> bool:
    color, size = wanted.get("color", "").lower(), wanted.get("size", "")
    return (not size or _fits_size(sibling.size, size)) and (
        not color or color in " ".join((sibling.color, *sibling.colors)).lower()
    )


def _fits_size(one: str, other: str, /) -> bool:
    tongue = get_tongue("en")
    return get_normal_size(one, tongue) == get_normal_size(other, tongue)


async def _introduce(version: VariantRecord, *, shop: Goods, trail: Trail) -> bool:
    try:
        offers = await shop.list_offers([version.sku])
    except ConnectorUnavailable:
        return False
    trail.record(EntitiesIntroduced(entities=tuple(to_entity(offer) for offer in offers), source="named"))
    return bool(offers)
