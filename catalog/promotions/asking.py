"""The promotions in force for a shopper, asked of the merchant's system."""

from datetime import datetime

import msgspec

from catalog.connectors import WHOLE, PromotionSource, PromotionTerms
from catalog.ids import MerchantId
from catalog.products.discounts import Discount


class PromotionsHeld(msgspec.Struct, frozen=True, kw_only=True):
    """What lowers prices now for this shopper; `stale_since` where the system could not be asked."""

    promotions: tuple[Discount, ...]
    stale_since: datetime | None = None


async def ask_promotions(
    source: PromotionSource,
    *,
    merchant: MerchantId,
    now: datetime,
    tier: str | None = None,
    tier_since: datetime | None = None,
    codes: tuple[str, ...] = (),
) -> PromotionsHeld:
    """Automatic promotions, and those of the codes, for a shopper of this tier. Raises ConnectorUnavailable.

    Where one of them is for a tier that could not be asked for since, what holds is no newer than the tier.
    """
    readings = await source.read(merchant=merchant, keys=(WHOLE,), now=now)
    reading = readings.get(WHOLE)
    if reading is None:
        return PromotionsHeld(promotions=())
    given = {code.strip().lower() for code in codes}
    held = tuple(
        _make_discount(terms)
        for terms in reading.promotions
        if _holds(terms, now=now, tier=(tier or "").lower(), codes=given)
    )
    old = [reading.observed_at] if reading.stale else []
    if tier_since is not None and any(discount.requires_tier for discount in held):
        old.append(tier_since)
    return PromotionsHeld(promotions=held, stale_since=min(old, default=None))


def _holds(terms: PromotionTerms, *, now: datetime, tier: str, codes: set[str]) -> bool:
    return (
        terms.active
        and (terms.valid_from is None or terms.valid_from <= now)
        and (terms.valid_until is None or terms.valid_until > now)
        and (terms.code is None or terms.code.lower() in codes)
        and (not terms.requires_tier or terms.requires_tier.lower() == tier)
    )


def _make_discount(terms: PromotionTerms) -> Discount:
    return Discount(**{name: getattr(terms, name) for name in Discount.__struct_fields__})
