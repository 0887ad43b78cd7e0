"""Says once, in the next answer, that what the shopper was told is no longer so."""

from catalog.connectors.readings import NOBODY
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.wording.periods import find_period_change
from commerce_agent.agent.wording.terms import say_since
from conversations.events.facts import Amount, Fact
from conversations.events.messages import TierChanged
from conversations.ids import EntityRef

MOST_TOLD = 2
"""More than this after one reply is a list, not a remark; the cards show the rest."""
LONGEST_QUOTED = 320
"""Two texts that are longer together are read where they are asked for, not in a remark."""


async def tell_changes(scene: Scene) -> None:
    """Adds a remark for what the shopper was told and what has changed since, whatever the reply is about.

    What is left for want of room stands in the next one.
    """
    await _tell_tier(scene)
    told = 0
    for before, now in scene.desk.trail.list_changes():
        if told == MOST_TOLD:
            return
        if await _tell(scene, before, now):
            scene.desk.trail.cite(now)
            told += 1


async def tell_ages(scene: Scene) -> None:
    """Says how old that is which the reply rests on and which could not be read anew, where it is unsaid: prices,
    stock, terms, promotions, orders. What nobody knows at all has no age.
    """
    told = {verdict.fact for verdict in scene.voice.verdicts if verdict.passed}
    known = scene.desk.trail.state.facts
    # Of orders nothing was told then, however much was read on the way.
    untold = "order" if scene.voice.has_used("orders.out_of_reach") else ""
    ages = [
        fact.observed_at
        for fact in scene.desk.trail.cited
        if fact.stale
        and fact.source != NOBODY
        and fact.subject.kind != untold
        # What holds may be the same reading, from the time when it was fresh.
        and (holds := known.find(subject=fact.subject, name=fact.name)) is not None
        # Terms and orders are told in the shop's own words, from which no claim of theirs is read.
        and (fact.subject.kind != "variant" or not told.isdisjoint((holds.id, fact.id)))
    ]
    if not ages or scene.voice.has_used("stale"):
        return
    age = scene.age(min(ages))
    if age not in scene.voice.text:
        await scene.say_stale(min(ages))


async def _tell_tier(scene: Scene) -> None:
    """Who has been told prices before hears that they are another tier's from here on."""
    changed = [event for event in scene.desk.trail.events if isinstance(event, TierChanged)]
    if changed and scene.desk.trail.state.transcript.tail:
        tier = changed[-1].tier
        await scene.say("changed.tier" if tier else "changed.no_tier", tier=tier or "")


async def _tell(scene: Scene, before: Fact, now: Fact) -> bool:
    """Says it; False where there is nothing to say of such a change."""
    match now.subject.kind:
        case "policy":
            return await _tell_policy(scene, before, now)
        case "promotion":
            return await _tell_promotion(scene, before, now)
        case "variant":
            return await _tell_item(scene, before, now)
        case _:
            return False


async def _tell_item(scene: Scene, before: Fact, now: Fact) -> bool:
    known = scene.desk.trail.state.entities.find(now.subject)
    if known is None:
        return False
    item = scene.held_name(known)
    match now.name:
        case "price":
            return await _tell_price(scene, before, now, item=item)
        case "availability":
            return await _tell_availability(scene, before, now, item=item)
        case "stock":
            return await _tell_stock(scene, before, now)
        case _:
            return False


async def _tell_price(scene: Scene, before: Fact, now: Fact, *, item: str) -> bool:
    if not (isinstance(before.value, Amount) and isinstance(now.value, Amount)):
        return False
    was, costs = scene.money(before.value), scene.money(now.value)
    if was not in scene.voice.text or costs not in scene.voice.text:
        scene.voice.allow_past(before)
        await scene.say("changed.price", item=item, before=was, now=costs)
    return True


async def _tell_availability(scene: Scene, before: Fact, now: Fact, *, item: str) -> bool:
    if now.value == "out_of_stock":
        # Where the reply says by itself that it is gone, what is left to say is that it was not.
        said = now in scene.desk.trail.cited
        await scene.say("changed.gone" if said else "changed.sold_out", item=item)
        return True
    if before.value == "out_of_stock":
        await scene.say("changed.back", item=item)
        return True
    if before.value == "in_stock" and now.value == "low_stock":
        return await _tell_low(scene, now.subject, item=item)
    return False


async def _tell_low(scene: Scene, ref: EntityRef, *, item: str) -> bool:
    """As numbers where a number was told."""
    trail = scene.desk.trail
    left = trail.state.facts.find(subject=ref, name="stock")
    if left is None or not isinstance(left.value, int):
        return False
    change = trail.find_change(subject=ref, name="stock")
    before = change[0].value if change else None
    if change is None or not isinstance(before, int):
        await scene.say("changed.low.worded", item=item, now=left.value)
        return True
    scene.voice.allow_past(change[0])
    if _is_told(scene, left):
        await _say_stock_before(scene, ref, before=before)
    else:
        await scene.say("changed.low", item=item, before=before, now=left.value)
    trail.cite(left)
    return True


def _is_told(scene: Scene, fact: Fact) -> bool:
    """Whether the reply has said it in words."""
    return any(verdict.passed and verdict.fact == fact.id for verdict in scene.voice.verdicts)


async def _tell_stock(scene: Scene, before: Fact, now: Fact) -> bool:
    """Where the reply says how many there are; a number that nobody asked for is no remark."""
    said = any(map(scene.voice.has_used, ("changed.low", "changed.stock", "changed.stock.of")))
    if said or not isinstance(before.value, int) or not _is_told(scene, now):
        return False
    scene.voice.allow_past(before)
    await _say_stock_before(scene, now.subject, before=before.value)
    return True


async def _say_stock_before(scene: Scene, ref: EntityRef, *, before: int) -> None:
    """Of what the reply was about; by its name where another item was named since."""
    known = scene.desk.trail.state.entities.find(ref)
    if known is not None and any(
        scene.voice.has_used(key) for key in ("notice.instead", "notice.instead.but")
    ):
        await scene.say("changed.stock.of", before=before, item=scene.held_name(known))
    else:
        await scene.say("changed.stock", before=before)


async def _tell_policy(scene: Scene, before: Fact, now: Fact) -> bool:
    """The text of a policy: its terms are in it."""
    if now.name != f"policy.{now.subject.key}" or not (
        isinstance(before.value, str) and isinstance(now.value, str)
    ):
        return False
    period = find_period_change(before=before.value, now=now.value, book=scene.book)
    if before.value in scene.voice.text or (period and all(part in scene.voice.text for part in period)):
        return True
    title = scene.book.name(now.subject.key, kind="policy")
    scene.voice.allow_past(before)
    for text in (before.value, now.value):
        scene.voice.allow_name(text)
    if period:
        since = say_since(now.observed_at, now=scene.desk.now, book=scene.book)
        await scene.say("changed.policy.period", title=title, before=period[0], now=period[1], since=since)
    elif len(before.value) + len(now.value) <= LONGEST_QUOTED:
        await scene.say("changed.policy.text", title=title, before=before.value, now=now.value)
    else:
        await scene.say("changed.policy", title=title)
    return True


async def _tell_promotion(scene: Scene, before: Fact, now: Fact) -> bool:
    """What it is called and takes off: what became of a code was told when it was entered, and prices tell the rest."""
    if now.name != "promotion":
        return False
    title = str(before.value)
    scene.voice.allow_past(before)
    scene.voice.allow_name(title)
    if now.value is None:
        await scene.say("changed.promotion.over", before=title)
    else:
        scene.voice.allow_name(str(now.value))
        await scene.say("changed.promotion", before=title, now=str(now.value))
    return True
