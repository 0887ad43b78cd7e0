"""The order in which results come, and what is said of the one that stands out among them."""

import re

from commerce_agent.agent.builtin.comparing import say_stated
from commerce_agent.agent.builtin.degrees import find_degree
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.understanding.english.cues import MODEST
from commerce_agent.agent.understanding.english.fitting import BEST_FOR
from commerce_agent.agent.understanding.english.moves import SAME_GOODS
from commerce_agent.tools.offers import Offer
from commerce_agent.tools.showing import get_ref
from conversations.events.entities import EntitiesFocused
from conversations.language.order import find_named_order, list_comparatives, list_superlatives
from conversations.language.shop_language import list_measures_of
from conversations.language.standing_for import find_purpose, find_stated
from conversations.language.tokens import list_stems
from conversations.language.vocabulary import get_kind

_ASKS_ONE = re.compile(
    r"\b(?:which|what(?:'?s| is))\b(?! (?:\w+ )?are\b)[^.!]*\?|^\W*(?:which|what(?:'?s| is)) (?:is )?(?:the|your)\b"
    r"|^\W*which (?:[a-z-]+ ){1,3}(?:is|has)\b"
    r"|\bthe (?:[a-z]+est|(?:most|least) [a-z]+)(?: one)?(?: that)? you(?:(?:['’]ve| have) got| have| sell| stock)\b"
)
"""Asks for one of the goods."""


def find_order(scene: Scene) -> str:
    """The order that the message asks for, as a search takes it: "the lightest tent" is by weight, from below."""
    for term in scene.understanding.reading.stated:
        if isinstance(term.value, float | int) and term.field in scene.units and term.op in ("<=", ">="):
            return "relevance"
    asked = _find_asked(scene)
    if asked:
        return asked[0] if asked[1] else f"-{asked[0]}"
    if purpose := find_purpose_order(scene):
        return purpose
    if MODEST.search(scene.said) or "price" in scene.understanding.reading.unmeasured:
        return "price"
    return "relevance"


def find_purpose_order(scene: Scene) -> str:
    """As in "the best one for rain": of the kind that is talked of, the most by what goods are better for it."""
    asked = BEST_FOR.search(scene.said) if SAME_GOODS.search(scene.said) else None
    measure = find_purpose(list_stems(asked["purpose"])) if asked else ""
    stated = find_stated(measure, _list_measures(scene)) if measure else None
    if stated is None:
        return ""
    return stated[0] if stated[1] else f"-{stated[0]}"


def _find_asked(scene: Scene) -> tuple[str, bool] | None:
    """The measure that the message asks for the first by, and whether the least of it comes first."""
    names = _list_measures(scene)
    named = find_named_order(scene.said, names)
    if named is not None:
        return named
    # "Which pan is better rated?", where none was shown: nothing to compare with, so the best come first.
    open_ = scene.understanding.reading.unmeasured
    compared = [order for order in list_comparatives(scene.said) if order.measure in open_]
    for order in (*list_superlatives(scene.said), *compared):
        if order.measure in ("price", "rating"):
            return order.measure, order.direction == "low"
        stated = find_stated(order.measure, names)
        if stated is not None:
            return stated[0], (order.direction == "low") != stated[1]
    return find_degree(scene.understanding.reading.rest, measures=list_own_measures(scene))


def _list_measures(scene: Scene) -> tuple[str, ...]:
    """What the goods that are sought are measured by; of goods of no known kind all measures of the shop."""
    return list_own_measures(scene) or tuple(scene.units)


def list_own_measures(scene: Scene) -> tuple[str, ...]:
    """What goods of the kind that is sought are measured by; nothing of goods of no known kind."""
    kinds = {
        get_kind(value).lower()
        for term in scene.desk.trail.state.constraints.list_for("category")
        if term.op in ("=", "in")
        for value in (term.value if isinstance(term.value, tuple) else (str(term.value),))
    }
    told = {
        name
        for category in scene.words.vocabulary.categories
        if kinds & {category.name.lower(), *(part.lower() for part in category.path)}
        for name in category.attributes
    }
    return tuple(name for name in scene.units if name in told)


async def say_highlight(scene: Scene, offers: tuple[Offer, ...], *, measure: str) -> None:
    """Says which of the results stands out: by what was asked for, else by its rating and its price."""
    if not await _say_asked(scene, offers) and not await _say_extreme(scene, offers, measure=measure):
        await _say_best(scene, offers)


async def _say_asked(scene: Scene, offers: tuple[Offer, ...]) -> bool:
    """Says which is the cheapest, dearest, lightest or most of something, where that was asked for."""
    asked = _find_asked(scene)
    field, least = asked or ("", False)
    rated = [offer for offer in offers if offer.item.rating is not None]
    if field == "rating" and not rated:
        await scene.say("among.unmeasured", name=scene.field("rating"))
        return True
    if field in ("", "rating"):
        if field:
            _focus_on_asked(scene, max(rated, key=lambda offer: (offer.item.rating, offer.item.rating_count)))
        return False
    if field != "price":
        return await _say_furthest(scene, offers, measure=field, least=least)
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
        if len(measured) < 2 or len(measured) < len(offers) or not _find_asked(scene):
            return False
        value = say_stated(scene, measured[0], name=measure)
        await scene.say("details.picked.alike", name=scene.field(measure), value=value)
        return True
    first = (min if least else max)(measured, key=lambda offer: offer.item.measures[measure])
    key = "search.highlight.least" if least else "search.highlight.most"
    if _find_asked(scene):
        _focus_on_asked(scene, first)
    await scene.say(
        f"{key}.weight" if "weight" in list_measures_of(measure) else key,
        item=scene.short_name(first),
        name=scene.field(measure),
        value=say_stated(scene, first, name=measure),
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
