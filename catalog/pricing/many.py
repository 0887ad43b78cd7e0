"""Changing what many things cost at once."""

from datetime import datetime
from decimal import Decimal

import msgspec
from django.db import connection

from catalog.events import PriceChanged
from catalog.ids import MerchantId, Sku

PRICES = """
WITH said AS (
  SELECT v.id, told.* FROM unnest(%(skus)s::text[], %(prices)s::numeric[], %(sales)s::numeric[], %(ats)s::timestamptz[])
    AS told (sku, price, sale, at)
  JOIN catalog_variant v ON v.merchant_id = %(merchant)s AND v.sku = told.sku ORDER BY v.id FOR UPDATE OF v)
UPDATE catalog_variant v SET price = said.price, sale_price = said.sale,
  sale_price_currency = CASE WHEN said.sale IS NULL THEN v.sale_price_currency ELSE v.price_currency END,
  sale_starts = NULL, sale_ends = NULL, price_version = v.price_version + 1,
  price_observed_at = said.at, price_source = %(source)s
FROM said WHERE v.id = said.id RETURNING v.sku, v.price_version, v.price_currency
"""


class PriceSaid(msgspec.Struct, frozen=True, kw_only=True):
    """What a shop says an item costs, in the shop's currency; a sale price is not above the price."""

    sku: Sku
    price: Decimal
    sale_price: Decimal | None
    at: datetime


def set_prices(*, merchant: MerchantId, said: tuple[PriceSaid, ...], source: str) -> dict[Sku, PriceChanged]:
    """Sets the prices, each SKU once; one that the shop does not have is absent from the answer."""
    by_sku = {each.sku: each for each in said}
    with connection.cursor() as cursor:
        cursor.execute(
            PRICES,
            {
                "merchant": merchant,
                "source": source,
                "skus": list(by_sku),
                "prices": [each.price for each in said],
                "sales": [each.sale_price for each in said],
                "ats": [each.at for each in said],
            },
        )
        rows = cursor.fetchall()
    return {
        Sku(sku): PriceChanged(
            merchant=merchant,
            sku=Sku(sku),
            amount=_get_cost(by_sku[Sku(sku)]),
            currency=currency,
            version=version,
            at=by_sku[Sku(sku)].at,
        )
        for sku, version, currency in rows
    }


def _get_cost(said: PriceSaid) -> Decimal:
    return said.price if said.sale_price is None else said.sale_price
