"""Says once, where it comes up again, that what the shopper was told is no longer so."""

from catalog.connectors.fallback import NOBODY
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.tools.naming import shorten
from conversations.events.facts import Amount, Fact
from conversations.events.messages import TierChanged

MOST_TOLD = 2
"""More than this after one reply is a list, not a remark; the cards show the rest."""


async def tell_changes(scene: Scene) -> None:
    """Adds a remark for what the reply cites and the shopper was told otherwise. Terms are the policy's own."""
    await _tell_tier(scene)
    told = 0
    for before, now in scene.desk.trail.list_changes():
        if told == MOST_TOLD:
            return
        told += await _tell(scene, before, now)


async def tell_ages(scene: Scene) -> None:
    """Says how old prices and stock are that the reply rests on and that could not be read anew, where it is unsaid.

    Terms and orders say it of themselves. What nobody knows at all has no age.
    """
    told = {verdict.fact for verdict in scene.voice.verdicts if verdict.passed}
    known = scene.desk.trail.state.facts
    ages = [
        fact.observed_at
        for fact in scene.desk.trail.cited
        if fact.stale
        and fact.subject.kind == "variant"
        and fact.source != NOBODY
        # What holds may be the same reading, from the time when it was fresh.
        and (holds := known.find(subject=fact.subject, name=fact.name)) is not None
        and not told.isdisjoint((holds.id, fact.id))
    ]
    if not ages or scene.voice.has_used("stale"):
        return
    age = scene.age(min(ages))
    if age not in scene.voice.text:
        await scene.say("stale", age=age)


async def _tell_tier(scene: Scene) -> None:
    """Who has been told prices before hears that they are another tier's from here on."""
    changed = [event for event in scene.desk.trail.events if isinstance(event, TierChanged)]
    if changed and scene.desk.trail.state.transcript.tail:
        tier = changed[-1].tier
        await scene.say("changed.tier" if tier else "changed.no_tier", tier=tier or "")


async def _tell(scene: Scene, before: Fact, now: Fact) -> bool:
    known = scene.desk.trail.state.entities.find(now.subject)
    if known is None:
        return False
    item = shorten(known.name)
    scene.voice.allow_name(item)
    if now.name == "price" and isinstance(before.value, Amount) and isinstance(now.value, Amount):
        scene.voice.allow_past(before)
        await scene.say(
            "changed.price", item=item, before=scene.money(before.value), now=scene.money(now.value)
        )
        return True
    if now.name == "availability" and {before.value, now.value} & {"out_of_stock"}:
        await scene.say("changed.gone" if now.value == "out_of_stock" else "changed.back", item=item)
        return True
    return False
