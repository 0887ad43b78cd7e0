"""Says once what the person of the shop left to be known, as soon as the assistant answers again."""

from commerce_agent.agent.builtin.scene import Scene


async def tell_note(scene: Scene) -> None:
    """Begins the first reply after a person's stay with their note. A note that claims what no fact bears out is
    not said: only that the assistant has it.
    """
    transcript = scene.desk.trail.state.transcript
    visit = transcript.visit
    if visit is None or not visit.note or visit.left_after != transcript.turns - 1:
        return
    await scene.say("person.note", name=visit.name, note=" ".join(visit.note.split()).rstrip(" .!"))
    if not scene.voice.text:
        await scene.say("person.informed", name=visit.name)
    scene.voice.break_line()
