"""Which of a product's versions costs least or most: "which colour is the cheapest?"."""

from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.tools.look_at_product import Look
from commerce_agent.tools.showing import get_ref, record_offer, to_entity
from conversations.events.entities import EntitiesFocused, EntitiesIntroduced
from conversations.language.order import list_superlatives

_MOST_NAMED = 4


async def tell_first_by_price(scene: Scene, seen: Look) -> bool:
    """Says which of those that can be had it is; False where no order by price is asked for, or all cost the same."""
    orders = [order for order in list_superlatives(scene.said) if order.measure == "price"]
    skus = [sibling.sku for sibling in seen.siblings if sibling.quantity != 0]
    if not orders or len(skus) < 2:
        return False
    offers = await scene.desk.shop.list_offers(skus)
    prices = [offer.price.price for offer in offers]
    end = (min if orders[0].direction == "low" else max)(prices)
    first = [offer for offer in offers if offer.price.price == end]
    if len(first) == len(offers):
        return False
    trail = scene.desk.trail
    trail.record(EntitiesIntroduced(entities=tuple(to_entity(offer) for offer in first)))
    for offer in first:
        trail.cite(record_offer(trail, offer).price)
    names = list(dict.fromkeys(scene.name(offer) for offer in first))[:_MOST_NAMED]
    items, value = scene.join(names), scene.money(first[0].price.price)
    await scene.say("among.first.price", items=items, value=value, count=len(names))
    trail.record(EntitiesFocused(refs=(get_ref(first[0].item.sku),)))
    return True
