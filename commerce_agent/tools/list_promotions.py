"""Says what discounts hold for this shopper now."""

from datetime import datetime

import msgspec

from catalog.connectors import ConnectorUnavailable
from catalog.promotions import AsOf, PromotionRecord
from commerce_agent.tools.desk import Desk
from commerce_agent.tools.recording import recorded
from commerce_agent.tools.showing import describe_promotion

DESCRIPTION = (
    "List the promotions in force for this shopper. Codes the shopper has not entered are not revealed."
)


class Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Nothing to say: the shop and the shopper's tier are known."""


class Promotions(msgspec.Struct, frozen=True, kw_only=True):
    """What holds, in the shop's order; None where nobody can say."""

    promotions: tuple[PromotionRecord, ...] | None
    stale_since: datetime | None = None

    @property
    def out_of_reach(self) -> bool:
        """Whether nobody can say."""
        return self.promotions is None


@recorded("list_promotions")
async def run(desk: Desk, arguments: Arguments) -> Promotions:  # noqa: ARG001
    """Reads and records one fact a promotion."""
    try:
        held = await desk.shop.list_promotions()
    except ConnectorUnavailable:
        return Promotions(promotions=None)
    as_of = held.as_of or AsOf(observed_at=held.stale_since or desk.now, stale=held.stale_since is not None)
    facts = desk.trail.record_observations(
        tuple(describe_promotion(promotion, as_of=as_of) for promotion in held.promotions)
    )
    desk.trail.cite(*facts)
    return Promotions(promotions=held.promotions, stale_since=held.stale_since)
