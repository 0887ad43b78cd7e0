"""What waits for the shopper's button: whether it stands."""

from commerce_agent.agent.builtin.amiss import offer_for_worst
from commerce_agent.agent.builtin.carts import show
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.builtin.unchecked import tell_unpriced
from commerce_agent.agent.doubts import list_doubts, make_doubt, say_doubt
from commerce_agent.tools import look_at_cart
from commerce_agent.tools.look_at_cart import CartSeen
from commerce_agent.tools.showing import to_amount
from conversations.events.carts import Proposal


async def tell_offer(scene: Scene) -> None:
    """That it stands as it was proposed, or why it does not; looked at anew."""
    offered = scene.desk.trail.state.cart.proposal
    if offered is None:
        await scene.say("orders.not_yet")
        await show(scene)
        return
    if scene.desk.now >= offered.expires_at:
        await scene.say("order.expired" if offered.kind == "order" else "sale.expired")
        return
    if offered.kind != "order":
        await scene.say("proposal.waiting")
        return
    seen = await look_at_cart.run(scene.desk, look_at_cart.Arguments())
    off = _find_reason(scene, offered, seen)
    if off:
        # It says what was read just now, or was told when it came up.
        scene.voice.allow_name(off)
        await scene.say("proposal.cannot", reason=off)
        await offer_for_worst(scene, seen)
    elif seen.stale:
        await tell_unpriced(scene)
    else:
        scene.voice.allow_sum(offered.total.amount)
        await scene.say("offer.stands", total=scene.money(offered.total))


def _find_reason(scene: Scene, offered: Proposal, seen: CartSeen) -> str:
    """Why it would not be met, by what is known against it or was found by the look; empty where it stands."""
    trail = scene.desk.trail
    trail.record(*list_doubts(trail.state, book=scene.book))
    if trail.state.cart.off:
        return trail.state.cart.off
    reason = ""
    if seen.repriced:
        reason = say_doubt(seen.repriced[0][1], verdict="repriced", state=trail.state, book=scene.book)
    elif not seen.stale and (now := to_amount(seen.priced.charges.total)) != offered.total:
        before, after = scene.money(offered.total), scene.money(now)
        reason = scene.book.say("cart.doubt.total", seed=0, before=before, now=after)
    if not reason:
        return ""
    doubt = make_doubt(offered, reason=reason, book=scene.book)
    trail.record(doubt)
    return doubt.text
