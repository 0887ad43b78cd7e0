"""What a shop answers to an ordinary turn: a search with ten hits, and five offers. Made up, of usual size."""

from datetime import datetime

import msgspec
from moneyed import Money

from catalog.connectors import StockReading
from catalog.ids import GroupKey, Sku
from catalog.pricing import PriceAnswer
from catalog.products import Hit, SearchQuery, SearchResult, VariantRecord, WordMatch
from commerce_agent.tools.answers import note_answer
from commerce_agent.tools.offers import Offer
from commerce_agent.tools.trail import Trail

FOUND = 10
READ = 5
TEXT = (
    "A chair for long evenings: a seat of solid oak, a back that gives a little, and felt under its feet. "
    * 3
)


class ShopAnswers(msgspec.Struct, frozen=True, kw_only=True):
    """What the shop answered to one turn."""

    query: SearchQuery
    found: SearchResult
    offers: tuple[Offer, ...]


def make_answers(turn: int, *, at: datetime) -> ShopAnswers:
    """The answers to a turn of this number. Making them is the shop's work and no part of what is measured."""
    numbers = range(turn * FOUND, (turn + 1) * FOUND)
    return ShopAnswers(
        query=SearchQuery(text="chair", now=at, limit=24),
        found=SearchResult(hits=tuple(map(_make_hit, numbers)), total=40),
        offers=tuple(_make_offer(number, at=at) for number in numbers[:READ]),
    )


def note_answers(trail: Trail, answers: ShopAnswers) -> None:
    """Puts on the trail what such a turn keeps of the shop's answers."""
    note_answer(trail, call="search", asked=answers.query, answer=answers.found)
    skus = [offer.item.sku for offer in answers.offers]
    note_answer(trail, call="list_offers", asked=skus, answer=answers.offers)


def _make_hit(number: int) -> Hit:
    return Hit(
        sku=Sku(f"SKU-{number}"),
        group=GroupKey(f"G{number}"),
        title=f"Chair {number}",
        brand="Kvist",
        category="Furniture > Chairs",
        color="blue",
        size="",
        price=Money(20 + number % 80, "USD"),
        list_price=Money(20 + number % 80, "USD"),
        quantity=number % 50,
        availability="in_stock",
        rating=4.0,
        score=1.0 / (number + 1),
        why=(WordMatch(word="chair", met="chair", place="title"),),
        siblings=1,
    )


def _make_offer(number: int, *, at: datetime) -> Offer:
    sku, price = Sku(f"SKU-{number}"), Money(20 + number % 80, "USD")
    item = VariantRecord(
        sku=sku,
        group=GroupKey(f"G{number}"),
        title=f"Chair {number}",
        product_title=f"Chair {number}",
        description=f"{number}. {TEXT}",
        brand="Kvist",
        category="Furniture > Chairs",
        color="Cobalt blue",
        colors=("cobalt blue", "cobalt", "blue"),
        size="",
        material="Oak",
        pattern="",
        gtin="",
        mpn=f"K-{number}",
        link=f"https://chairs.example/{number}",
        image_link=f"https://chairs.example/{number}.jpg",
        list_price=price,
        price=price,
        availability="in_stock",
        quantity=number % 50,
        rating=4.0,
        rating_count=120,
        attributes={"height": "80 cm", "stackable": "no"},
        measures={"height": 80.0},
        observed_at=at,
    )
    paid = PriceAnswer(
        sku=sku,
        list_price=price,
        price=price,
        promotions=(),
        source="store",
        observed_at=at,
        valid_until=None,
        version=1,
    )
    stock = StockReading(
        sku=sku,
        quantity=number % 50,
        availability="in_stock",
        source="store",
        observed_at=at,
        valid_until=None,
        version=1,
    )
    return Offer(item=item, price=paid, stock=stock)
