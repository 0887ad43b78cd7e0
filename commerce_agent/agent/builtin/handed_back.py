"""Says once what the person of the shop left to be known, as soon as the assistant answers again."""

from commerce_agent.agent.builtin.scene import Scene


async def tell_note(scene: Scene) -> None:
    """Begins the first reply after a person's stay with their note, in their words: what they promised is the shop's
    word, whatever else the shop says of it. Where no wording can take it, only that the assistant has it is said.
    """
    transcript = scene.desk.trail.state.transcript
    visit = transcript.visit
    if visit is None or not visit.note or visit.left_after != transcript.turns - 1:
        return
    note = " ".join(visit.note.split()).rstrip(" .!")
    scene.voice.allow_name(note)
    await scene.say("person.note", name=visit.name, note=note)
    if not scene.voice.text:
        await scene.say("person.informed", name=visit.name)
    scene.voice.break_line()
