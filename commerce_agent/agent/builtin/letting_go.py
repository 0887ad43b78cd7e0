"""Offers to let a term go where nothing fits them all."""

from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.tools.search_products import Found, Relaxation
from conversations.constraints import is_relative
from conversations.events.constraints import Constraint


async def offer_to_let_go(scene: Scene, found: Found) -> None:
    """A button for the term without which most would fit, or for two of them."""
    relaxations = await list_worth_offering(scene, found.relaxations or found.double_relaxations)
    for relaxation in relaxations[:1]:
        terms = (relaxation.term, relaxation.also)
        scene.offer_replies(". ".join(put_forgetting(scene, term) for term in terms if term))


async def list_worth_offering(scene: Scene, relaxations: tuple[Relaxation, ...]) -> list[Relaxation]:
    """The terms that could be let go: not what always holds for this shopper, and not for a thing that is sold out."""
    loose = [
        relaxation
        for relaxation in relaxations
        if "always" not in {term.scope for term in (relaxation.term, relaxation.also) if term}
    ]
    # Who asks for something cheaper is not offered what costs as much.
    loose = [each for each in loose if not (is_relative(each.term) and is_new(scene, each.term))]
    # What something cheaper was asked for than is no answer; to what was asked for before, what is at hand may be one.
    at_hand = {ref.key for ref in scene.desk.trail.focus_before}
    loose = [
        relaxation
        for relaxation in loose
        if relaxation.total > 1 or relaxation.sku not in at_hand or not is_new(scene, relaxation.term)
    ]
    offers = await scene.desk.shop.list_offers([relaxation.sku for relaxation in loose])
    can_be_had = {offer.item.sku for offer in offers if offer.can_be_had}
    worth = [relaxation for relaxation in loose if relaxation.sku in can_be_had]
    # What was asked for just now is the last thing to take back.
    return sorted(worth, key=lambda relaxation: is_new(scene, relaxation.term) and len(worth) > 1)


def is_new(scene: Scene, term: Constraint) -> bool:
    return term.id in {stated.id for stated in scene.understanding.reading.stated}


def put_forgetting(scene: Scene, term: Constraint) -> str:
    """The button that lets a term go."""
    key = "button.forget.price" if term.field == "price" else "button.forget"
    return scene.book.put(key, name=scene.field(term.field))
