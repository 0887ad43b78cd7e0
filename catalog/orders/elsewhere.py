"""What a commitment is checked against where it is not the store's own: asked at the source, before any lock."""

import asyncio

import msgspec

from catalog.connectors import (
    WHOLE,
    AnswerRefused,
    Connectors,
    PoliciesReading,
    PriceReading,
    PromotionsReading,
    StockReading,
)
from catalog.connectors.given import Given, ask_before
from catalog.connectors.readings import Key, Reading, Whole
from catalog.connectors.routed import Direct, Routed
from catalog.ids import MerchantId, Sku
from catalog.pricing import PriceContext


class Elsewhere(msgspec.Struct, frozen=True, kw_only=True):
    """Answers of the merchant's own systems; None where the store's tables hold."""

    prices: Given[Sku, PriceReading] | None = None
    promotions: Given[Whole, PromotionsReading] | None = None
    policies: Given[Whole, PoliciesReading] | None = None
    stock: dict[Sku, StockReading] | None = None


OWN = Elsewhere()


async def ask_elsewhere(
    connectors: Connectors, *, merchant: MerchantId, skus: tuple[Sku, ...], context: PriceContext
) -> Elsewhere:
    """Asks each system that is not the store's, by the merchant's settings of this moment. An outage of one is heard
    by whoever needs its answer.

    Asked before the transaction: whoever holds a shelf must not wait for somebody's network.
    """
    now = context.now
    await connectors.parts.directory.renew(merchant=merchant)

    async def ask(
        kept: Routed[Key, Reading], direct: Direct[Key, Reading], keys: tuple[Key, ...]
    ) -> Given[Key, Reading] | None:
        if not await kept.is_elsewhere(merchant=merchant):
            return None
        return await ask_before(direct, merchant=merchant, keys=keys, now=now)

    ways = connectors
    prices, promotions, policies, stock = await asyncio.gather(
        ask(ways.price, Direct(ways.price), skus),
        ask(ways.promotions, Direct(ways.promotions), (WHOLE,)),
        ask(ways.policies, Direct(ways.policies), (WHOLE,)),
        ask(ways.stock, Direct(ways.stock), skus),
    )
    counted = None if stock is None else await stock.read(merchant=merchant, keys=skus, now=now)
    for reading in (counted or {}).values():
        if reading.availability == "unknown":
            raise AnswerRefused(connector="inventory", reason=f"it does not know of {reading.sku}")
    return Elsewhere(prices=prices, promotions=promotions, policies=policies, stock=counted)
