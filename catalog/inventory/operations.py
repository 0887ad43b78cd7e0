"""Changing how many there are."""

from datetime import datetime

from django.db import transaction

from catalog.connectors.store import settle_availability
from catalog.errors import CatalogError
from catalog.events import StockChanged
from catalog.ids import MerchantId, Sku
from catalog.models import StockLevel, Variant


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
    """Sets the number on the shelf; the item's availability follows it. Raises UnknownSku, ImpossibleQuantity."""
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
        level.save()
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
