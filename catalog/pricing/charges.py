"""What an order costs beside its goods: shipping and tax, by the merchant's own settings."""

from decimal import Decimal

import msgspec
from moneyed import Money

from catalog.products.discounts import round_money


class ChargeTerms(msgspec.Struct, frozen=True, kw_only=True):
    """The merchant's settings. Without a shipping price nothing is charged for it, without a rate there is no tax."""

    currency: str = "USD"
    shipping_price: Decimal | None = None
    free_shipping_over: Decimal | None = None
    tax_percent: Decimal | None = None
    tax_included: bool = True


class Charges(msgspec.Struct, frozen=True, kw_only=True):
    """What is paid for an order in all."""

    shipping: Money | None
    """None: the shop has set no shipping price, so none is in the total."""
    tax: Money | None
    tax_included: bool
    """Whether the tax is within the prices; else it was added to the total."""
    tax_percent: Decimal | None
    total: Money


def reckon_charges(goods: Money, *, terms: ChargeTerms) -> Charges:
    """The charges for goods of this price after promotions. Nothing is shipped where there are no goods."""
    currency = str(goods.currency)
    shipping = _find_shipping(goods, terms=terms)
    paid = goods if shipping is None else goods + shipping
    rate = terms.tax_percent
    if rate is None:
        tax, total = None, paid
    elif terms.tax_included:
        tax = Money(round_money(paid.amount * rate / (100 + rate), currency=currency), currency)
        total = paid
    else:
        tax = Money(round_money(paid.amount * rate / 100, currency=currency), currency)
        total = paid + tax
    return Charges(shipping=shipping, tax=tax, tax_included=terms.tax_included, tax_percent=rate, total=total)


def _find_shipping(goods: Money, *, terms: ChargeTerms) -> Money | None:
    if terms.shipping_price is None:
        return None
    currency = str(goods.currency)
    free = terms.free_shipping_over is not None and goods.amount >= terms.free_shipping_over
    return Money(0 if free or not goods.amount else terms.shipping_price, currency)


def share_out(amount: Decimal, *, weights: tuple[Decimal, ...], currency: str) -> tuple[Decimal, ...]:
    """The amount in parts as the weights are, to the currency's smallest unit; the parts sum to it exactly."""
    whole = sum(weights, Decimal(0))
    if not whole:
        return tuple(Decimal(0) for _ in weights)
    parts: list[Decimal] = []
    told = reached = Decimal(0)
    for weight in weights:
        reached += weight
        upto = round_money(amount * reached / whole, currency=currency)
        parts.append(upto - told)
        told = upto
    return tuple(parts)
