"""The cart, the proposal and past orders."""

from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.moves import Move
from commerce_agent.agent.wording import get_name, say_money
from commerce_agent.tools import change_cart, list_orders, propose_order
from commerce_agent.tools.desk import AskAgain, CannotBeDone
from conversations.events.carts import CartLine
from conversations.ids import EntityRef


async def add(scene: Scene, move: Move, refs: tuple[EntityRef, ...]) -> None:
    """Puts the items into the cart, as many as the message says."""
    number = int(move.topic) if move.topic else 1
    for ref in refs:
        held = _find_line(scene, ref)
        quantity = (held.quantity if held else 0) + number
        await _set(scene, ref, quantity=quantity)


async def set_quantity(scene: Scene, move: Move, refs: tuple[EntityRef, ...]) -> None:
    """Sets how many of the item there are in the cart."""
    for ref in refs[:1]:
        await _set(scene, ref, quantity=int(move.topic or 1))


async def take_out(scene: Scene, move: Move, refs: tuple[EntityRef, ...]) -> None:  # noqa: ARG001
    """Takes the items out of the cart."""
    for ref in refs:
        line = _find_line(scene, ref)
        if line is None:
            entity = scene.desk.trail.state.entities.find(ref)
            await scene.say("cart.not_in", item=entity.name if entity else ref.key)
            continue
        await _set(scene, ref, quantity=0)


async def _set(scene: Scene, ref: EntityRef, *, quantity: int) -> None:
    try:
        cart = await change_cart.run(scene.desk, change_cart.Arguments(sku=ref.key, quantity=quantity))
    except (CannotBeDone, AskAgain) as refusal:
        await scene.say("cart.cannot", reason=str(refusal))
        return
    name = get_name(cart.changed)
    scene.voice.allow_sum(cart.priced.total.amount)
    if quantity == 0:
        await scene.say("cart.removed", item=name)
        return
    line = next(line for line in cart.lines if line.ref == ref)
    await scene.say(
        "cart.added",
        quantity=quantity,
        item=name,
        price=say_money(line.unit_price, language=scene.language),
        total=say_money(cart.priced.total, language=scene.language),
    )


def _find_line(scene: Scene, ref: EntityRef) -> CartLine | None:
    return next((line for line in scene.desk.trail.state.cart.lines if line.ref == ref), None)


async def show(scene: Scene) -> None:
    """Says what is in the cart and what it comes to."""
    lines = scene.desk.trail.state.cart.lines
    if not lines:
        await scene.say("cart.empty")
        return
    said = [
        f"{line.quantity} × {line.title} at {say_money(line.unit_price, language=scene.language)}"
        for line in lines
    ]
    total = sum(
        (line.unit_price.amount * line.quantity for line in lines[1:]),
        lines[0].unit_price.amount * lines[0].quantity,
    )
    scene.voice.allow_sum(total)
    money = type(lines[0].unit_price)(amount=total, currency=lines[0].unit_price.currency)
    await scene.say(
        "cart.shows", lines=scene.book.join(said), total=say_money(money, language=scene.language)
    )


async def check_out(scene: Scene, move: Move, refs: tuple[EntityRef, ...]) -> None:
    """Proposes the order; items named with it go into the cart first."""
    in_cart = {line.ref for line in scene.desk.trail.state.cart.lines}
    for ref in refs:
        if ref not in in_cart:
            await add(scene, move, (ref,))
    try:
        proposed = await propose_order.run(scene.desk, propose_order.Arguments())
    except CannotBeDone as refusal:
        await scene.say("proposal.cannot", reason=str(refusal))
        return
    total = say_money(proposed.proposal.total, language=scene.language)
    await scene.say("proposal.made", total=total)


async def tell_orders(scene: Scene) -> None:
    """Says what this shopper ordered and how far it is."""
    found = await list_orders.run(scene.desk, list_orders.Arguments())
    if found.orders is None:
        await scene.say("orders.anonymous")
        return
    if not found.orders:
        await scene.say("orders.none")
        return
    said = [
        f"{order.number} of {order.placed_at:%d %B %Y}, {order.status}: "
        + ", ".join(f"{line.quantity} × {line.title}" for line in order.lines)
        + f" ({say_money(order.total, language=scene.language)})"
        for order in found.orders[:5]
    ]
    await scene.say("orders.list", orders="; ".join(said))
