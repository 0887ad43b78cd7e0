"""Proposes to send back pieces of a delivered order."""

import msgspec

from catalog.orders import ItemCount, ReturnItems
from commerce_agent.tools.changing_orders import ChangeProposed, propose_change
from commerce_agent.tools.desk import Desk
from commerce_agent.tools.recording import recorded

DESCRIPTION = (
    "Propose to return items of a delivered order of this shopper, by the return policy of the day it was placed. "
    "Only the shopper's button asks for the return."
)


class Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which order, and which of its items."""

    number: str
    items: tuple[ItemCount, ...]


@recorded("return_items")
async def run(desk: Desk, arguments: Arguments) -> ChangeProposed:
    """Proposes it; raises `CannotBeDone`."""
    return await propose_change(desk, ReturnItems(number=arguments.number, items=arguments.items))
