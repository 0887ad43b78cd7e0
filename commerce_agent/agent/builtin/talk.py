"""The moves that are about the talk itself."""

from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.wording import find_goods, say_terms
from commerce_agent.tools import call_person
from commerce_agent.tools.naming import get_name
from conversations.events.entities import EntitiesFocused, Reference
from conversations.events.messages import QuickRepliesOffered
from conversations.ids import EntityRef

MOST_OPTIONS = 4


async def greet(scene: Scene) -> None:
    """Greets; a shopper who comes back is told that nothing was forgotten."""
    await scene.say("greet.again" if scene.desk.trail.state.transcript.tail else "greet")


async def tell_identity(scene: Scene) -> None:
    """Says what is talking here."""
    await scene.say("identity")


async def recap(scene: Scene) -> None:
    """Says which terms hold and what is in focus."""
    state = scene.desk.trail.state
    query = state.entities.searched.query if state.entities.searched else ""
    terms = state.constraints.active
    if query or terms:
        goods = find_goods(terms, query=query)
        said = say_terms(terms, currency=scene.desk.currency, units=scene.units, language=scene.language)
        await scene.say("recap.terms", terms=f"{goods}{said}")
    else:
        await scene.say("recap.none")
    if len(state.entities.focus) == 1:
        offers = await scene.desk.shop.list_offers([state.entities.focus[0].key])
        for offer in offers:
            await scene.say("recap.focus", item=get_name(offer))


async def start_over(scene: Scene) -> None:
    """Confirms that the terms are gone; the ledger withdrew them when the message was understood."""
    scene.desk.trail.record(EntitiesFocused(refs=()))
    await scene.say("start_over")


async def call_a_person(scene: Scene) -> None:
    """Asks for a person, once."""
    reason = call_person.Arguments(reason=scene.understanding.said[:500])
    called = await call_person.run(scene.desk, reason)
    await scene.say("person.already" if called.already else "person")


async def ask_which(scene: Scene, reference: Reference) -> None:
    """Asks which of the candidates was meant, naming what tells them apart."""
    names = _list_options(scene, reference)
    shown = names[:MOST_OPTIONS]
    await scene.say("ask.which", options=scene.book.join(shown, last="or"))
    part = scene.desk.trail.mint_part()
    scene.desk.trail.record(QuickRepliesOffered(part=part, replies=tuple(shown)))


def _list_options(scene: Scene, reference: Reference) -> list[str]:
    found = [(ref, scene.desk.trail.state.entities.find(ref)) for ref in reference.candidates]
    names = [entity.name if entity else ref.key for ref, entity in found]
    if len(set(names)) == len(names):
        return [f"the {name}" for name in names]
    split = reference.question or "size"
    return [
        f"the {name}{_say_attribute(scene, ref, split)}" for (ref, _), name in zip(found, names, strict=True)
    ]


def _say_attribute(scene: Scene, ref: EntityRef, name: str) -> str:
    entity = scene.desk.trail.state.entities.find(ref)
    if entity is None:
        return ""
    if name in entity.measures:
        return f" ({name} {entity.measures[name]:g})"
    values = entity.attributes.get(name) or entity.attributes.get("color") or ()
    return f" in {' / '.join(values)}" if values else ""


async def ask_unknown(scene: Scene, reference: Reference) -> None:
    """Says that nothing known matches, and offers to search for it."""
    await scene.say("ask.unknown", words=reference.text)
    part = scene.desk.trail.mint_part()
    wanted = reference.text.removeprefix("the ").removesuffix(" one")
    scene.desk.trail.record(QuickRepliesOffered(part=part, replies=(f"Search for {wanted}",)))
