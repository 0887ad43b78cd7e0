"""How many go back, said anew while the offer of it is open: "make that two", "just one"."""

from catalog.ids import Sku
from catalog.orders import ItemCount
from commerce_agent.agent.builtin import after_sale
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.understanding.moves import Move
from commerce_agent.tools import return_items
from conversations.events.carts import CartLine


def find_going_back(scene: Scene) -> CartLine | None:
    """The one line that is offered to be returned, where nothing else is meant."""
    offered = scene.desk.trail.state.cart.proposal
    if offered is None or offered.kind != "return" or len(offered.lines) != 1:
        return None
    line = offered.lines[0]
    return line if set(scene.understanding.resolved) <= {line.ref} else None


async def recount(scene: Scene, move: Move) -> bool:
    """Offers to take so many back; False where no number is said of what is offered to go back."""
    line, offered = find_going_back(scene), scene.desk.trail.state.cart.proposal
    if move.kind != "set_quantity" or not move.topic.isdecimal() or line is None or offered is None:
        return False
    items = (ItemCount(sku=Sku(line.ref.key), quantity=int(move.topic)),)
    arguments = return_items.Arguments(number=offered.order or "", items=items)
    await after_sale.tell_proposed(scene, await return_items.run(scene.desk, arguments))
    return True
