"""Shoppers named as a merchant's system names them; who they are is sealed, so no row is made by hand."""

from datetime import UTC, datetime
from uuid import uuid4

from asgiref.sync import async_to_sync

from commerce_agent.composition import open_platform
from conversations.ids import MerchantId
from conversations.service import ShopperCard

NAMED = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


async def name_shopper_now(
    merchant: object, *, key: str = "", name: str = "", tier: str | None = None
) -> ShopperCard:
    """Names one; the same key again answers the same."""
    async with open_platform(quiet=True) as platform:
        return await platform.conversations.shoppers.record(
            merchant=MerchantId(str(merchant)), key=key or uuid4().hex, name=name, tier=tier, at=NAMED
        )


name_shopper = async_to_sync(name_shopper_now)
