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
    unknown = [
        each for each in understanding.references if each.outcome == "unknown" and not is_nowhere_else(each)
    ]
    if not unknown:
        return understanding
    references: list[Reference] = []
    for reference in understanding.references:
        found = (
            await _find_version(reference, understanding.resolved, shop=shop, trail=trail, words=words)
            if reference in unknown
            else None
        )
        references.append(found or reference)
    if tuple(references) == understanding.references:
        return understanding
    # What the other words asked for is said by the version itself.
    return msgspec.structs.replace(understanding, references=tuple(references), wishes=())


async def _find_version(
    reference: Reference, resolved: tuple[EntityRef, ...], *, shop: Goods, trail: Trail, words: ShopWords
) -> Reference | None:
    reading = read_phrase(Phrase(text=reference.text, definite=True, start=0), trail=trail, words=words)
    wanted = {term.field: str(term.value) for term in reading.stated if term.op == "="}
    if not wanted or not wanted.keys() <= _OF_VERSIONS or len(wanted) < len(reading.stated):
        return None
    for ref in dict.fromkeys((*resolved, *trail.state.entities.focus)):
        entity = trail.state.entities.find(ref)
        if entity is None or not entity.group:
            continue
        siblings = await shop.list_siblings(GroupKey(entity.group))
        fitting = [sibling for sibling in siblings if sibling.sku != ref.key and _fits(sibling, wanted)]
        own = entity.attributes.get("size", ("",))[0]
        fitting = [sibling for sibling in fitting if sibling.size == own] or fitting
        if len(fitting) == 1 and await _introduce(fitting[0], shop=shop, trail=trail):
            return Reference(
                text=reference.text, outcome="resolved", refs=(get_ref(fitting[0].sku),), rules=("version",)
            )
    return None


def _fits(sibling: VariantRecord, wanted: dict[str, str]) -> bool:
    tongue = get_tongue("en")
    color, size = wanted.get("color", "").lower(), wanted.get("size", "")
    sized = not size or get_normal_size(sibling.size, tongue) == get_normal_size(size, tongue)
    return sized and (not color or color in " ".join((sibling.color, *sibling.colors)).lower())


async def _introduce(version: VariantRecord, *, shop: Goods, trail: Trail) -> bool:
    try:
        offers = await shop.list_offers([version.sku])
    except ConnectorUnavailable:
        return False
    trail.record(EntitiesIntroduced(entities=tuple(to_entity(offer) for offer in offers), source="named"))
    return bool(offers)
