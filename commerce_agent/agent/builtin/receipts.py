"""The orders of this talk as they were placed: what is told of them stands in the talk itself."""

import re

from commerce_agent.agent.builtin.scene import Scene
from conversations.carts import Receipt
from conversations.events.carts import Proposal
from conversations.events.facts import Amount, Fact

_ALL = re.compile(r"\b(?:orders|purchases)\b", re.IGNORECASE)


async def tell_total(scene: Scene) -> None:
    """What an order came to, line by line, by the order: what the same costs today is another question."""
    receipts = list_meant(scene)
    for receipt in receipts:
        number, total, lines = receipt.number, _say_sum(scene, receipt.total), list_lines(scene, receipt)
        parts = list_parts(scene, receipt.proposal)
        if parts:
            await scene.say(
                "receipt.with", number=number, total=total, lines=scene.join(lines), parts=scene.join(parts)
            )
        else:
            await scene.say("receipt", number=number, total=total, lines=scene.join(lines))
        for fact, amount in list_moved_since(scene, receipt.number):
            key = "receipt.back" if fact.name.endswith(".back") else "receipt.due"
            await scene.say(key, number=number, amount=_say_sum(scene, amount))


async def tell_placed(scene: Scene) -> None:
    """That each stands, and what is in it, by the order: where nobody says how it stands now."""
    receipts = scene.desk.trail.state.cart.receipts
    for receipt in receipts:
        lines, total = list_lines(scene, receipt), _say_sum(scene, receipt.total)
        await scene.say("orders.here.placed", number=receipt.number, lines=scene.join(lines), total=total)


async def tell_nobody_follows(scene: Scene) -> None:
    """How far the orders of this talk are is not told to it."""
    await scene.say("orders.here.far", count=len(scene.desk.trail.state.cart.receipts))
    scene.offer_replies(scene.book.put("button.person"))


def list_meant(scene: Scene) -> tuple[Receipt, ...]:
    """The order that the question is about, by its number or what was in it; else the last, and all where many are
    asked for.
    """
    receipts, said = scene.desk.trail.state.cart.receipts, scene.understanding.said
    topics = {move.topic for move in scene.understanding.moves if move.kind in ("order_total", "money_back")}
    named = [each for each in receipts if each.number.lower() in said.lower() or each.number in topics]
    return tuple(named) or (receipts if _ALL.search(said) else receipts[-1:])


def list_lines(scene: Scene, receipt: Receipt) -> list[str]:
    """Each line as it was ordered."""
    scene.voice.allow_name(receipt.number)
    said: list[str] = []
    for line in receipt.proposal.lines:
        scene.voice.allow_sum(line.unit_price.amount)
        price, item = scene.money(line.unit_price), scene.line_name(line)
        said.append(scene.book.put("cart.line", count=line.quantity, item=item, price=price))
    return said


def list_parts(scene: Scene, proposal: Proposal) -> list[str]:
    """What of an order's total is neither goods nor in their prices."""
    for sum_ in (proposal.shipping, proposal.tax, *(taken.amount for taken in proposal.taken_off)):
        if sum_ is not None:
            scene.voice.allow_sum(sum_.amount)
    for taken in proposal.taken_off:
        # "Five euros off from 50 euros": the sum in its title is the shop's word.
        scene.voice.allow_name(taken.title)
    parts = [
        scene.book.put("proposal.part.off", title=taken.title, amount=scene.money(taken.amount))
        for taken in proposal.taken_off
    ]
    if proposal.shipping is not None:
        key = "proposal.part.shipping" if proposal.shipping.amount else "proposal.part.free_shipping"
        parts.append(scene.book.put(key, amount=scene.money(proposal.shipping)))
    if proposal.tax is not None:
        key = "proposal.part.tax_included" if proposal.tax_included else "proposal.part.tax"
        parts.append(scene.book.put(key, amount=scene.money(proposal.tax)))
    return parts


def list_moved_since(scene: Scene, number: str = "") -> list[tuple[Fact, Amount]]:
    """What goes back or is due by changes of that order, or of any, that were confirmed in this talk."""
    return [
        (fact, fact.value)
        for fact in scene.desk.trail.state.facts.canonical.values()
        if fact.subject.kind == "order"
        and fact.subject.key == (number or fact.subject.key)
        and fact.name.endswith((".back", ".due"))
        and isinstance(fact.value, Amount)
        and fact.value.amount
    ]


def _say_sum(scene: Scene, amount: Amount) -> str:
    scene.voice.allow_sum(amount.amount)
    return scene.money(amount)
