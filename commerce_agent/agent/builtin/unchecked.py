"""What of a cart is not known for certain, and since when: its stock, its prices."""

from collections.abc import Sequence

from catalog.connectors.readings import NOBODY
from commerce_agent.agent.builtin.scene import Scene
from conversations.events.facts import Fact
from conversations.ids import EntityRef


async def tell_unchecked(scene: Scene, refs: Sequence[EntityRef], *, stale: bool) -> None:
    """Of what was put in; `stale` where its prices could not be asked for."""
    stock = [fact for fact in scene.desk.trail.cited if fact.name == "availability" and fact.subject in refs]
    known = [scene.desk.trail.state.facts.find(subject=ref, name="availability") for ref in refs]
    if any(fact is not None and fact.value == "unknown" for fact in known):
        await scene.say("cart.unchecked")
    elif old := _list_old(stock):
        await scene.say("cart.unchecked.since", age=scene.age(min(fact.observed_at for fact in old)))
    if stale:
        await tell_unpriced(scene)


async def tell_unpriced(scene: Scene) -> None:
    """That the prices are old, and how old where somebody has said them."""
    told = [fact for fact in scene.desk.trail.cited if fact.name == "price"]
    # What was read now and is in doubt all the same, for what lowers it, has no age.
    old = [fact for fact in _list_old(told) if fact.observed_at < scene.desk.now]
    if old:
        await scene.say("cart.unpriced.since", age=scene.age(min(fact.observed_at for fact in old)))
    else:
        await scene.say("cart.unpriced")


def _list_old(facts: Sequence[Fact]) -> list[Fact]:
    return [fact for fact in facts if fact.stale and fact.source != NOBODY]
