"""The promotions in force for a shopper."""

from datetime import datetime

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from catalog.ids import MerchantId
from catalog.products.discounts import Discount, list_discounts

PromotionRecord = Discount
"""A promotion as shoppers are told of it is the very record that prices are reckoned with."""


async def list_promotions(
    connection: AsyncConnection[TupleRow],
    *,
    merchant: MerchantId,
    now: datetime,
    tier: str | None = None,
    codes: tuple[str, ...] = (),
) -> tuple[PromotionRecord, ...]:
    """What lowers prices now for a shopper of this tier: automatic promotions, and those of the codes."""
    return await list_discounts(connection, merchant=merchant, now=now, tier=tier, codes=codes)
