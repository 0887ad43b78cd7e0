"""What else the shopper could have where an item can be had no more: of its kind, within the terms that hold."""

from catalog.products import Filter, SearchQuery
from commerce_agent.tools.applied_terms import list_filters
from commerce_agent.tools.shop import Offer, Shop
from commerce_agent.tools.showing import get_availability
from conversations.events.constraints import Constraint

LOOKED_AT = 6
"""So many are asked for their stock of now; a category that is all but sold out has no alternative to offer."""


async def find_alternative(
    shop: Shop, *, gone: Offer, terms: tuple[Constraint, ...], wanted: int = 1
) -> Offer | None:
    """The same product in another colour, else the best of the same category; in stock, in this number."""
    if not gone.item.category:
        return None
    held = tuple(term for term in terms if term.scope != "item" and term.field != "category")
    found = await shop.search(
        SearchQuery(
            filters=(*list_filters(held), Filter(field="category", op="=", value=gone.item.category)),
            in_stock=True,
            tier=shop.context.tier,
            codes=shop.context.codes,
            limit=LOOKED_AT + 1,
            now=shop.now,
        )
    )
    skus = [hit.sku for hit in found.hits if hit.sku != gone.item.sku][:LOOKED_AT]
    offers = await shop.list_offers(skus)
    fitting = [offer for offer in offers if _can_be_had(offer, wanted=wanted) and _fits(offer, terms=held)]
    fitting.sort(key=lambda offer: not _is_sibling(offer, gone=gone))
    return fitting[0] if fitting else None


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
