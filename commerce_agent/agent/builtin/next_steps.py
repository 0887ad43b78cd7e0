"""What a shopper may do next: narrow down what is too much, or put a few side by side."""

from decimal import Decimal

from moneyed import Money

from catalog.products import Facet
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.wording.terms import say_limit
from commerce_agent.tools.search_products import Found

MANY = 7
"""From so many on a shopper is asked what matters."""
MOST_OPTIONS = 3
FEW = 4
_NEARLY_ALL = 0.8


async def offer_next(scene: Scene, found: Found) -> None:
    """Asks what would narrow many results down, or offers to compare a few that were not there before."""
    products = {offer.item.group or offer.item.sku for offer in found.offers}
    if found.total >= MANY:
        await _narrow(scene, found)
    elif 1 < len(products) <= FEW and scene.desk.trail.turn % 3 == 1:
        await scene.say("next.compare")
        scene.offer_replies(scene.book.put("button.compare"))


async def _narrow(scene: Scene, found: Found) -> None:
    asked = {term.field for term in found.terms}
    for facet in found.facets:
        if facet.field in asked and facet.field != "category":
            continue
        options = _list_options(facet, total=found.total)
        if len(options) > 1:
            said = [_say_option(scene, facet.field, option) for option in options]
            await scene.say(f"next.{facet.field}", options=scene.join(said, last="or"))
            scene.offer_replies(*said)
            return
    if "price" not in asked and found.price_range:
        await _narrow_by_price(scene, found.price_range)


def _list_options(facet: Facet, *, total: int) -> list[str]:
    """The largest parts; where one is nearly all, the field divides nothing."""
    ranked = sorted(facet.values, key=lambda each: (-each[1], each[0]))
    options = [value for value, count in ranked if count < total * _NEARLY_ALL]
    return [option.split(">")[-1].strip() for option in options[:MOST_OPTIONS]]


def _say_option(scene: Scene, field: str, option: str) -> str:
    if field == "color":
        return scene.book.put("term.color", value=scene.color(option), negated="no")
    if field == "category":
        return scene.kind(option)
    return scene.book.put("term.brand", value=option, negated="no") if field == "brand" else option


async def _narrow_by_price(scene: Scene, prices: tuple[Decimal, Decimal]) -> None:
    low, high = prices
    if high < low * 2:
        return
    middle = _round((low + high) / 2)
    scene.voice.allow_sum(Money(middle, scene.desk.currency).amount)
    limit = say_limit(float(middle), currency=scene.desk.currency, language=scene.language)
    said = scene.book.put("term.price.most", money=limit)
    await scene.say("next.price", limit=said)
    scene.offer_replies(said)


def _round(amount: Decimal) -> Decimal:
    """A sum that people would name: 47.35 is 50, 312 is 300."""
    step = Decimal(10) ** max(amount.adjusted() - 1, 0) * 5
    return max(step, (amount / step).to_integral_value() * step)
