"""How far a shopper's orders are, beside the words: what both planners show of them."""

from catalog.orders import OrderRecord
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.wording.terms import say_date
from commerce_agent.tools import list_orders
from commerce_agent.tools.list_orders import OrderRow


def show_orders(scene: Scene, orders: tuple[OrderRecord, ...]) -> tuple[OrderRow, ...]:
    """Shows the newest of them, and answers what was shown."""
    rows = tuple(
        OrderRow(
            number=order.number,
            status=scene.book.name(order.status, kind="status"),
            placed=say_date(order.placed_at, book=scene.book),
            total=scene.money(order.total),
            items=scene.join([f"{line.quantity} × {line.title}" for line in order.lines]),
            stage=order.status,
        )
        for order in orders[: list_orders.SHOWN]
    )
    list_orders.show_orders(scene.desk, rows)
    return rows
