"""Says what discounts hold for this shopper now."""

import msgspec

from catalog.promotions import PromotionRecord
from commerce_agent.tools.desk import Desk
from commerce_agent.tools.recording import recorded
from commerce_agent.tools.trail import Observation
from conversations.ids import EntityRef

DESCRIPTION = (
    "List the promotions in force for this shopper. Codes the shopper has not entered are not revealed."
)


class Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Nothing to say: the shop and the shopper's tier are known."""


class Promotions(msgspec.Struct, frozen=True, kw_only=True):
    """What holds, in the shop's order."""

    promotions: tuple[PromotionRecord, ...]


@recorded("list_promotions")
async def run(desk: Desk, arguments: Arguments) -> Promotions:  # noqa: ARG001
    """Reads and records one fact a promotion."""
    promotions = await desk.shop.list_promotions()
    facts = desk.trail.record_observations(
        tuple(
            Observation(
                subject=EntityRef("promotion", promotion.code or promotion.title),
                name="promotion",
                value=promotion.title,
                source="promotions",
                observed_at=desk.now,
            )
            for promotion in promotions
        )
    )
    desk.trail.cite(*facts)
    return Promotions(promotions=promotions)
