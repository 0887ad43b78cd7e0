"""Says once, where it comes up again, that what the shopper was told is no longer so."""

import re

from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.tools.naming import shorten
from conversations.events.facts import Amount, Fact

MOST_TOLD = 2
"""More than this after one reply is a list, not a remark; the cards show the rest."""

_PERIOD = re.compile(
    r"\b\d+[- ](?:business |working )?(?:days?|weeks?|months?|years?|hours?)\b", re.IGNORECASE
)


async def tell_changes(scene: Scene) -> None:
    """Adds a remark for what the reply cites and the shopper was told otherwise. Terms are the policy's own."""
    told = 0
    for before, now in scene.desk.trail.list_changes():
        if told == MOST_TOLD:
            return
        told += await _tell(scene, before, now)


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


def find_period_change(*, before: str, now: str) -> tuple[str, str] | None:
    """The one period by which two texts differ, then and now: "60 days", "40 days"."""
    then, since = _PERIOD.findall(before), _PERIOD.findall(now)
    if len(then) != 1 or len(since) != 1 or then == since:
        return None
    return then[0], since[0]
