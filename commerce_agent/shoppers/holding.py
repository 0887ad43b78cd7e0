"""A legal hold on a shopper, or on one conversation of whomever, placed and lifted on record."""

from datetime import datetime
from typing import Literal

import msgspec

from commerce_agent.composition import Platform
from conversations.accesses import Access
from conversations.ids import ConversationId, MerchantId, ShopperId
from conversations.service import Reader


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """What a hold keeps: all of a shopper, or one conversation."""

    merchant: MerchantId
    kind: Literal["shopper", "conversation"]
    id: ShopperId | ConversationId


async def place_hold(platform: Platform, held: Held, *, reader: Reader, at: datetime) -> bool:
    """Keeps it, whoever asks, for the reader's reason; False where it is held already."""
    access = _make_access(held, action=f"{held.kind}.held", reader=reader)
    return await platform.holds.place(
        merchant=held.merchant, owner=held.id, reason=reader.purpose, by=reader.actor, at=at, access=access
    )


async def lift_hold(platform: Platform, held: Held, *, reader: Reader, at: datetime) -> bool:
    """Ends a hold; False where there is none."""
    access = _make_access(held, action=f"{held.kind}.released", reader=reader)
    return await platform.holds.lift(
        merchant=held.merchant, owner=held.id, by=reader.actor, at=at, access=access
    )


def _make_access(held: Held, *, action: str, reader: Reader) -> Access:
    return Access(
        merchant=held.merchant,
        actor=reader.actor,
        action=action,
        subject=f"{held.kind}:{held.id}",
        purpose=reader.purpose,
    )
