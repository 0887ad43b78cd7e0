"""Says what of earlier visits was used, or why it was not: memory is never used unseen."""

from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.recollecting import Note


async def tell_memory(scene: Scene, *, notes: tuple[Note, ...]) -> None:
    """Adds the notes to the reply, with their buttons."""
    for note in notes:
        if scene.voice.text:
            scene.voice.break_line()
        for value in note.values.values():
            scene.voice.allow_name(str(value))
        await scene.say(note.key, **note.values)
        scene.offer_replies(*note.offers)
