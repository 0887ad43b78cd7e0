"""Promotions as arithmetic: which discounts may bear on a price, in SQL for searching and in Python for quoting."""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

import msgspec
from moneyed import get_currency
from psycopg import AsyncConnection
from psycopg.rows import TupleRow, dict_row

from catalog.ids import MerchantId
from commerce_agent.decoding import convert

Scope = Literal["store", "category", "brand", "sku"]

IN_FORCE = """
SELECT id, code, title, percent, amount, scope, scope_value, requires_tier, min_total, valid_until, version
FROM catalog_promotion WHERE merchant_id = %(merchant)s AND active
  AND (valid_from IS NULL OR valid_from <= %(now)s) AND (valid_until IS NULL OR valid_until > %(now)s)
  AND (code IS NULL OR lower(code) = ANY(%(codes)s)) AND (requires_tier = '' OR lower(requires_tier) = %(tier)s)
ORDER BY id
"""


class Discount(msgspec.Struct, frozen=True, kw_only=True):
    """A promotion in force for this shopper: `percent` or `amount` off what its scope covers."""

    id: int
    code: str | None
    title: str
    percent: Decimal | None
    amount: Decimal | None
    scope: Scope
    scope_value: str
    requires_tier: str
    min_total: Decimal | None
    valid_until: datetime | None
    version: int = 0
    """0: the system does not number its promotions."""

    @property
    def is_of_order(self) -> bool:
        """An amount with a least total comes off the order once; everything else comes off each unit."""
        return self.amount is not None and self.min_total is not None

    @property
    def terms(self) -> str:
        """What it takes off and from which total on, in figures: "10%", "5 from 70"; a title can stand for others."""
        taken = f"{self.percent.normalize():f}%" if self.percent is not None else _write(self.amount)
        return taken if self.min_total is None else f"{taken} from {_write(self.min_total)}"

    def take_off(self, *, price: Decimal, currency: str) -> Decimal:
        """The price with this discount, rounded half up to the currency's smallest unit, never below nothing."""
        if self.percent is not None:
            return round_money(price * (100 - self.percent) / 100, currency=currency)
        return max(price - (self.amount or Decimal(0)), Decimal(0))

    def covers(self, *, sku: str, brand: str, category: str) -> bool:
        """Whether an item lies within the scope; `category` is its path."""
        match self.scope:
            case "store":
                return True
            case "sku":
                return sku == self.scope_value
            case "brand":
                return brand.lower() == self.scope_value.lower()
            case "category":
                return is_within(category, category=self.scope_value)


def _write(amount: Decimal | None) -> str:
    return f"{(amount or Decimal(0)).normalize():f}"


def is_within(path: str, *, category: str) -> bool:
    """Whether a category path lies under a category, named by its own name or by a path."""
    return f" > {category.lower()} > " in f" > {path.lower()} > " if category else False


def count_decimals(currency: str) -> int:
    """Decimals of the smallest unit: 2 for USD, 0 for JPY."""
    return len(str(get_currency(currency).sub_unit)) - 1


def round_money(amount: Decimal, *, currency: str) -> Decimal:
    """Half up to the currency's smallest unit."""
    return amount.quantize(Decimal(1).scaleb(-count_decimals(currency)), rounding=ROUND_HALF_UP)


async def list_discounts(
    connection: AsyncConnection[TupleRow],
    *,
    merchant: MerchantId,
    now: datetime,
    tier: str | None,
    codes: tuple[str, ...],
) -> tuple[Discount, ...]:
    """Promotions in force now, for this tier: automatic ones and those of the codes."""
    asked = {
        "merchant": merchant,
        "now": now,
        "tier": (tier or "").lower(),
        "codes": [code.strip().lower() for code in codes],
    }
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(IN_FORCE, asked)
        return tuple(convert(row, Discount) for row in await cursor.fetchall())
