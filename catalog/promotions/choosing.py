"""The stacking rule: discounts never add up; on each unit the single best one holds, an equal one by lower id."""

from collections.abc import Iterable
from datetime import datetime

import msgspec
from moneyed import Money

from catalog.products.discounts import Discount


class AppliedPromotion(msgspec.Struct, frozen=True, kw_only=True):
    """A promotion that lowered a price."""

    id: int
    title: str
    code: str | None
    saving: Money
    """Off one unit."""
    terms: str = ""
    """What it takes off in general, in figures."""
    valid_until: datetime | None = None
    version: int = 0


def choose_discount(
    discounts: Iterable[Discount], *, price: Money, sku: str, brand: str, category: str
) -> AppliedPromotion | None:
    """The discount that leaves the lowest price for this item; None where none lowers it.

    Whether a discount's tier, code, dates and least total are met is for the caller to have checked.
    """
    currency = str(price.currency)
    best: AppliedPromotion | None = None
    for discount in sorted(discounts, key=lambda each: each.id):
        if not discount.covers(sku=sku, brand=brand, category=category):
            continue
        saving = price.amount - discount.take_off(price=price.amount, currency=currency)
        if saving > (best.saving.amount if best else 0):
            best = AppliedPromotion(
                id=discount.id,
                title=discount.title,
                code=discount.code,
                saving=Money(saving, currency),
                terms=discount.terms,
                valid_until=discount.valid_until,
                version=discount.version,
            )
    return best
