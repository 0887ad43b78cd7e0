"""Versions that a message points at and the conversation has not had yet: "the grey one" of a throw that was purple."""

import re

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
from conversations.state import ConversationState

_OF_VERSIONS = frozenset({"color", "size"})
_BY_VALUE = frozenset({"color", "value", "other", "latest", "known", "equals", "alike"})
"""Rules of what is pointed at by its looks alone, among all that was shown."""


async def name_versions(
    understanding: Understanding, *, shop: Goods, trail: Trail, words: ShopWords
) -> Understanding:
    """The understanding with what points at a version of the goods at hand resolved to that."""
    state = trail.state
    references: list[Reference] = []
    for reference in understanding.references:
        found = None
        if _may_be_version(reference, state=state):
            pointing = msgspec.structs.replace(reference, outcome="unknown", refs=(), candidates=())
            found = await _find_version(pointing, (), shop=shop, trail=trail, words=words)
        elif _is_open(reference):
            found = await _find_version(
                reference, understanding.resolved, shop=shop, trail=trail, words=words
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


def _may_be_version(reference: Reference, *, state: ConversationState) -> bool:
    """As in "the black one then", of a list with other black goods, right after the olive one of what was asked for is
    sold out: that comes in black, too.
    """
    entities = state.entities
    own = entities.known.get(entities.focus[0].key) if len(entities.focus) == 1 else None
    lists = [showing for showing in entities.showings if len(showing.refs) > 1][-1:]
    if own is None or not own.entity.group or any(own.entity.ref in shown.refs for shown in lists):
        return False
    meant = {*reference.refs, *reference.candidates}
    by_value = bool(reference.rules) and set(reference.rules) <= _BY_VALUE
    return by_value and bool(meant - {own.entity.ref}) and all(own.touched > shown.turn for shown in lists)


async def _find_version(
    reference: Reference, resolved: tuple[EntityRef, ...], *, shop: Goods, trail: Trail, words: ShopWords
) -> Reference | None:
    reading = read_phrase(Phrase(text=reference.text, definite=True, start=0), trail=trail, words=words)
    wanted = {term.field: str(term.value) for term in reading.stated if term.op == "="}
    if "other" in reference.rules and not reading.stated:
        return await _find_other(reference, shop=shop, trail=trail)
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


async def _find_other(reference: Reference, *, shop: Goods, trail: Trail) -> Reference | None:
    """As in "the other one then", where the last reply told in which one other colour or size the item comes."""
    entity, tail = trail.state.entities.find(trail.state.entities.focus[0]), trail.state.transcript.tail
    siblings = await shop.list_siblings(GroupKey(entity.group)) if entity and tail else []
    own = next((sibling for sibling in siblings if entity and sibling.sku == entity.ref.key), None)
    if own is None:
        return None
    told = [
        each
        for each in siblings
        if len(differing := {each.color, each.size} - {own.color, own.size}) == 1
        and all(re.search(rf"\b{re.escape(value)}\b", tail[-1].replied, re.IGNORECASE) for value in differing)
    ]
    return await _take(reference, told, shop=shop, trail=trail)


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
