"""The order in which results come, and what is said of the one that stands out among them."""

import re

from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.understanding.english.cues import MODEST
from commerce_agent.agent.wording.terms import say_measure
from commerce_agent.tools.offers import Offer
from commerce_agent.tools.showing import get_ref
from conversations.events.entities import EntitiesFocused
from conversations.language.order import Order, list_superlatives
from conversations.language.shop_language import list_measures_of

_ASKS_ONE = re.compile(
    r"\b(?:which|what(?:'?s| is))\b(?! (?:\w+ )?are\b)[^.!]*\?|^\W*(?:which|what(?:'?s| is)) (?:is )?the\b"
)
"""Asks for one of the goods."""


def find_order(scene: Scene) -> str:
    """The order that the message asks for, as a search takes it: "the lightest tent" is by weight, from below."""
    for term in scene.understanding.reading.stated:
        if isinstance(term.value, float | int) and term.field in scene.units and term.op in ("<=", ">="):
            return "relevance"
    for order in list_superlatives(scene.said):
        field = _find_field(scene, order)
        if field:
            return field if order.direction == "low" else f"-{field}"
    if MODEST.search(scene.said) or "price" in scene.understanding.reading.unmeasured:
        return "price"
    return "relevance"


def _find_field(scene: Scene, order: Order) -> str:
    """What the shop calls the measure; empty where none of its goods has it."""
    if order.measure in ("price", "rating"):
        return order.measure
    return next((name for name in scene.units if order.measure in list_measures_of(name)), "")


async def say_highlight(scene: Scene, offers: tuple[Offer, ...], *, measure: str) -> None:
    """Says which of the results stands out: by what was asked for, else by its rating and its price."""
    if not await _say_asked(scene, offers) and not await _say_extreme(scene, offers, measure=measure):
        await _say_best(scene, offers)


async def _say_asked(scene: Scene, offers: tuple[Offer, ...]) -> bool:
    """Says which is the cheapest, dearest, lightest or most of something, where that was asked for."""
    asked = next(iter(list_superlatives(scene.said)), None)
    field = _find_field(scene, asked) if asked else ""
    if asked is None or field in ("", "rating"):
        rated = [offer for offer in offers if offer.item.rating is not None] if field else []
        if rated:
            _focus_on_asked(scene, max(rated, key=lambda offer: (offer.item.rating, offer.item.rating_count)))
        return False
    if field != "price":
        return await _say_furthest(scene, offers, measure=field, least=asked.direction == "low")
    least = asked.direction == "low"
    first = (min if least else max)(offers, key=lambda offer: offer.price.price)
    key = "search.highlight.price" if least else "search.highlight.dearest"
    name = scene.short_name(first)
    await scene.say(key, cheapest=name, item=name, price=scene.money(first.price.price))
    _focus_on_asked(scene, first)
    return True


def _focus_on_asked(scene: Scene, offer: Offer) -> None:
    """As in "which is the lightest tent?": the one that is told is what the next "it" means."""
    if _ASKS_ONE.search(scene.said):
        scene.desk.trail.record(EntitiesFocused(refs=(get_ref(offer.item.sku),)))


async def _say_extreme(scene: Scene, offers: tuple[Offer, ...], *, measure: str) -> bool:
    """Says which goes furthest the way that the shopper's limit points, where they differ in it."""
    bounds = {
        term.op
        for term in scene.understanding.reading.stated
        if term.field == measure and term.op in (">=", "<=")
    }
    if len(bounds) != 1 or not scene.units.get(measure):
        return False
    return await _say_furthest(scene, offers, measure=measure, least="<=" in bounds)


async def _say_furthest(scene: Scene, offers: tuple[Offer, ...], *, measure: str, least: bool) -> bool:
    measured = [offer for offer in offers if measure in offer.item.measures]
    if len({offer.item.measures[measure] for offer in measured}) < 2:
        return False
    first = (min if least else max)(measured, key=lambda offer: offer.item.measures[measure])
    key = "search.highlight.least" if least else "search.highlight.most"
    if list_superlatives(scene.said):
        _focus_on_asked(scene, first)
    await scene.say(
        f"{key}.weight" if "weight" in list_measures_of(measure) else key,
        item=scene.short_name(first),
        name=scene.field(measure),
        # As the shop writes it: 34 in, where the measure is kept in centimetres.
        value=scene.value(first.item.attributes[measure])
        if measure in first.item.attributes
        else say_measure(first.item.measures[measure], unit=scene.units.get(measure, ""), book=scene.book),
    )
    return True


async def _say_best(scene: Scene, offers: tuple[Offer, ...]) -> None:
    cheapest = min(offers, key=lambda offer: offer.price.price)
    price = scene.money(cheapest.price.price)
    rated = [offer for offer in offers if offer.item.rating is not None]
    if not rated:
        await scene.say("search.highlight.price", cheapest=scene.short_name(cheapest), price=price)
        return
    best = max(rated, key=lambda offer: (offer.item.rating or 0.0, offer.item.rating_count))
    rating = scene.number(best.item.rating or 0.0)
    if best.item.sku == cheapest.item.sku:
        await scene.say("search.highlight.both", best=scene.short_name(best), rating=rating, price=price)
    else:
        await scene.say(
            "search.highlight.rating_price",
            best=scene.short_name(best),
            rating=rating,
            cheapest=scene.short_name(cheapest),
            price=price,
        )
