"""From an offer to what the conversation keeps of it: an entity, its facts, a card."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Literal, Protocol

import msgspec
from moneyed import Money

from catalog.connectors import COPY, TOLD
from catalog.products import VariantRecord, Version
from catalog.promotions import AppliedPromotion, AsOf, PromotionRecord
from commerce_agent.tools.offers import Offer, says
from commerce_agent.tools.table_words import IN_ENGLISH, TableWords
from commerce_agent.tools.trail import Observation, Trail
from conversations.events.entities import Entity
from conversations.events.facts import UNBOOKED, Amount, Authority, Fact, Reckoned
from conversations.events.messages import Card, CardFact, CardVersion
from conversations.ids import EntityRef

LOW_STOCK = 3
"""At so few or fewer it is running low, which is told."""

MOST_VERSIONS = 12
"""A picker has room for this many values."""

LONGEST_IN_HOURS = 48 * 3600
"""Seconds; what is older is told in days."""

_CHOICE = 2

CARD_ATTRIBUTES = 4
"""A card has room for this many."""

_CHOSEN_BY = frozenset({"color", "size"})
_INTERNAL = re.compile(r"^[_]|[./]")

Availability = Literal["in_stock", "low_stock", "out_of_stock", "preorder", "backorder", "unknown"]

_STATED: Mapping[str, Availability] = {
    "in_stock": "in_stock",
    "out_of_stock": "out_of_stock",
    "preorder": "preorder",
    "backorder": "backorder",
}


class SayAge(Protocol):
    """Says how old a reading is."""

    def __call__(self, observed_at: datetime, *, now: datetime) -> str:
        """As in "as of 3 minutes ago"."""
        ...


class OfferFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The facts that one offer became."""

    price: Fact
    list_price: Fact
    stock: Fact
    availability: Fact
    rating: tuple[Fact, ...] = ()
    """What its buyers give it, where the shop says so."""
    words: tuple[Fact, ...] = ()
    """Its name, where the merchant's own catalogue could not be asked for it."""


def get_ref(sku: str) -> EntityRef:
    """The conversation's name for an item."""
    return EntityRef("variant", sku)


def get_authority(*, source: str, stale: bool) -> Authority:
    """Whose word a reading is: the system's own answer, what it told by itself, what is kept, or a feed's."""
    if source == TOLD:
        return "webhook"
    if source == COPY:
        return "feed"
    return "cache" if stale else "api"


def list_reckoned(offer: Offer, *, name: str) -> Reckoned | msgspec.UnsetType:
    """What an answer of the name rests on: a price on tier and codes, a count on sales here that its system has not
    booked; nothing of what its system says to anybody.
    """
    price = offer.price
    if name == "price" and (price.given or price.used):
        return Reckoned(given=price.given, used=price.used)
    if name == "stock" and offer.stock.unbooked:
        return Reckoned(used=(UNBOOKED,))
    return msgspec.UNSET


def to_amount(money: Money) -> Amount:
    """The same sum as the conversation keeps it, in the currency's own smallest unit."""
    smallest = Decimal(1) / Decimal(money.currency.sub_unit)
    return Amount(amount=money.amount.quantize(smallest), currency=money.currency.code)


def to_entity(offer: Offer) -> Entity:
    """The item with the attributes that words can pick it out by."""
    item = offer.item
    named = {
        "brand": (item.brand,),
        "category": tuple(part.strip() for part in item.category.split(">")),
        "color": tuple(item.colors) or (item.color,),
        "size": (item.size,),
        "material": (item.material,),
        "pattern": (item.pattern,),
    }
    attributes = {name: tuple(v for v in values if v) for name, values in named.items()}
    own = {name: (value,) for name, value in item.attributes.items() if value}
    measures = dict(item.measures)
    measures["price"] = float(offer.price.price.amount)
    if item.rating is not None:
        measures["rating"] = float(item.rating)
    return Entity(
        ref=get_ref(item.sku),
        name=item.product_title or item.title,
        group=item.group,
        attributes={**own, **{name: values for name, values in attributes.items() if values}},
        measures=measures,
    )


def get_availability(offer: Offer) -> Availability:
    """The stock in one word, as a card shows it."""
    return name_availability(offer.stock.availability, left=offer.stock.quantity)


def name_availability(said: str, *, left: int | None) -> Availability:
    """The same of what a shop says of an item and how many there are."""
    if left == 0:
        return "out_of_stock"
    if left is not None and left <= LOW_STOCK and said == "in_stock":
        return "low_stock"
    return _STATED.get(said, "unknown")


def name_promotions(terms: str) -> str:
    """The source of what is told of a promotion, with its terms: one title can stand for other terms later."""
    return f"promotions@{terms}" if terms else "promotions"


def describe_promotion(promotion: AppliedPromotion | PromotionRecord, *, as_of: AsOf) -> Observation:
    """What is told of a promotion, as old as the answer of whoever keeps them, and until it ends."""
    return Observation(
        subject=EntityRef("promotion", promotion.code or promotion.title),
        name="promotion",
        value=promotion.title,
        source=name_promotions(promotion.terms),
        observed_at=as_of.observed_at,
        valid_until=promotion.valid_until,
        version=promotion.version,
        stale=as_of.stale,
        teller=as_of.teller,
    )


def record_offer(trail: Trail, offer: Offer) -> OfferFacts:
    """Turns the offer's answers into facts."""
    ref, price, stock = get_ref(offer.item.sku), offer.price, offer.stock
    prices = [
        Observation(
            subject=ref,
            name=name,
            value=to_amount(money),
            source=price.source,
            observed_at=price.observed_at,
            valid_until=price.valid_until,
            version=price.version,
            stale=price.stale,
            authority=get_authority(source=price.source, stale=price.stale),
            reckoned=list_reckoned(offer, name=name),
            teller=price.teller,
        )
        for name, money in (("price", price.price), ("list_price", price.list_price))
    ]
    stocks = [
        Observation(
            subject=ref,
            name=name,
            value=value,
            source=stock.source,
            observed_at=stock.observed_at,
            valid_until=stock.valid_until,
            version=stock.version,
            stale=stock.stale,
            authority=get_authority(source=stock.source, stale=stock.stale),
            reckoned=list_reckoned(offer, name=name),
            teller=stock.teller,
        )
        for name, value in (("stock", stock.quantity), ("availability", get_availability(offer)))
    ]
    as_of = price.promoted or AsOf(observed_at=trail.at)
    lowered = [describe_promotion(each, as_of=as_of) for each in price.promotions]
    old = [describe_item(offer, name="title", value=offer.item.title, at=trail.at)]
    old = old if offer.words and offer.words.stale else []
    rated = say_rating(offer)
    rating = [describe_item(offer, name="rating", value=rated, at=trail.at)] if rated else []
    told = trail.record_observations((*prices, *stocks, *rating, *old, *lowered))
    after = 4 + len(rating)
    return OfferFacts(
        price=told[0],
        list_price=told[1],
        stock=told[2],
        availability=told[3],
        rating=told[4:after],
        words=told[after : after + len(old)],
    )


def say_rating(offer: Offer) -> str:
    """What its buyers give it, as a fact has it; empty where the shop does not say."""
    item = offer.item
    return "" if item.rating is None else f"{item.rating:g} by {item.rating_count}"


def describe_item(offer: Offer, *, name: str, value: str, at: datetime) -> Observation:
    """A word of the item: as old as the answer of the merchant's own catalogue, or as our copy where that leaves it
    to us. Where the catalogue is our own, it is read as it is told.
    """
    ref, item, words = get_ref(offer.item.sku), offer.item, offer.words
    if words is None:
        return Observation(
            subject=ref,
            name=name,
            value=value,
            source="catalogue",
            observed_at=at,
            version=item.words_version,
            teller=offer.teller,
        )
    if not says(words, name=name):
        heard = item.words_at if item.words_at is not None and item.words_at < at else at
        return Observation(
            subject=ref, name=name, value=value, source=COPY, observed_at=heard, authority="feed"
        )
    return Observation(
        subject=ref,
        name=name,
        value=value,
        source=words.source,
        observed_at=words.observed_at,
        valid_until=words.valid_until,
        version=words.version,
        stale=words.stale,
        teller=words.teller,
    )


def to_card(
    offer: Offer,
    *,
    now: datetime,
    reason: str = "",
    versions: tuple[CardVersion, ...] = (),
    say_age: SayAge | None = None,
    words: TableWords = IN_ENGLISH,
) -> Card:
    """The card as the shopper sees it now; `versions` are what one may choose, `say_age` says how old a reading is
    in the shopper's language, and `words` what is known of the item.
    """
    age = say_age or say_age_in_english
    item, price = offer.item, offer.price
    before = to_amount(price.list_price) if price.list_price > price.price else None
    return Card(
        ref=get_ref(item.sku),
        title=item.product_title or item.title,
        url=item.link,
        image=item.image_link,
        price=to_amount(price.price),
        list_price=before,
        stock=offer.stock.quantity,
        availability=get_availability(offer),
        rating=item.rating,
        rating_count=item.rating_count or None,
        attributes=_list_attributes(offer, words=words),
        versions=tuple(
            msgspec.structs.replace(one, value=words.value(one.value, row=one.name)) for one in versions
        ),
        reason=reason,
        as_of=age(offer.stale_since, now=now) if offer.stale_since else "",
        facts=_list_sources(offer, now=now),
    )


def _list_sources(offer: Offer, *, now: datetime) -> tuple[CardFact, ...]:
    """Where each thing on the card is from; our own copy of the catalogue is read as the card is made."""
    price, stock, words = offer.price, offer.stock, offer.words
    return (
        CardFact(name="price", source=price.source, at=price.observed_at),
        CardFact(name="stock", source=stock.source, at=stock.observed_at),
        CardFact(
            name="item",
            source=words.source if words else "catalogue",
            at=words.observed_at if words else now,
        ),
    )


def to_versions(siblings: Sequence[VariantRecord]) -> tuple[Version, ...]:
    """Of each item what one chooses by."""
    return tuple(
        Version(
            sku=item.sku,
            title=item.product_title or item.title,
            color=item.color,
            size=item.size,
            is_sold_out=item.quantity == 0 or item.availability == "out_of_stock",
        )
        for item in siblings
    )


def list_choices(
    item: VariantRecord, *, among: Sequence[Version], in_size: str, most: int = MOST_VERSIONS
) -> tuple[CardVersion, ...]:
    """The colours and sizes to choose from, each in the item's own other value where there is one; as the
    catalogue has it, because a press reads price and stock anew. `in_size` is how the shopper's language asks for one.
    """
    return (
        *_cut(_list_values(item, among, name="color", other="size", in_size=in_size), most=most),
        *_cut(_list_values(item, among, name="size", other="color", in_size=in_size), most=most),
    )


def _cut(values: list[CardVersion], *, most: int) -> list[CardVersion]:
    """Of too many those around the card's own."""
    own = next((place for place, value in enumerate(values) if value.chosen), 0)
    first = max(0, min(own - most // 2, len(values) - most))
    return values[first : first + most]


def _list_values(
    item: VariantRecord,
    among: Sequence[Version],
    *,
    name: Literal["color", "size"],
    other: Literal["color", "size"],
    in_size: str,
) -> list[CardVersion]:
    values = list(dict.fromkeys(value for version in among if (value := getattr(version, name))))
    if len(values) < _CHOICE:
        return []
    told = []
    for value in values:
        having = [version for version in among if getattr(version, name) == value]
        alike = [version for version in having if getattr(version, other) == getattr(item, other)]
        best = min(alike or having, key=lambda version: version.is_sold_out)
        size = in_size.replace("{size}", best.size) if best.size else ""
        ask = ", ".join(part for part in (best.title, best.color, size) if part)
        # How the card's own version stands, its stock line says.
        own = value == getattr(item, name)
        sold_out = not own and best.is_sold_out
        told.append(CardVersion(name=name, value=value, ask=ask, chosen=own, sold_out=sold_out, sku=best.sku))
    return told


def say_age_in_english(observed_at: datetime, *, now: datetime) -> str:
    """How old a reading is, in words: "as of 3 minutes ago"."""
    seconds = max(0, int((now - observed_at).total_seconds()))
    if seconds < 1:
        return "as of a moment ago"
    if seconds < 90:
        return f"as of {seconds} seconds ago"
    if seconds < 5400:
        return f"as of {round(seconds / 60)} minutes ago"
    if seconds < LONGEST_IN_HOURS:
        return f"as of {round(seconds / 3600)} hours ago"
    return f"as of {round(seconds / 86400)} days ago"


def _list_attributes(offer: Offer, *, words: TableWords) -> tuple[tuple[str, str], ...]:
    """What one chooses by goes under its own name, for which the widget has words; the rest is ready to be read."""
    item = offer.item
    first = (("color", item.color), ("size", item.size), ("brand", item.brand), ("material", item.material))
    named = [(name, value) for name, value in first if value]
    own = [(name, value) for name, value in item.attributes.items() if value and not _INTERNAL.search(name)]
    return tuple(
        (name if name in _CHOSEN_BY else words.label(name), words.value(value, row=name))
        for name, value in (named + own)[: CARD_ATTRIBUTES + 1]
    )
