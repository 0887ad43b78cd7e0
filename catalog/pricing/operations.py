"""Changing what something costs."""

from datetime import datetime

from django.db import transaction
from moneyed import Money

from catalog.errors import CatalogError
from catalog.events import PriceChanged
from catalog.ids import MerchantId, Sku
from catalog.inventory import UnknownSku
from catalog.models import Variant


class ImpossiblePrice(CatalogError):
    """A price is an amount from 0 in the shop's currency, and a sale price is not above it."""

    def __init__(self, *, sku: Sku, price: Money, problem: str) -> None:
        super().__init__(f"{sku} cannot cost {price}: {problem}")
        self.sku = sku
        self.price = price


def _require_possible(*, sku: Sku, price: Money, currency: str, highest: Money | None = None) -> None:
    if str(price.currency) != currency:
        raise ImpossiblePrice(sku=sku, price=price, problem=f"the shop sells in {currency}.")
    if price.amount < 0:
        raise ImpossiblePrice(sku=sku, price=price, problem="a price is not negative.")
    if highest is not None and price > highest:
        raise ImpossiblePrice(
            sku=sku, price=price, problem=f"a sale price is not above the price, {highest}."
        )


def set_price(
    *,
    merchant: MerchantId,
    sku: Sku,
    price: Money,
    at: datetime,
    source: str,
    sale_price: Money | None = None,
) -> PriceChanged:
    """Sets the price, and the sale price from `at` on without an end; without one a running sale is over.

    Raises UnknownSku, ImpossiblePrice.
    """
    with transaction.atomic():
        variant = (
            Variant.objects.select_for_update(of=("self",))
            .select_related("merchant")
            .filter(merchant_id=merchant, sku=sku)
            .first()
        )
        if variant is None:
            raise UnknownSku(sku=sku)
        currency = variant.merchant.currency
        _require_possible(sku=sku, price=price, currency=currency)
        if sale_price is not None:
            _require_possible(sku=sku, price=sale_price, currency=currency, highest=price)
        variant.price, variant.sale_price = price, sale_price
        variant.sale_starts = variant.sale_ends = None
        variant.price_version += 1
        variant.price_observed_at, variant.price_source = at, source
        variant.save()
    now_costs = price if sale_price is None else sale_price
    return PriceChanged(
        merchant=merchant,
        sku=sku,
        amount=now_costs.amount,
        currency=currency,
        version=variant.price_version,
        at=at,
    )
