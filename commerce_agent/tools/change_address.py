"""Proposes to send one of the shopper's orders that has not left yet to another address."""

import msgspec

from catalog.orders import ChangeAddress
from commerce_agent.tools.changing_orders import ChangeProposed, propose_change
from commerce_agent.tools.desk import Desk
from commerce_agent.tools.recording import recorded

DESCRIPTION = (
    "Propose another delivery address for an order of this shopper that is still pending. Take the address as the "
    "shopper wrote it. Only the shopper's button changes it."
)


class Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which order, and where to."""

    number: str
    address: str


@recorded("change_address")
async def run(desk: Desk, arguments: Arguments) -> ChangeProposed:
    """Proposes it; raises `CannotBeDone`."""
    return await propose_change(
        desk, ChangeAddress(number=arguments.number, address=arguments.address.strip())
    )
