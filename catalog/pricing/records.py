"""What something costs this shopper, and why."""

from datetime import datetime
from typing import Literal

import msgspec
from moneyed import Money

from catalog.ids import Sku
from catalog.pricing.charges import Charges
from catalog.promotions import AppliedPromotion, AsOf


class PriceContext(msgspec.Struct, frozen=True, kw_only=True):
    """What a price depends on besides the item: the moment, the shopper's tier, the codes given."""

    now: datetime
    tier: str | None = None
    tier_since: datetime | None = None
    """Of when the tier is, where the system that knows it could not be asked; a price that rests on it is as old."""
    codes: tuple[str, ...] = ()


class PriceAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`list_price` is before sale and promotion, `price` is what is paid for one."""

    sku: Sku
    list_price: Money
    price: Money
    promotions: tuple[AppliedPromotion, ...]
    source: str
    observed_at: datetime
    valid_until: datetime | None
    version: int
    stale: bool = False
    teller: int = 0
    """Which of the systems that the shop has had for prices said them."""
    promoted: AsOf | None = None
    """Of when it is what is known of `promotions`; None where nobody could say what lowers the price."""
    given: tuple[str, ...] = ()
    """The shopper's tier and codes that were given with the question: `tier:gold`, `code:spring10`."""
    used: tuple[str, ...] = ()
    """What of it lowers the price."""


class CartItem(msgspec.Struct, frozen=True, kw_only=True):
    """So many of one item."""

    sku: Sku
    quantity: int


class PricedLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the cart with what it costs."""

    sku: Sku
    quantity: int
    list_price: Money
    unit_price: Money
    line_total: Money
    """Before what comes off the whole order."""
    promotions: tuple[AppliedPromotion, ...]
    order_share: Money | None = None
    """This line's part of a promotion that comes off the whole order."""


RefusedFor = Literal["unknown", "not_yet", "expired", "tier", "min_total", "nothing", "unreachable"]


class RefusedCode(msgspec.Struct, frozen=True, kw_only=True):
    """A code that lowered nothing, and why, in words for the shopper and in one for programs."""

    code: str
    reason: str
    kind: RefusedFor = "nothing"
    holds_from: datetime | None = None
    """Of one that is not in force yet."""
    least: Money | None = None
    """What the cart must come to before promotions, of one that wants so much."""


class OrderDiscount(msgspec.Struct, frozen=True, kw_only=True):
    """A promotion that comes off the whole order, once."""

    id: int
    title: str
    code: str | None
    amount: Money


class CartPrice(msgspec.Struct, frozen=True, kw_only=True):
    """The cart's sum: `total` is what its goods cost, `discount` what promotions took off it."""

    lines: tuple[PricedLine, ...]
    total: Money
    discount: Money
    charges: Charges
    """Shipping and tax, and what an order of this cart would cost in all."""
    order_discount: OrderDiscount | None = None
    """The part of `discount` that is in no unit price."""
    refused_codes: tuple[RefusedCode, ...] = ()
    unpriced: tuple[Sku, ...] = ()
    """Items whose price is not known; they are not in the total."""
    stale: bool = False
    """True when a price is the last known one because its source is out of reach, or what lowers it is uncertain."""
    promoted: AsOf | None = None
    """Of when it is what is said of promotions and codes; None where nobody could say what lowers the price."""
