"""What was done or offered last, taken back."""

from commerce_agent.agent.builtin import carts
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.understanding.english.negated import undoes_cart_only
from commerce_agent.tools import change_cart
from commerce_agent.tools.desk import CannotBeDone
from conversations.events.carts import CartLine, ProposalResolved


def let_offer_go(scene: Scene) -> None:
    """Whoever says no to an offer is not left with its button; "don't take it out" says nothing of it."""
    state = scene.desk.trail.state
    if state.cart.proposal is not None and not undoes_cart_only(scene.understanding.said):
        offered = state.cart.proposal
        text = scene.book.put("order.declined" if offered.kind == "order" else "sale.declined")
        scene.desk.trail.record(
            ProposalResolved(id=offered.id, status="declined", text=text, kind=offered.kind)
        )


async def undo(scene: Scene) -> None:
    """Puts the cart back to what it was before the last reply that changed it."""
    before = _find_before(scene)
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
