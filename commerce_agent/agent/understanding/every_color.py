"""One of a product in every colour it comes in: "add one saddle pad of each colour"."""

from typing import Final

import msgspec

from catalog.connectors import ConnectorUnavailable
from catalog.ids import GroupKey
from commerce_agent.agent.understanding.english.taking import EVERY_COLOR
from commerce_agent.agent.understanding.own_items import find_word
from commerce_agent.agent.understanding.understood import Understanding
from commerce_agent.tools.goods import Goods
from commerce_agent.tools.offers import Offer
from commerce_agent.tools.showing import get_ref, to_entity
from commerce_agent.tools.trail import Trail
from conversations.events.entities import EntitiesIntroduced, Reference
from conversations.ids import EntityRef
from conversations.language.sizes import get_normal_size
from conversations.language.tongues import get_tongue

_RULE: Final = "every_color"


async def name_every_color(understanding: Understanding, *, shop: Goods, trail: Trail) -> Understanding:
    """The understanding with one version of each colour in the place of the product that is to be put in so.

    Where the words before may mean several products, which one is asked for as ever.
    """
    said = EVERY_COLOR.search(understanding.said)
    if said is None or not any(move.kind == "add_to_cart" for move in understanding.moves):
        return understanding
    named = _find_named(understanding, before=said.start())
    refs = (*named.refs, *named.candidates) if named else trail.state.entities.focus
    versions = await _list_versions(refs, shop=shop, trail=trail)
    if not versions:
        return understanding
    offers = _pick_each(versions, size=_find_size(understanding, trail=trail))
    trail.record(EntitiesIntroduced(entities=tuple(to_entity(each) for each in offers), source="named"))
    every = Reference(
        text=named.text if named else said.group().strip(),
        outcome="resolved",
        refs=tuple(get_ref(each.item.sku) for each in offers),
        rules=(*(named.rules if named else ()), _RULE),
    )
    references = (
        tuple(every if each is named else each for each in understanding.references)
        if named
        else (*understanding.references, every)
    )
    return msgspec.structs.replace(understanding, references=references, wishes=())


def _find_named(understanding: Understanding, *, before: int) -> Reference | None:
    """What is named last before "of each colour"."""
    said = understanding.said
    placed = [(find_word(each.text, said=said), each) for each in understanding.references if each.text]
    ahead = [(at, each) for at, each in placed if 0 <= at < before and (each.refs or each.candidates)]
    return max(ahead, key=lambda pair: pair[0])[1] if ahead else None


async def _list_versions(refs: tuple[EntityRef, ...], *, shop: Goods, trail: Trail) -> list[Offer]:
    """All versions of the one product that is meant; empty where that is open, or the shop cannot be reached."""
    entities = [entity for ref in refs if (entity := trail.state.entities.find(ref))]
    groups = {entity.group for entity in entities}
    if len(groups) != 1 or "" in groups:
        return []
    try:
        siblings = await shop.list_siblings(GroupKey(groups.pop()))
        return list(await shop.list_offers([sibling.sku for sibling in siblings]))
    except ConnectorUnavailable:
        return []


def _find_size(understanding: Understanding, *, trail: Trail) -> str:
    """The size that was said, or that holds; empty where none does."""
    said = [value for field, value in understanding.wishes if field == "size"]
    held = [str(t.value) for t in trail.state.constraints.active if t.field == "size" and t.op == "="]
    return next(iter((*said, *held)), "")


def _pick_each(versions: list[Offer], *, size: str) -> list[Offer]:
    """One version of each colour: in the size, and one that can be had, where there is such a one."""
    wanted = get_normal_size(size, get_tongue("en")) if size else ""

    def rank(offer: Offer) -> tuple[bool, bool]:
        fits = get_normal_size(offer.item.size, get_tongue("en")) == wanted
        return (bool(wanted) and not fits, not offer.can_be_had)

    chosen: dict[str, Offer] = {}
    for offer in sorted(versions, key=rank):
        chosen.setdefault(offer.item.color, offer)
    return [offer for offer in versions if offer in chosen.values()]
