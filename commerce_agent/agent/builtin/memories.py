"""Says what of earlier visits was used, or why it was not: memory is never used unseen."""

from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.memory.recollecting import Note
from commerce_agent.agent.phrases.message import Value
from commerce_agent.agent.wording.terms import say_date
from commerce_agent.agent.wording.values import name_goods


async def tell_memory(scene: Scene, *, notes: tuple[Note, ...]) -> None:
    """Adds the notes to the reply, with their buttons."""
    for note in notes:
        if scene.voice.text:
            scene.voice.break_line()
        day = say_date(note.day, book=scene.book) if note.day else ""
        for value in (*note.values.values(), day):
            scene.voice.allow_name(str(value))
        await scene.say(note.key, **_name_kinds(scene, note.values), day=day)
        scene.offer_replies(
            *(scene.book.put(key, **_name_kinds(scene, values)) for key, values in note.offers)
        )


def _name_kinds(scene: Scene, values: dict[str, Value]) -> dict[str, Value]:
    """The values, with the kind of goods that a size is for in the shopper's language."""
    return {
        name: name_goods(str(value), book=scene.book) if name in ("of", "topic") else value
        for name, value in values.items()
    }
