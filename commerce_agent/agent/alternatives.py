"""What else the shopper could have where an item can be had no more: of its kind, within the terms that hold."""

import msgspec

from catalog.products import Filter, SearchQuery, SearchResult
from commerce_agent.agent.phrases import PhraseBook
from commerce_agent.agent.wording.items import name_offer, name_version
from commerce_agent.agent.wording.terms import say_money
from commerce_agent.tools.applied_terms import list_filters
from commerce_agent.tools.goods import Goods
from commerce_agent.tools.offers import Offer
from commerce_agent.tools.seeking import list_terms, seek
from commerce_agent.tools.showing import get_availability
from conversations.constraints import Ledger
from conversations.events.constraints import Constraint, list_values
from conversations.events.entities import Entity

LOOKED_AT = 6
"""So many are asked for their stock of now; a category that is all but sold out has no alternative to offer."""


class Gone(msgspec.Struct, frozen=True, kw_only=True):
    """What cannot be had, or not in the number that was wanted."""

    sku: str
    category: str
    group: str
    size: str


class Alternative(msgspec.Struct, frozen=True, kw_only=True):
    """What there is instead, and the one term that it misses, where it misses one: whoever offers it says so."""

    offer: Offer
    missed: Constraint | None = None
    is_version: bool = False
    """Whether it is of the very product, so that only its version tells it apart."""

    def say(self, book: PhraseBook) -> str:
        """The offer as a sentence, with what it misses in the shopper's own words."""
        values = {
            "item": (name_version if self.is_version else name_offer)(self.offer, book=book),
            "price": say_money(self.offer.price.price, language=book.language),
        }
        if self.missed is None:
            return book.put("notice.instead", **values)
        return book.put("notice.instead.but", **values, term=self.missed.text or f"{self.missed.value}")


def name_offered(offer: Offer) -> Gone:
    """What the shop still has a row of."""
    item = offer.item
    return Gone(sku=item.sku, category=item.category, group=item.group, size=item.size)


def name_remembered(entity: Entity) -> Gone:
    """What the shop knows no more, by what the talk keeps of it."""
    return Gone(
        sku=entity.ref.key,
        category=" > ".join(entity.attributes.get("category", ())),
        group=entity.group,
        size=next(iter(entity.attributes.get("size", ())), ""),
    )


async def find_alternative(shop: Goods, *, gone: Gone, ledger: Ledger, wanted: int) -> Alternative | None:
    """The same product in another colour, else the best of the same category; in stock, in this number.

    Within every term that holds. For what was to be bought (`wanted` is not 0) and has no equal, what misses one of
    them, though never the budget nor what holds for always: what it is, its name says.
    """
    if not gone.category:
        return None
    left_out = _list_of_others(ledger, category=gone.category)
    found = await seek(
        shop,
        SearchQuery(
            filters=(Filter(field="category", op="=", value=gone.category),),
            in_stock=True,
            tier=shop.context.tier,
            codes=shop.context.codes,
            limit=LOOKED_AT + 1,
            now=shop.now,
        ),
        ledger=ledger,
        without=left_out,
    )
    terms = tuple(term for term in list_terms(ledger) if term not in left_out)
    alternatives = [
        Alternative(offer=offer)
        for offer in await _list_fitting(
            shop, skus=[hit.sku for hit in found.hits], gone=gone, terms=terms, wanted=wanted
        )
    ]
    if not alternatives and wanted:
        alternatives = await _list_nearly_fitting(shop, found, gone=gone, terms=terms, wanted=wanted)
    best = min(alternatives, key=lambda each: not _is_sibling(each.offer, gone=gone), default=None)
    is_version = best is not None and bool(gone.group) and best.offer.item.group == gone.group
    return msgspec.structs.replace(best, is_version=is_version) if best else None


def _list_of_others(ledger: Ledger, *, category: str) -> list[Constraint]:
    """The kinds that are sought, and where none of them is this one, what they are to be like: boots in no "M"."""
    passing = [term for term in list_terms(ledger) if term.scope != "always"]
    kinds = [term for term in passing if term.field == "category"]
    sought = {value.split(">")[-1].strip() for term in kinds for value in map(str, list_values(term.value))}
    if not kinds or sought & {part.strip() for part in category.split(">")}:
        return kinds
    return [term for term in passing if term.field != "price"]


async def _list_nearly_fitting(
    shop: Goods, found: SearchResult, *, gone: Gone, terms: tuple[Constraint, ...], wanted: int
) -> list[Alternative]:
    """What fits but for one term that could be let go."""
    loose = {
        made: term
        for made, term in zip(list_filters(terms), terms, strict=True)
        if term.field != "price" and term.scope != "always"
    }
    missed = {miss.hit.sku: loose[miss.filter] for miss in found.near_misses if miss.filter in loose}
    offers = await _list_fitting(shop, skus=list(missed), gone=gone, terms=terms, wanted=wanted)
    return [Alternative(offer=offer, missed=missed[offer.item.sku]) for offer in offers]


async def _list_fitting(
    shop: Goods, *, skus: list[str], gone: Gone, terms: tuple[Constraint, ...], wanted: int
) -> list[Offer]:
    others = [sku for sku in skus if sku != gone.sku][:LOOKED_AT]
    offers = await shop.list_offers(others)
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


def _is_sibling(offer: Offer, *, gone: Gone) -> bool:
    return offer.item.group == gone.group and offer.item.size == gone.size
