"""What of a cart cannot be ordered as it stands: what has sold out, and what there is less of than it holds."""

from collections.abc import Sequence

from commerce_agent.agent.builtin.scene import Scene
from conversations.events.carts import CartLine

_AHEAD = ("preorder", "backorder", "unknown")


async def tell_amiss(scene: Scene, lines: Sequence[CartLine]) -> None:
    """Says it of each line, by what was read last; an old reading says nothing of now."""
    facts = scene.desk.trail.state.facts
    for line in lines:
        seen = facts.find(subject=line.ref, name="availability")
        stock = facts.find(subject=line.ref, name="stock")
        if seen is None or seen.stale or seen.value in _AHEAD:
            continue
        if seen.value == "out_of_stock":
            scene.desk.trail.cite(seen)
            await scene.say("refused.line_sold_out", item=scene.line_name(line))
        elif stock is not None and isinstance(stock.value, int) and stock.value < line.quantity:
            scene.desk.trail.cite(stock)
            await scene.say("refused.too_many", item=scene.line_name(line), count=stock.value)
