"""What one may think of an item: how shoppers rate it, and what it is beside the others that were shown."""

import re
from typing import Final

from commerce_agent.agent.builtin import comparing
from commerce_agent.agent.builtin.items import look, say_reduced, say_stale, tell_text
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.understanding.moves import Move
from commerce_agent.tools.offers import Offer
from commerce_agent.tools.showing import record_offer
from conversations.ids import EntityRef

LEAST_LIKED = 4.3
"""A mark out of five from which on goods are called well liked."""
LEAST_FAIR = 3.8
"""One below which one may well hesitate."""
_OF_GAP: Final = re.compile(r"\b(?:extra|difference|more)\b", re.IGNORECASE)


async def tell_opinion(scene: Scene, move: Move, refs: tuple[EntityRef, ...]) -> None:
    """As in "is it worth it?": what speaks for the item and what against it, as far as the shop knows."""
    if len(refs) > 1:
        weigh = comparing.compare if _OF_GAP.search(scene.understanding.said) else comparing.recommend
        await weigh(scene, move, refs)
        return
    offer = (await look(scene, refs[0])).offer
    if not offer.can_be_had:
        await scene.say("opinion.gone", item=scene.name(offer))
    await _say_mark(scene, offer)
    if offer.price.list_price > offer.price.price:
        await say_reduced(scene, offer)
    await _say_beside(scene, offer, others=await _list_beside(scene, offer))
    await say_stale(scene, offer.price, offer.stock, offer.words)


async def _say_mark(scene: Scene, offer: Offer) -> None:
    item, price = scene.name(offer), scene.money(offer.price.price)
    if offer.item.rating is None or not offer.item.rating_count:
        await scene.say("opinion.unrated", item=item, price=price)
        await tell_text(scene, offer)
        return
    liked = offer.item.rating >= LEAST_LIKED
    key = "liked" if liked else "fair" if offer.item.rating >= LEAST_FAIR else "doubted"
    rating, count = scene.number(offer.item.rating), offer.item.rating_count
    await scene.say(f"opinion.{key}", item=item, price=price, rating=rating, count=count)


async def _list_beside(scene: Scene, offer: Offer) -> list[Offer]:
    """Other goods of its kind that were shown with it last and can be had."""
    showings = scene.desk.trail.state.entities.showings
    refs = next(
        (each.refs for each in reversed(showings) if any(r.key == offer.item.sku for r in each.refs)), ()
    )
    return [
        other
        for other in await scene.desk.shop.list_offers([ref.key for ref in refs])
        if other.item.group != offer.item.group
        and other.item.category == offer.item.category
        and other.can_be_had
    ]


async def _say_beside(scene: Scene, offer: Offer, *, others: list[Offer]) -> None:
    """Of those beside it the one that is better rated, else the one that costs less."""
    mark, price = offer.item.rating or 0.0, offer.price.price
    better = max(others, key=lambda other: other.item.rating or 0.0, default=None)
    if better is not None and mark and (better.item.rating or 0.0) > mark:
        record_offer(scene.desk.trail, better)
        await scene.say(
            "opinion.better",
            item=scene.name(better),
            rating=scene.number(better.item.rating or 0.0),
            price=scene.money(better.price.price),
        )
        return
    cheapest = min(others, key=lambda other: other.price.price, default=None)
    if cheapest is not None and cheapest.price.price < price:
        record_offer(scene.desk.trail, cheapest)
        await scene.say("opinion.cheaper", item=scene.name(cheapest), price=scene.money(cheapest.price.price))
