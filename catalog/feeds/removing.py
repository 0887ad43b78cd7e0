"""Taking single items out of the shop. What was ordered of them stays as it was sold."""

from collections.abc import Iterable

from django.db import connection, transaction

from catalog.feeds.applying import EMPTY
from catalog.ids import MerchantId, Sku

TAKE_OUT = """
WITH gone AS (SELECT id FROM catalog_variant WHERE merchant_id = %(merchant)s AND sku = ANY(%(skus)s) FOR UPDATE),
  levels AS (DELETE FROM catalog_stocklevel s USING gone WHERE s.variant_id = gone.id)
DELETE FROM catalog_variant v USING gone WHERE v.id = gone.id RETURNING v.sku
"""


def remove_items(*, merchant: MerchantId, skus: Iterable[Sku]) -> frozenset[Sku]:
    """Takes the items out, and products that have no item left; answers those that were there."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(TAKE_OUT, {"merchant": merchant, "skus": list(skus)})
        removed = frozenset(Sku(sku) for (sku,) in cursor.fetchall())
        if removed:
            cursor.execute(EMPTY, {"merchant": merchant})
    return removed
