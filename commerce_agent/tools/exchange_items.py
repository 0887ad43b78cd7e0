"""Proposes to exchange pieces of a delivered order for other versions of the same product."""

import msgspec

from catalog.orders import ExchangeItems, Swap
from commerce_agent.tools.changing_orders import ChangeProposed, propose_change
from commerce_agent.tools.desk import Desk
from commerce_agent.tools.recording import recorded

DESCRIPTION = (
    "Propose to exchange items of a delivered order of this shopper for another size or colour of the same product. "
    "Only the shopper's button asks for the exchange."
)


class Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which order, and what for what."""

    number: str
    swaps: tuple[Swap, ...]


@recorded("exchange_items")
async def run(desk: Desk, arguments: Arguments) -> ChangeProposed:
    """Proposes it; raises `CannotBeDone`."""
    return await propose_change(desk, ExchangeItems(number=arguments.number, swaps=arguments.swaps))
