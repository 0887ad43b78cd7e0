"""What the shopper ordered and how far it is."""

import re
from collections.abc import Sequence

from catalog.ids import Sku
from catalog.orders import OrderRecord
from catalog.products import VariantRecord
from commerce_agent.agent.builtin.orders_shown import show_orders
from commerce_agent.agent.builtin.receipts import tell_nobody_follows, tell_placed
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.understanding.english.placed import ORDER_NUMBER, TOTAL_OF_ORDERS, WENT_THROUGH
from commerce_agent.tools import list_orders
from commerce_agent.tools.showing import get_ref
from conversations.events.entities import EntitiesFocused
from conversations.language.tokens import list_stems

_MY = re.compile(r"\b(?:my|our) (?P<what>(?:[\w'-]+ ?){1,5})", re.IGNORECASE)


async def say_unknown_orders(scene: Scene) -> None:
    """To whoever would change an order and is not signed in."""
    placed = scene.desk.trail.state.cart.orders
    if placed:
        for number in placed:
            # The talk itself knows it, though no system was asked.
            scene.voice.allow_name(number)
        await scene.say("orders.here", numbers=scene.join(list(placed)), count=len(placed))
        scene.offer_replies(scene.book.put("button.person"))
    else:
        await scene.say("orders.anonymous")


async def tell_orders(scene: Scene) -> None:
    """Says what this shopper ordered and how far it is."""
    cart = scene.desk.trail.state.cart
    of_press = WENT_THROUGH.search(scene.understanding.said) is not None
    if of_press and (cart.proposal is not None or (cart.lines and not cart.done)):
        # What was ordered in other talks is not what is asked after.
        await scene.say("orders.not_yet" if cart.proposal is None else "proposal.unconfirmed")
        return
    found = await list_orders.run(scene.desk, list_orders.Arguments())
    if found.out_of_reach:
        await tell_placed(scene)
        await scene.say("orders.out_of_reach")
        return
    if found.orders is None:
        await _tell_nobody(scene, of_press=of_press)
        return
    if not found.orders:
        await scene.say("orders.none")
        return
    if found.here:
        await _tell_here(scene, found.orders)
        return
    named, bought = await _find_named(scene, found.orders)
    rows = show_orders(scene, named or found.orders)
    said = [
        scene.book.put(
            "orders.line",
            number=row.number,
            day=row.placed,
            status=row.status,
            lines=row.items,
            total=row.total,
        )
        for row in rows
    ]
    await scene.say("orders.list", orders="; ".join(said))
    await _tell_sum(scene, named or found.orders)
    if len(bought) == 1:
        scene.desk.trail.record(EntitiesFocused(refs=(get_ref(bought[0]),)))
    elif len(found.orders) == 1 and len(found.orders[0].lines) == 1:
        scene.desk.trail.record(EntitiesFocused(refs=(get_ref(found.orders[0].lines[0].sku),)))
    if found.stale_since is not None:
        await scene.say_stale(found.stale_since)


async def _tell_nobody(scene: Scene, *, of_press: bool) -> None:
    """To whoever is not signed in, where nobody says how the orders of this talk stand, or there are none."""
    cart = scene.desk.trail.state.cart
    if cart.receipts:
        await tell_placed(scene)
        await tell_nobody_follows(scene)
    elif of_press and not cart.orders:
        await scene.say("orders.not_yet")
    else:
        await say_unknown_orders(scene)


async def _tell_here(scene: Scene, orders: tuple[OrderRecord, ...]) -> None:
    """To whoever is not signed in: what was ordered in this talk, by the order, and how it stands now."""
    await tell_placed(scene)
    for row in show_orders(scene, orders):
        await scene.say("orders.here.stands", number=row.number, status=row.status)
    if len(orders) == len(scene.desk.trail.state.cart.orders):
        # Of the newest only, or of what their keeper still has, the sum would be too low.
        await _tell_sum(scene, orders)


async def _tell_sum(scene: Scene, orders: Sequence[OrderRecord]) -> None:
    """As in "what did my orders come to?": together, without what was cancelled."""
    kept = [order for order in orders if order.status != "cancelled"]
    asked = TOTAL_OF_ORDERS.search(scene.understanding.said)
    if asked and len(kept) > 1 and len({order.total.currency for order in kept}) == 1:
        total = sum((order.total for order in kept[1:]), kept[0].total)
        scene.voice.allow_sum(total.amount)
        await scene.say("orders.together", count=len(kept), total=scene.money(total))


async def _find_named(
    scene: Scene, orders: Sequence[OrderRecord]
) -> tuple[tuple[OrderRecord, ...], tuple[Sku, ...]]:
    """As in "has my tent shipped?": the orders with what is named so, and what it is; none where nothing is."""
    numbers = {match["number"].lower() for match in ORDER_NUMBER.finditer(scene.understanding.said)}
    if numbered := tuple(order for order in orders if order.number.lower() in numbers):
        return numbered, ()
    match = _MY.search(scene.understanding.said)
    said = set(list_stems(match["what"])) if match else set()
    skus = list(dict.fromkeys(line.sku for order in orders for line in order.lines))
    items = await scene.desk.shop.list_items(skus) if said else {}
    scores = {
        line.sku: len(said & {*list_stems(line.title), *list_stems(_name_kind(items.get(line.sku)))})
        for order in orders
        for line in order.lines
    }
    best = max(scores.values(), default=0)
    meant = tuple(sku for sku, score in scores.items() if best and score == best)
    named = tuple(order for order in orders if any(line.sku in meant for line in order.lines))
    return named, meant


def _name_kind(item: VariantRecord | None) -> str:
    return item.category if item else ""
