"""The cart emptied, but for what the message keeps."""

from commerce_agent.agent.builtin import carts
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.understanding.english.cues import AND
from commerce_agent.agent.understanding.english.of_cart import EXCEPT, KEEPS_NAMED, KEEPS_ONLY
from commerce_agent.agent.understanding.own_items import list_called
from commerce_agent.tools import change_cart
from conversations.ids import EntityRef


async def empty(scene: Scene) -> None:
    """Takes everything out of the cart."""
    lines = scene.desk.trail.state.cart.lines
    if not lines:
        await scene.say("cart.empty")
        return
    kept = _list_kept(scene)
    if not kept and (named := KEEPS_NAMED.search(scene.understanding.said)):
        await scene.say("ask.not_in_cart", words=scene.understanding.get_own(named["what"].strip()))
        return
    for line in lines:
        if line.ref not in kept:
            await change_cart.run(scene.desk, change_cart.Arguments(sku=line.ref.key, quantity=0))
    if kept:
        await carts.show(scene)
    else:
        await scene.say("cart.emptied")


def _list_kept(scene: Scene) -> set[EntityRef]:
    """What is named as kept, or pointed at: "everything but the lamp", "but the first one"."""
    said, state = scene.understanding.said, scene.desk.trail.state
    spared, only = EXCEPT.search(said), KEEPS_ONLY.fullmatch(said)
    names = AND.split(said[spared.end() :]) if spared else [only["what"]] if only else ()
    kept = {ref for name in names for ref in list_called(name, state=state)}
    if spared:
        pointed = [each for each in scene.understanding.references if each.text in said[spared.end() :]]
        held = {line.ref for line in state.cart.lines}
        kept |= held & {ref for each in pointed if each.text for ref in each.refs}
    return kept
