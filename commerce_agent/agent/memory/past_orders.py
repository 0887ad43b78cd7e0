"""What a shopper bought before, brought in where a message speaks of it and not before."""

from collections.abc import Sequence

import msgspec

from catalog.connectors import ConnectorUnavailable
from catalog.orders import OrderRecord
from commerce_agent.agent.understanding.understand import understand
from commerce_agent.agent.understanding.understood import ShopWords, Understanding
from commerce_agent.tools.goods import Goods
from commerce_agent.tools.showing import get_ref, to_entity
from commerce_agent.tools.trail import Trail
from conversations.entities import apply_entities
from conversations.events.decisions import ToolCalled
from conversations.events.entities import EntitiesIntroduced, Entity
from conversations.ids import EntityRef
from conversations.language.glossing import Gloss
from conversations.state import ConversationState

MOST_ORDERS = 20
"""Older orders than the newest so many are not looked through."""
MOST_ITEMS = 60

Purchases = tuple[tuple[EntityRef, ...], ...]
"""What was bought, order by order, the newest first."""


async def understand_purchases(
    read: Gloss, before: Understanding, *, shop: Goods, trail: Trail, words: ShopWords
) -> tuple[Understanding, Purchases]:
    """The message read anew with what this shopper bought; only what it means becomes known to the conversation.

    Where nobody can say what was bought, what it points at stays unknown, and the rules say why.
    """
    try:
        reading = await shop.list_history()
    except ConnectorUnavailable:
        return _note_why(before, rule="out_of_reach", trail=trail), ()
    if reading is None:
        return _note_why(before, rule="anonymous", trail=trail), ()
    orders = reading.orders[:MOST_ORDERS]
    entities = await _list_entities(orders, shop=shop)
    purchases = tuple(tuple(get_ref(line.sku) for line in order.lines) for order in orders)
    trail.record(ToolCalled(tool="list_orders", arguments="{}", outcome=f"{len(orders)} orders"))
    state = _introduce(entities, state=trail.state)
    again = understand(said=read.said, read=read, state=state, words=words, orders=purchases)
    meant = {ref for each in again.references for ref in (*each.refs, *each.candidates)}
    fresh = tuple(
        entity for entity in entities if entity.ref in meant and not trail.state.entities.find(entity.ref)
    )
    if fresh:
        trail.record(EntitiesIntroduced(entities=fresh, source="order"))
    return again, purchases


def _note_why(understanding: Understanding, *, rule: str, trail: Trail) -> Understanding:
    trail.record(ToolCalled(tool="list_orders", arguments="{}", outcome=rule.replace("_", " ")))
    return msgspec.structs.replace(
        understanding,
        references=tuple(
            msgspec.structs.replace(each, rules=(*each.rules, rule))
            if each.outcome == "unknown" and "order" in each.rules
            else each
            for each in understanding.references
        ),
    )


async def _list_entities(orders: Sequence[OrderRecord], *, shop: Goods) -> tuple[Entity, ...]:
    """What was bought; what the shop has no longer, by its title."""
    titles = {line.sku: line.title for order in orders for line in order.lines}
    skus = list(titles)[:MOST_ITEMS]
    try:
        offers = {offer.item.sku: offer for offer in await shop.list_offers(skus)}
    except ConnectorUnavailable:
        offers = {}
    return tuple(
        to_entity(offers[sku]) if sku in offers else Entity(ref=get_ref(sku), name=titles[sku])
        for sku in skus
    )


def _introduce(entities: tuple[Entity, ...], *, state: ConversationState) -> ConversationState:
    introduced = EntitiesIntroduced(entities=entities, source="order")
    known = apply_entities(state.entities, introduced, turn=state.transcript.turns)
    return msgspec.structs.replace(state, entities=known)
