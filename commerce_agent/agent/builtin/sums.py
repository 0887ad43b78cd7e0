"""What prices come to together, and what lies between them."""

from collections.abc import Sequence

from moneyed import Money

from catalog.ids import Sku
from catalog.pricing import CartItem
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.understanding.moves import Move
from commerce_agent.tools import look_at_product
from commerce_agent.tools.offers import Offer
from commerce_agent.tools.showing import get_ref, record_offer, to_entity
from conversations.events.entities import EntitiesIntroduced
from conversations.ids import EntityRef

MOST_SUMMED = 6
_TWO = 2


async def tell_sum(scene: Scene, move: Move, refs: tuple[EntityRef, ...]) -> None:
    """Says what the items cost together, or so many of one of them."""
    if move.topic and not move.topic.isdecimal():
        await _tell_with_cart(scene, await _read(scene, refs))
        return
    offers = await _read(scene, refs or _list_shown(scene))
    if not offers:
        await scene.say("ask.item")
    elif move.topic and len(offers) != int(move.topic):
        await _tell_several(scene, offers, count=int(move.topic))
    elif len(offers) == 1:
        price = scene.money(offers[0].price.price)
        await scene.say("price.lead", item=scene.version_name(offers[0]), price=price)
    else:
        await _tell_together(scene, offers)


async def _tell_with_cart(scene: Scene, offers: Sequence[Offer]) -> None:
    """As in "how much would everything be with that one?": the cart as it would be priced, of which nothing changes."""
    cart = scene.desk.trail.state.cart
    if not offers or not cart.lines:
        await tell_sum(scene, Move(kind="price_sum"), tuple(get_ref(offer.item.sku) for offer in offers))
        return
    counts = {line.ref.key: line.quantity for line in cart.lines}
    for offer in offers:
        counts[offer.item.sku] = counts.get(offer.item.sku, 0) + 1
    items = tuple(CartItem(sku=Sku(sku), quantity=count) for sku, count in counts.items())
    total = (await scene.desk.shop.price_lines(items, codes=cart.codes)).total
    scene.voice.allow_sum(total.amount)
    names = [scene.version_name(offer) for offer in offers]
    await scene.say("sum.with_cart", items=scene.join(names), total=scene.money(total))


async def _tell_several(scene: Scene, offers: Sequence[Offer], *, count: int) -> None:
    """As in "what would two cost?": of each of the items that may be meant."""
    for offer in offers:
        total = offer.price.price * count
        scene.voice.allow_sum(total.amount)
        await scene.say(
            "sum.several",
            count=count,
            item=scene.version_name(offer),
            price=scene.money(offer.price.price),
            total=scene.money(total),
        )
        left = offer.stock.quantity
        if left is not None and left < count:
            await scene.say("refused.too_many", count=left, item=scene.version_name(offer))


async def _tell_together(scene: Scene, offers: Sequence[Offer]) -> None:
    total = sum((offer.price.price for offer in offers[1:]), offers[0].price.price)
    scene.voice.allow_sum(total.amount)
    items = [
        scene.book.put("sum.item", item=scene.version_name(offer), price=scene.money(offer.price.price))
        for offer in offers
    ]
    await scene.say("sum.together", items=scene.join(items), total=scene.money(total))


async def tell_gap(scene: Scene, move: Move, refs: tuple[EntityRef, ...]) -> None:  # noqa: ARG001
    """Says how far the prices of the items lie apart."""
    offers = await _read(scene, await _list_compared(scene, refs))
    if len(refs) == 1:
        offers = _hold_against_one(scene, refs[0], offers)
    if len(offers) < 2:
        await scene.say("compare.few")
        return
    cheapest, dearest = (pick(offers, key=lambda offer: offer.price.price) for pick in (min, max))
    price = scene.money(cheapest.price.price)
    if cheapest.price.price == dearest.price.price:
        names = [_name(scene, each, offers) for each in offers]
        await scene.say("gap.none", items=scene.join(names), price=price)
        return
    gap: Money = dearest.price.price - cheapest.price.price
    scene.voice.allow_sum(gap.amount)
    await scene.say(
        "gap",
        cheapest=_name(scene, cheapest, offers),
        dearest=_name(scene, dearest, offers),
        gap=scene.money(gap),
        low=price,
        high=scene.money(dearest.price.price),
    )


async def _list_compared(scene: Scene, refs: tuple[EntityRef, ...]) -> tuple[EntityRef, ...]:
    """The items that are held against each other: those named, else the one named and the one at hand, its other
    size, or what was shown with it.
    """
    if len(refs) > 1:
        return refs
    at_hand = scene.desk.trail.focus_before
    if len(refs) == 1 and len(at_hand) == 1 and at_hand != refs:
        return (*at_hand, *refs)
    last = _list_shown(scene)
    if len(last) > 1:
        return tuple(dict.fromkeys((*refs, *last)))
    one = refs or at_hand
    return await _list_sizes(scene, one[0]) if one else ()


def _hold_against_one(scene: Scene, ref: EntityRef, offers: list[Offer]) -> list[Offer]:
    """As in "how much more is the second?" of many: the one beside it in the row, else the cheapest of the others."""
    named = next((at for at, offer in enumerate(offers) if get_ref(offer.item.sku) == ref), None)
    if named is None or len(offers) <= _TWO:
        return offers
    row = [offer for offer in offers if get_ref(offer.item.sku) in _list_shown(scene)]
    row.sort(key=lambda offer: _list_shown(scene).index(get_ref(offer.item.sku)))
    placed = any("position" in each.rules for each in scene.understanding.references)
    if placed and offers[named] in row:
        at = row.index(offers[named])
        return [row[at - 1 if at else 1], offers[named]]
    return [offers[named], min((o for o in offers if o is not offers[named]), key=lambda o: o.price.price)]


async def _list_sizes(scene: Scene, ref: EntityRef) -> tuple[EntityRef, ...]:
    """As in "how much more is the big one?" of a shampoo in two sizes."""
    seen = await look_at_product.run(scene.desk, look_at_product.Arguments(sku=ref.key))
    color = seen.offer.item.color
    return tuple(get_ref(sibling.sku) for sibling in seen.siblings if sibling.color == color)


def _list_shown(scene: Scene) -> tuple[EntityRef, ...]:
    """What is in hand where that is several, else what was shown last."""
    entities = scene.desk.trail.state.entities
    if len(entities.focus) > 1:
        return entities.focus
    return entities.showings[-1].refs if entities.showings else entities.focus


async def _read(scene: Scene, refs: Sequence[EntityRef]) -> list[Offer]:
    offers = await scene.desk.shop.list_offers([ref.key for ref in refs[:MOST_SUMMED]])
    scene.desk.trail.record(EntitiesIntroduced(entities=tuple(to_entity(offer) for offer in offers)))
    for offer in offers:
        record_offer(scene.desk.trail, offer)
    return list(offers)


def _name(scene: Scene, offer: Offer, offers: Sequence[Offer]) -> str:
    """With its size where another one goes by the same name."""
    name = scene.name(offer)
    return scene.version_name(offer) if sum(scene.name(other) == name for other in offers) > 1 else name
