"""Proposes other versions of what was ordered, before it leaves."""

import msgspec

from catalog.orders import ChangeItems, Swap
from commerce_agent.tools.changing_orders import ChangeProposed, propose_change
from commerce_agent.tools.desk import Desk
from commerce_agent.tools.recording import recorded

DESCRIPTION = (
    "Propose another size or colour for items of an order of this shopper that is still pending. Only the shopper's "
    "button changes it."
)


class Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which order, and what for what."""

    number: str
    swaps: tuple[Swap, ...]


@recorded("change_order_items")
async def run(desk: Desk, arguments: Arguments) -> ChangeProposed:
    """Proposes it; raises `CannotBeDone`."""
    return await propose_change(desk, ChangeItems(number=arguments.number, swaps=arguments.swaps))
