"""How far an item goes, where that is asked: what the shop tells of it, for nobody reckons it here."""

from commerce_agent.agent.builtin import items, pictures
from commerce_agent.agent.builtin.facts_near import tell_facts
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.understanding.english.in_stock import IS_ENOUGH
from commerce_agent.agent.understanding.moves import Move
from conversations.ids import EntityRef


async def tell_details(scene: Scene, move: Move, refs: tuple[EntityRef, ...]) -> None:
    """As in "is one enough for fifty?": that the shop does not say, and what it does; else whatever else is asked."""
    if len(refs) != 1 or not IS_ENOUGH.search(scene.understanding.said):
        await pictures.tell_details(scene, move, refs)
        return
    offer = (await items.look(scene, refs[0])).offer
    await scene.say("details.enough", item=scene.name(offer))
    if offer.item.description:
        await items.tell_text(scene, offer)
    else:
        await tell_facts(scene, offer)
