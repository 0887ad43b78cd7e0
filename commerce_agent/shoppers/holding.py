"""A legal hold on a shopper, placed and lifted on record."""

from datetime import datetime

from commerce_agent.composition import Platform
from conversations.accesses import Access
from conversations.ids import MerchantId, ShopperId
from conversations.service import Reader


async def hold_shopper(
    platform: Platform, *, merchant: MerchantId, shopper: ShopperId, reader: Reader, at: datetime
) -> bool:
    """Keeps all that is theirs, whoever asks, for the reader's reason; False where it is held already."""
    access = _make_access("shopper.held", merchant=merchant, shopper=shopper, reader=reader)
    return await platform.holds.place(
        merchant=merchant, owner=shopper, reason=reader.purpose, by=reader.actor, at=at, access=access
    )


async def release_shopper(
    platform: Platform, *, merchant: MerchantId, shopper: ShopperId, reader: Reader, at: datetime
) -> bool:
    """Ends a hold; False where there is none."""
    access = _make_access("shopper.released", merchant=merchant, shopper=shopper, reader=reader)
    return await platform.holds.lift(merchant=merchant, owner=shopper, by=reader.actor, at=at, access=access)


def _make_access(action: str, *, merchant: MerchantId, shopper: ShopperId, reader: Reader) -> Access:
    return Access(
        merchant=merchant,
        actor=reader.actor,
        action=action,
        subject=f"shopper:{shopper}",
        purpose=reader.purpose,
    )
