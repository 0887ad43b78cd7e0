"""The first of goods by what the shop calls it: "our warmest jacket"."""

from collections.abc import Sequence

from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.tools.offers import Offer
from commerce_agent.tools.showing import get_ref, record_offer
from conversations.events.entities import EntitiesFocused
from conversations.language.order import has_superlative
from conversations.language.tokens import list_tokens


async def tell_called(scene: Scene, offers: Sequence[Offer]) -> bool:
    """As in "which is the warmest?" of jackets of which the shop calls one its warmest; False where it calls none."""
    said = [token.word for token in list_tokens(scene.said) if has_superlative(token.word)]
    told = {offer.item.sku: _list_words(offer) for offer in offers}
    called = [offer for offer in offers if not told[offer.item.sku].isdisjoint(said)]
    if len({offer.item.group or offer.item.sku for offer in called}) != 1:
        return False
    for offer in called:
        record_offer(scene.desk.trail, offer)
    word = next(word for word in said if word in told[called[0].item.sku])
    names = list(dict.fromkeys(scene.name(offer) for offer in called))
    await scene.say("among.told", wish=scene.quote(word), items=scene.join(names))
    scene.desk.trail.record(EntitiesFocused(refs=tuple(get_ref(offer.item.sku) for offer in called)))
    return True


def _list_words(offer: Offer) -> set[str]:
    return {token.word for token in list_tokens(offer.item.description)}
