"""What an item is, what it costs this shopper, and whether it can be had."""

from datetime import datetime

import msgspec

from catalog.connectors import CatalogueSource, ConnectorUnavailable, ItemReading, StockReading
from catalog.connectors.readings import NOBODY
from catalog.connectors.routed import Routed
from catalog.ids import MerchantId, Sku
from catalog.pricing import PriceAnswer
from catalog.products import VariantRecord

SAID = (
    "title",
    "product_title",
    "description",
    "brand",
    "color",
    "size",
    "material",
    "link",
    "image_link",
    "attributes",
)
"""What the merchant's own catalogue may word otherwise than our copy of it."""


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """What an item is, what it costs this shopper, and whether it can be had."""

    item: VariantRecord
    price: PriceAnswer
    stock: StockReading
    words: ItemReading | None = None
    """What the merchant's own catalogue says of it, where that is another system than ours, or out of reach."""
    teller: int = 0
    """Which of the systems that the shop has had for its items words them."""

    @property
    def stale_since(self) -> datetime | None:
        """The age of its oldest answer that could not be refreshed; what is not known at all has no age."""
        known = (reading for reading in (self.price, self.stock, self.words) if reading is not None)
        return min(
            (reading.observed_at for reading in known if reading.stale and reading.source != NOBODY),
            default=None,
        )

    @property
    def can_be_had(self) -> bool:
        """False only when the stock is known to be out; what is unknown is not out."""
        return self.stock.availability != "out_of_stock" and self.stock.quantity != 0

    @property
    def is_counted(self) -> bool:
        """Whether no more can be ordered than there are: what is ordered ahead is not on a shelf yet."""
        return self.stock.availability not in ("preorder", "backorder")

    def falls_short_of(self, wanted: int) -> bool:
        """Whether there are fewer than so many, by a reading of now."""
        left = self.stock.quantity
        return self.is_counted and not self.stock.stale and left is not None and left < wanted


def says(words: ItemReading, *, name: str) -> bool:
    """Whether the merchant's own catalogue says this of the item, or leaves it to our copy."""
    if name == "rating":
        return words.rating is not None
    return bool(getattr(words, name) if name in SAID else words.attributes)


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """What the merchant's own catalogue says of items; nothing where it is our own, which says it already."""

    said: dict[Sku, ItemReading] = {}
    teller: int = 0
    """Which of the systems that the shop has had for its items words them, our own in its turn."""


async def read_words(
    catalogue: CatalogueSource, *, merchant: MerchantId, skus: tuple[Sku, ...], now: datetime
) -> Words:
    """The words of these items."""
    teller = 0
    if isinstance(catalogue, Routed):
        teller = (await catalogue.find_route(merchant=merchant)).teller
        if not await catalogue.is_elsewhere(merchant=merchant):
            return Words(teller=teller)
    try:
        return Words(said=await catalogue.read(merchant=merchant, keys=skus, now=now), teller=teller)
    except ConnectorUnavailable:
        return Words(teller=teller)


def make_offer(item: VariantRecord, *, price: PriceAnswer, stock: StockReading, words: Words) -> Offer:
    """The offer, in the words of the merchant's own catalogue where it says any."""
    read = words.said.get(item.sku)
    if read is None:
        return Offer(item=item, price=price, stock=stock, teller=words.teller)
    said = {name: getattr(read, name) for name in SAID if getattr(read, name)}
    if read.rating is not None:
        said |= {"rating": read.rating, "rating_count": read.rating_count}
    worded = msgspec.structs.replace(item, **said)
    return Offer(item=worded, price=price, stock=stock, words=read, teller=words.teller)
