"""Changing how many there are."""

from datetime import datetime

from django.db import connection, transaction

from catalog.connectors.store import settle_availability
from catalog.errors import CatalogError
from catalog.events import StockChanged
from catalog.ids import MerchantId, Sku
from catalog.inventory.booking import TOLD_BY_ITSELF
from catalog.models import StockLevel, Unbooked, Variant

# The oldest keep what they have.
EXCESS = """
DELETE FROM catalog_reservation WHERE id IN (
  SELECT id FROM (
    SELECT r.id, s.quantity, sum(r.quantity) OVER (PARTITION BY r.merchant_id, r.sku ORDER BY r.id) AS held
    FROM catalog_reservation r
    JOIN catalog_variant v ON v.merchant_id = r.merchant_id AND v.sku = r.sku
    JOIN catalog_stocklevel s ON s.variant_id = v.id
    WHERE (%(merchant)s::uuid IS NULL OR r.merchant_id = %(merchant)s::uuid)
      AND (%(sku)s::text IS NULL OR r.sku = %(sku)s::text)
  ) AS reserved WHERE held > quantity)
"""


class UnknownSku(CatalogError):
    """The shop does not have this SKU; look it up in the catalogue."""

    def __init__(self, *, sku: Sku) -> None:
        super().__init__(f"The shop has no item with the SKU {sku!r}. Look it up in the catalogue.")
        self.sku = sku


class ImpossibleQuantity(CatalogError):
    """Stock is a whole number from 0, or None where the shop does not count."""

    def __init__(self, *, sku: Sku, quantity: int) -> None:
        super().__init__(f"There cannot be {quantity} of {sku}. Give a whole number from 0.")
        self.sku = sku
        self.quantity = quantity


def set_stock(
    *, merchant: MerchantId, sku: Sku, quantity: int | None, at: datetime, source: str
) -> StockChanged:
    """Sets the number on the shelf, as somebody has counted it; the item's availability follows it.

    It counts whatever was sold here. Raises UnknownSku, ImpossibleQuantity.
    """
    if quantity is not None and quantity < 0:
        raise ImpossibleQuantity(sku=sku, quantity=quantity)
    with transaction.atomic():
        variant = Variant.objects.select_for_update().filter(merchant_id=merchant, sku=sku).first()
        if variant is None:
            raise UnknownSku(sku=sku)
        level = StockLevel.objects.select_for_update().filter(variant=variant).first()
        if level is None:
            level = StockLevel(merchant_id=merchant, variant=variant, version=0)
        level.quantity, level.observed_at, level.source = quantity, at, source
        level.version += 1
        if level.heard in TOLD_BY_ITSELF:
            level.heard, level.heard_quantity, level.heard_at = "", None, None
            Unbooked.objects.filter(merchant_id=merchant, sku=sku).delete()
        level.save()
        # An item that comes back counts on from where it was: the database says where.
        level.refresh_from_db(fields=["version"])
        release_excess(merchant=merchant, sku=sku)
        availability = settle_availability(quantity=quantity, availability=variant.availability)
        Variant.objects.filter(id=variant.id).update(availability=availability)
    return StockChanged(
        merchant=merchant,
        sku=sku,
        quantity=quantity,
        availability=availability,
        version=level.version,
        at=at,
    )


def release_excess(*, merchant: MerchantId | None = None, sku: Sku | None = None) -> int:
    """Lets go of what was set aside of an item, of a merchant's items or of all, and is not on the shelf any more.
    Answers how many.
    """
    with connection.cursor() as cursor:
        cursor.execute(EXCESS, {"merchant": merchant, "sku": sku})
        return int(cursor.rowcount)
