"""What of a cart cannot be ordered as it stands: what has sold out, and what there is less of than it holds."""

from catalog.connectors import ConnectorUnavailable
from commerce_agent.agent.alternatives import Alternative, find_alternative, name_remembered
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.doubts import list_doubts
from commerce_agent.tools.cart_lines import SHORT
from commerce_agent.tools.look_at_cart import CartSeen
from commerce_agent.tools.showing import record_offer, to_entity
from conversations.events.carts import CartLine, CartLineChecked
from conversations.events.entities import EntitiesIntroduced


async def tell_amiss(scene: Scene, seen: CartSeen) -> None:
    """Says it of each line, what it does to the order that was proposed, and what there is instead."""
    for line, checked in _list_short(seen):
        await _tell_line(scene, line, checked)
    doubts = list_doubts(scene.desk.trail.state, book=scene.book)
    if doubts:
        scene.desk.trail.record(*doubts)
        await scene.say("proposal.doubted")
    await offer_for_worst(scene, seen)


async def offer_for_worst(scene: Scene, seen: CartSeen) -> None:
    """Names another item for the line that lacks most: what is gone altogether before what there is too little of."""
    short = _list_short(seen)
    if short:
        line, _ = min(short, key=lambda each: each[1].verdict != "sold_out")
        await offer_instead(scene, line)


def _list_short(seen: CartSeen) -> list[tuple[CartLine, CartLineChecked]]:
    return [
        (line, checked)
        for line in seen.lines
        if (checked := seen.amiss.get(line.ref.key)) and checked.verdict in SHORT
    ]


async def _tell_line(scene: Scene, line: CartLine, checked: CartLineChecked) -> None:
    sold_out = checked.verdict == "sold_out"
    name = "availability" if sold_out else "stock"
    rests_on = scene.desk.trail.state.facts.find(subject=line.ref, name=name)
    if rests_on is not None:
        scene.desk.trail.cite(rests_on)
    if sold_out:
        await scene.say("refused.line_sold_out", item=scene.line_name(line))
    else:
        await scene.say("refused.too_many", item=scene.line_name(line), count=checked.left or 0)


async def offer_instead(scene: Scene, line: CartLine) -> None:
    """Names another item for a line that cannot be had as it stands; nothing where there is none, or nobody can say."""
    known = scene.desk.trail.state.entities.find(line.ref)
    if known is None:
        return
    try:
        other = await find_alternative(
            scene.desk.shop,
            gone=name_remembered(known),
            ledger=scene.desk.trail.state.constraints,
            wanted=line.quantity,
        )
    except ConnectorUnavailable:
        return
    if other is not None:
        await _say(scene, other)


async def _say(scene: Scene, other: Alternative) -> None:
    scene.desk.trail.record(EntitiesIntroduced(entities=(to_entity(other.offer),), source="alternative"))
    told = record_offer(scene.desk.trail, other.offer)
    scene.desk.trail.cite(told.price, told.availability)
    named = scene.version_name if other.is_version else scene.name
    item, price = named(other.offer), scene.money(other.offer.price.price)
    if other.missed is None:
        await scene.say("notice.instead", item=item, price=price)
    else:
        term = other.missed.text or f"{other.missed.value}"
        await scene.say("notice.instead.but", item=item, price=price, term=term)
