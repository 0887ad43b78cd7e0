"""What an item looks like: its picture, large, where that is asked for."""

from commerce_agent.agent.builtin import items
from commerce_agent.agent.builtin.fits_told import tell_fit
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.understanding.english.cues import ASKS_PICTURE
from commerce_agent.agent.understanding.moves import Move
from commerce_agent.tools.look_at_product import show_picture
from conversations.ids import EntityRef


async def tell_details(scene: Scene, move: Move, refs: tuple[EntityRef, ...]) -> None:
    """Shows the picture of one item, says whether it fits another, or everything else that there is to say of items."""
    if await tell_fit(scene, refs):
        return
    if len(refs) != 1 or not ASKS_PICTURE.search(scene.understanding.said):
        await items.tell_details(scene, move, refs)
        return
    seen = await items.look(scene, refs[0])
    shown = show_picture(scene.desk, seen.offer)
    await scene.say("picture" if shown else "picture.none", item=scene.name(seen.offer))
