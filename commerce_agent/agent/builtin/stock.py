"""Whether items can be had, and what else there is where not."""

from commerce_agent.agent.builtin.asked import MOST_ANSWERED
from commerce_agent.agent.builtin.items import look, say_stale, tell_details
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.builtin.versions import list_other_versions
from commerce_agent.agent.understanding.english.in_stock import ANY_LEFT, COMES_BACK, IN_WHAT, IS_LAST_ONE
from commerce_agent.agent.understanding.english.moves import ASKS_WHEN
from commerce_agent.agent.understanding.moves import Move
from commerce_agent.tools.look_at_product import Look
from commerce_agent.tools.offers import Offer
from commerce_agent.tools.showing import get_availability, get_ref
from conversations.events.entities import EntitiesFocused
from conversations.ids import EntityRef

MOST_COUNTED = 5
"""A number is soon told: of all that is shown beside one another."""


async def tell_stock(scene: Scene, move: Move, refs: tuple[EntityRef, ...]) -> None:
    """Says whether the items can be had, by a fresh reading, and what else there is where not."""
    if IN_WHAT.search(scene.understanding.said) and not scene.understanding.wishes:
        await tell_details(scene, move, refs)
        return
    told = refs[: MOST_COUNTED if _asks_how_many(scene) else MOST_ANSWERED]
    for ref in told:
        seen = await look(scene, ref)
        gone = await _find_gone(scene, seen.offer) if COMES_BACK.search(scene.understanding.said) else None
        seen = await look(scene, get_ref(gone)) if gone else seen
        offer = seen.offer
        name, count = scene.version_name(offer), offer.stock.quantity
        match get_availability(offer):
            case "in_stock" if count is not None and _asks_how_many(scene):
                await scene.say("stock.count", item=name, count=count)
            case "in_stock":
                await scene.say("stock.in", item=name)
            case "low_stock":
                await scene.say("stock.low", item=name, count=count or 0)
            case "out_of_stock":
                await _tell_gone(scene, seen)
            case "preorder" | "backorder":
                await scene.say("stock.order", item=name)
            case "unknown":
                await scene.say("stock.unknown", item=name)
        await say_stale(scene, offer.stock)
    if len(told) > 1 and _asks_how_many(scene):
        # What is counted together stays together: the next "the second" is one of these.
        scene.desk.trail.record(EntitiesFocused(refs=told))


def _asks_how_many(scene: Scene) -> bool:
    """As in "how many are left?", "is that the last one?"."""
    said = scene.understanding.said
    return "how many" in scene.said or any(asks.search(said) for asks in (IS_LAST_ONE, ANY_LEFT))


async def _find_gone(scene: Scene, offer: Offer) -> str | None:
    """What is to come back: where the item can be had, the one that was just said to be sold out."""
    if offer.can_be_had:
        state = scene.desk.trail.state
        latest = [
            known.entity.ref.key
            for known in state.entities.known.values()
            if known.touched >= state.transcript.turns - 1 and known.entity.ref.key != offer.item.sku
        ]
        for other in await scene.desk.shop.list_offers(latest):
            if get_availability(other) == "out_of_stock":
                return other.item.sku
    return None


async def _tell_gone(scene: Scene, seen: Look) -> None:
    await scene.say("stock.out", item=scene.version_name(seen.offer))
    if ASKS_WHEN.search(scene.understanding.said):
        await scene.say("stock.out.until")
    options = list_other_versions(scene, seen)
    if options:
        await scene.say("stock.out.siblings", options=scene.join(options, last="or"))
    else:
        await scene.say("stock.out.alike")
        scene.offer_replies(scene.book.put("button.alike"))
