"""The promotions in force for a shopper, asked of the merchant's system."""

from datetime import datetime

import msgspec

from catalog.connectors import WHOLE, PromotionSource, PromotionTerms
from catalog.ids import MerchantId
from catalog.products.discounts import Discount


class AsOf(msgspec.Struct, frozen=True, kw_only=True):
    """Of when and which version it is what is known of the promotions."""

    observed_at: datetime
    version: int = 0
    """Of the list as a whole; each promotion has one of its own."""
    stale: bool = False
    source: str = ""
    """Which system keeps the merchant's promotions."""
    teller: int = 0
    """Which of those that it has had."""

    def rest_on(self, since: datetime | None) -> "AsOf":
        """The same where it also rests on something that could not be asked for since."""
        if since is None:
            return self
        return msgspec.structs.replace(self, observed_at=min(self.observed_at, since), stale=True)


class PromotionsHeld(msgspec.Struct, frozen=True, kw_only=True):
    """What lowers prices now for this shopper; `stale_since` where the system could not be asked."""

    promotions: tuple[Discount, ...]
    stale_since: datetime | None = None
    as_of: AsOf | None = None
    """None where the system has no answer to be dated."""


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
    as_of = AsOf(
        observed_at=reading.observed_at,
        version=reading.version,
        stale=reading.stale,
        source=reading.source,
        teller=reading.teller,
    )
    if any(discount.requires_tier for discount in held):
        as_of = as_of.rest_on(tier_since)
    return PromotionsHeld(
        promotions=held, stale_since=as_of.observed_at if as_of.stale else None, as_of=as_of
    )


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
