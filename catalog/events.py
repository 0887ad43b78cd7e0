"""What changed in the catalogue: frozen, past tense, one closed union; JSON at the edges."""

from datetime import datetime
from decimal import Decimal

import msgspec

from catalog.ids import MerchantId, Sku
from commerce_agent.decoding import JsonDecoder, build_json_decoder


class StockChanged(msgspec.Struct, frozen=True, kw_only=True, tag="stock.changed"):
    """There are this many now; `quantity` is None where the shop does not say."""

    merchant: MerchantId
    sku: Sku
    quantity: int | None
    availability: str
    version: int
    at: datetime


class PriceChanged(msgspec.Struct, frozen=True, kw_only=True, tag="price.changed"):
    """It costs this now, sale included, promotions not."""

    merchant: MerchantId
    sku: Sku
    amount: Decimal
    currency: str
    version: int
    at: datetime


class PolicyChanged(msgspec.Struct, frozen=True, kw_only=True, tag="policy.changed"):
    """A new version of a policy stands for its scope."""

    merchant: MerchantId
    name: str
    title: str
    scope: str
    scope_value: str
    version: int
    at: datetime


class PromotionChanged(msgspec.Struct, frozen=True, kw_only=True, tag="promotion.changed"):
    """A promotion was added or altered."""

    merchant: MerchantId
    code: str | None
    title: str
    at: datetime


class ProductChanged(msgspec.Struct, frozen=True, kw_only=True, tag="product.changed"):
    """The words of an item changed: title, texts or attributes; or the shop has it no more."""

    merchant: MerchantId
    sku: Sku
    at: datetime


CatalogEvent = StockChanged | PriceChanged | PolicyChanged | PromotionChanged | ProductChanged

_DECODER: JsonDecoder[CatalogEvent] = build_json_decoder(CatalogEvent)


def encode_event(event: CatalogEvent) -> bytes:
    """The event as JSON."""
    return msgspec.json.encode(event)


def decode_event(encoded: bytes | str) -> CatalogEvent:
    """The event that was encoded. Raises `msgspec.ValidationError` on anything else."""
    return _DECODER.decode(encoded)
