"""What else the shopper could have where an item can be had no more: of its kind, within the terms that hold."""

from catalog.products import Filter, SearchQuery
from commerce_agent.tools.applied_terms import list_filters
from commerce_agent.tools.offers import Offer
from commerce_agent.tools.shop import Shop
from commerce_agent.tools.showing import get_availability
from conversations.events.constraints import Constraint

LOOKED_AT = 6
"""So many are asked for their stock of now; a category that is all but sold out has no alternative to offer."""


async def find_alternative(
    shop: Shop, *, gone: Offer, terms: tuple[Constraint, ...], wanted: int
) -> Offer | None:
    """The same product in another colour, else the best of the same category; in stock, in this number.

    Within every term that holds. For what was to be bought (`wanted` is not 0) and has no equal, within the budget
    at least: what it is, its name says.
    """
    if not gone.item.category:
        return None
    held = tuple(term for term in terms if term.scope != "item" and term.field != "category")
    budget = tuple(term for term in held if term.field == "price")
    for kept in dict.fromkeys((held, budget) if wanted else (held,)):
        fitting = await _list_fitting(shop, gone=gone, terms=kept, wanted=wanted)
        if fitting:
            return min(fitting, key=lambda offer: not _is_sibling(offer, gone=gone))
    return None


async def _list_fitting(
    shop: Shop, *, gone: Offer, terms: tuple[Constraint, ...], wanted: int
) -> list[Offer]:
    found = await shop.search(
        SearchQuery(
            filters=(*list_filters(terms), Filter(field="category", op="=", value=gone.item.category)),
            in_stock=True,
            tier=shop.context.tier,
            codes=shop.context.codes,
            limit=LOOKED_AT + 1,
            now=shop.now,
        )
    )
    skus = [hit.sku for hit in found.hits if hit.sku != gone.item.sku][:LOOKED_AT]
    offers = await shop.list_offers(skus)
    return [offer for offer in offers if _can_be_had(offer, wanted=wanted) and _fits(offer, terms=terms)]


def _can_be_had(offer: Offer, *, wanted: int) -> bool:
    enough = offer.stock.quantity is None or offer.stock.quantity >= wanted
    return enough and not offer.stock.stale and get_availability(offer) in ("in_stock", "low_stock")


def _fits(offer: Offer, *, terms: tuple[Constraint, ...]) -> bool:
    """The search knew the price of a moment ago; the limit holds for that of now."""
    price = float(offer.price.price.amount)
    return all(
        (term.op != "<=" or price <= term.value) and (term.op != ">=" or price >= term.value)
        for term in terms
        if term.field == "price" and isinstance(term.value, float | int)
    )


def _is_sibling(offer: Offer, *, gone: Offer) -> bool:
    return offer.item.group == gone.item.group and offer.item.size == gone.item.size
