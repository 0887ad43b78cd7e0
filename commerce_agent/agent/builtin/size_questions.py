"""Asking which size of something is to go into the cart, and asking again where something else was said."""

from commerce_agent.agent.builtin import versions
from commerce_agent.agent.builtin.chosen_sizes import asks_size_of, list_sizes
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.builtin.wished_versions import list_wished
from commerce_agent.agent.understanding.moves import Move
from commerce_agent.tools import look_at_product
from commerce_agent.tools.offers import Offer
from commerce_agent.tools.showing import get_ref, to_entity
from conversations.events.entities import EntitiesIntroduced, Reference, ReferenceResolved
from conversations.events.messages import QuickRepliesOffered
from conversations.ids import EntityRef


async def ask_version(scene: Scene, ref: EntityRef) -> None:
    """Asks for the size, or says which versions there are instead of the one that was wished for."""
    look = await look_at_product.run(scene.desk, look_at_product.Arguments(sku=ref.key))
    wished = list_wished(scene, look) if scene.understanding.wishes else []
    if wished and asks_size_of(scene, wished):
        await _ask_size(scene, look.offer, [version.sku for version in wished if version.quantity != 0])
        return
    if scene.understanding.wishes:
        await versions.tell_variants(scene, Move(kind="variants"), (ref,))
        return
    await _ask_size(scene, look.offer, [other.sku for other in list_sizes(look)])


async def _ask_size(scene: Scene, offer: Offer, skus: list[str]) -> None:
    offers = await scene.desk.shop.list_offers(skus)
    trail = scene.desk.trail
    trail.record(EntitiesIntroduced(entities=tuple(to_entity(other) for other in offers)))
    candidates = tuple(get_ref(other.item.sku) for other in offers)
    asked = Reference(
        text="size", outcome="ambiguous", candidates=candidates, question="size", rules=("size",)
    )
    trail.record(ReferenceResolved(reference=asked))
    sizes = [other.item.size for other in offers]
    await scene.say("cart.which_size", item=scene.name(offer), sizes=scene.join(sizes, last="or"))
    usual = await _find_usual(scene, sizes)
    if usual is not None:
        await scene.say("cart.usual_size", size=usual)
        sizes = [usual, *(size for size in sizes if size != usual)]
    replies = tuple(scene.book.put("button.size", size=size) for size in sizes[:6])
    trail.record(QuickRepliesOffered(part=trail.mint_part(), replies=replies))


async def _find_usual(scene: Scene, sizes: list[str]) -> str | None:
    """The one of these sizes that the shop has down as the shopper's. It is offered, never taken: it may be a gift."""
    known = await scene.desk.shop.list_preferences()
    said = {
        str(value).lower() for name, value in known.items() if "size" in name.lower() and value is not None
    }
    usual = [size for size in sizes if size.lower() in said]
    return usual[0] if len(usual) == 1 else None


async def ask_again(scene: Scene) -> None:
    """As in "and the net", after "which size of the jacket?": the question still stands, and is asked again."""
    asked, state = scene.desk.trail.asked_before, scene.desk.trail.state
    if asked is None or asked.question != "size" or asked.rules != ("size",):
        return
    entities = [entity for ref in asked.candidates if (entity := state.entities.find(ref))]
    groups = {entity.group for entity in entities}
    answered = any(
        (held := state.entities.find(line.ref)) and held.group in groups for line in state.cart.lines
    )
    meant = {entity.group for ref in scene.understanding.resolved if (entity := state.entities.find(ref))}
    if answered or len(groups) != 1 or groups & meant:
        return
    look = await look_at_product.run(scene.desk, look_at_product.Arguments(sku=asked.candidates[0].key))
    await _ask_size(scene, look.offer, [ref.key for ref in asked.candidates])
