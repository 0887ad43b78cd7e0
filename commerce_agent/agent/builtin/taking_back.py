"""What was done or offered last, taken back."""

import re

from commerce_agent.agent.builtin import carts
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.understanding.english.negated import refuses_price, withdraws_offer
from commerce_agent.agent.understanding.english.of_cart import KEEPS_IN
from commerce_agent.tools import change_cart
from commerce_agent.tools.desk import CannotBeDone
from conversations.events.carts import CartLine, ProposalResolved

_KEEPS_IN = re.compile(KEEPS_IN, re.IGNORECASE)


def let_offer_go(scene: Scene) -> None:
    """Whoever says no to an offer is not left with its button; "no problem" and "keep it in" say nothing of it."""
    if withdraws_offer(scene.understanding.said) or refuses_price(scene.understanding.said):
        _withdraw(scene)


def let_dear_offer_go(scene: Scene) -> None:
    """The same of an offer that is too dear, whatever is sought in its place."""
    if refuses_price(scene.understanding.said):
        _withdraw(scene)


async def decline(scene: Scene) -> None:
    """Leaves what was offered; of an order of several things that is too dear it is asked what is to be cheaper."""
    let_offer_go(scene)
    of_order = any(
        isinstance(event, ProposalResolved) and event.kind == "order" for event in scene.desk.trail.events
    )
    if of_order and scene.desk.trail.state.cart.lines and refuses_price(scene.understanding.said):
        await carts.show(scene)
        await scene.say("decline.price")
        return
    await scene.say("decline")


def _withdraw(scene: Scene) -> None:
    offered = scene.desk.trail.state.cart.proposal
    if offered is not None:
        text = scene.book.put("order.declined" if offered.kind == "order" else "sale.declined")
        scene.desk.trail.record(
            ProposalResolved(id=offered.id, status="declined", text=text, kind=offered.kind)
        )


async def undo(scene: Scene) -> None:
    """Puts the cart back to what it was before the last reply that changed it; an offer made since goes first."""
    keeps_in = _KEEPS_IN.search(scene.understanding.said) is not None
    if scene.desk.trail.state.cart.proposal is not None and not keeps_in:
        _withdraw(scene)
        await scene.say("never_mind")
        return
    before = _find_before(scene)
    if before is not None and keeps_in:
        before = _list_left(scene, before)
    if before is None:
        await scene.say("never_mind")
        return
    held = {line.ref: line.quantity for line in scene.desk.trail.state.cart.lines}
    wanted = {line.ref: line.quantity for line in before}
    for ref in (*wanted, *(ref for ref in held if ref not in wanted)):
        if wanted.get(ref, 0) == held.get(ref, 0):
            continue
        try:
            await change_cart.run(scene.desk, change_cart.Arguments(sku=ref.key, quantity=wanted.get(ref, 0)))
        except CannotBeDone as refusal:
            await scene.say("cart.cannot", reason=scene.explain(refusal))
    await carts.show(scene)


def _list_left(scene: Scene, before: tuple[CartLine, ...]) -> tuple[CartLine, ...] | None:
    """As in "leave it in": the lines with what is meant as it was; None where none of that had left the cart."""
    now = {line.ref: line for line in scene.desk.trail.state.cart.lines}
    left = [line for line in before if line.ref not in now or now[line.ref].quantity < line.quantity]
    meant = scene.understanding.resolved
    stays = {line.ref: line for line in left if not meant or line.ref in meant}
    return tuple({**now, **stays}.values()) if stays else None


def _find_before(scene: Scene) -> tuple[CartLine, ...] | None:
    """The lines before the last reply that changed them; None where none did lately."""
    state = scene.desk.trail.state
    for decision in reversed(state.decisions.latest):
        changes = sum(
            used.tool == "change_cart" and not used.dropped and used.outcome == "ok"
            for used in decision.tools
        )
        if changes and state.cart.earlier:
            return state.cart.earlier[-min(changes, len(state.cart.earlier))]
    return None
