"""Proposes to cancel one of the shopper's orders that has not left yet."""

import msgspec

from catalog.orders import CancelOrder
from commerce_agent.tools.changing_orders import ChangeProposed, propose_change
from commerce_agent.tools.desk import Desk
from commerce_agent.tools.recording import recorded

DESCRIPTION = (
    "Propose to cancel an order of this shopper that is still pending. The shopper sees a button; only that "
    "cancels it."
)


class Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which order, and why."""

    number: str
    reason: str = ""


@recorded("cancel_order")
async def run(desk: Desk, arguments: Arguments) -> ChangeProposed:
    """Proposes it; raises `CannotBeDone`."""
    return await propose_change(desk, CancelOrder(number=arguments.number, reason=arguments.reason))
