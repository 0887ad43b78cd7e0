"""Reads the shopper's own orders."""

from datetime import datetime

import msgspec

from catalog.connectors import ConnectorUnavailable
from catalog.orders import OrderRecord
from commerce_agent.tools.desk import Desk
from commerce_agent.tools.recording import recorded
from commerce_agent.tools.showing import get_ref, to_amount
from commerce_agent.tools.trail import Observation
from conversations.events.entities import EntitiesIntroduced, Entity
from conversations.events.facts import FactValue
from conversations.events.messages import TableShown
from conversations.ids import EntityRef

DESCRIPTION = (
    "List this shopper's orders with their status. Of an anonymous shopper, those placed in this chat."
)


ORDERS = "orders"
"""With this a part begins whose table is of orders: the widget draws how far each is."""
SHOWN = 5
"""So many of the newest orders are shown."""


class Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Nothing to say: the shopper is known to the server, or is not."""


class Orders(msgspec.Struct, frozen=True, kw_only=True):
    """The orders, newest first; None when the shopper is anonymous, or with `out_of_reach` when nobody can say."""

    orders: tuple[OrderRecord, ...] | None
    here: bool = False
    """They were placed in this talk, by whoever is not signed in: told to them, and changed by nobody."""
    out_of_reach: bool = False
    stale_since: datetime | None = None


class OrderRow(msgspec.Struct, frozen=True, kw_only=True):
    """An order in the shopper's language."""

    number: str
    status: str
    placed: str
    total: str
    items: str
    stage: str
    """The status as the shop's system names it."""


def show_orders(desk: Desk, rows: tuple[OrderRow, ...]) -> None:
    """Puts the orders beside the words, each with how far it is; once a turn, however often they are read."""
    if any(isinstance(event, TableShown) and event.part.startswith(ORDERS) for event in desk.trail.events):
        return
    told = tuple(msgspec.structs.astuple(row) for row in rows)
    part = f"{ORDERS}-{desk.trail.mint_part()}"
    desk.trail.record(TableShown(part=part, columns=OrderRow.__struct_fields__, rows=told))


@recorded("list_orders")
async def run(desk: Desk, arguments: Arguments) -> Orders:  # noqa: ARG001
    """Reads and records one fact an order; the things bought become known to the conversation."""
    state = desk.trail.state
    anonymous = state.transcript.shopper is None
    placed = tuple(receipt.proposal.hash for receipt in state.cart.receipts) if anonymous else ()
    try:
        reading = await desk.shop.list_orders(placed=placed)
    except ConnectorUnavailable:
        return Orders(orders=None, out_of_reach=True)
    if reading is None:
        return Orders(orders=None)
    if reading.stale and not reading.orders:
        # That there were none is no news of now: whoever has ordered since would be told that they have not.
        return Orders(orders=None, out_of_reach=True)
    orders = reading.orders
    for order in orders:
        said: dict[str, FactValue] = {
            "status": order.status,
            "placed": f"{order.placed_at:%Y-%m-%d}",
            "total": to_amount(order.total),
        }
        told = desk.trail.record_observations(
            tuple(
                Observation(
                    subject=EntityRef("order", order.number),
                    name=name,
                    value=value,
                    source="orders",
                    observed_at=reading.observed_at,
                    valid_until=reading.valid_until,
                    version=order.version,
                    stale=reading.stale,
                    teller=reading.teller,
                )
                for name, value in said.items()
            )
        )
        desk.trail.cite(*told)
    bought = {line.sku: line.title for order in orders for line in order.lines}
    known = desk.trail.state.entities.known
    unknown = tuple(Entity(ref=get_ref(sku), name=title) for sku, title in bought.items() if sku not in known)
    if unknown:
        desk.trail.record(EntitiesIntroduced(entities=unknown, source="order"))
    stale_since = reading.observed_at if reading.stale else None
    return Orders(orders=orders, here=not reading.customer, stale_since=stale_since)
