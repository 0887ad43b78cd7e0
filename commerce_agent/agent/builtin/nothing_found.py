"""What is said where nothing fits: what is sold out, which term could go, and what comes nearest."""

from collections.abc import Sequence

from catalog.products import SearchQuery
from commerce_agent.agent.alternatives import find_alternative, name_offered
from commerce_agent.agent.builtin.letting_go import is_new, list_worth_offering, put_forgetting
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.understanding.english.cues import SIMILAR
from commerce_agent.tools.search_products import Found, Relaxation
from commerce_agent.tools.seeking import seek
from commerce_agent.tools.showing import get_ref, record_offer, to_entity
from conversations.constraints import is_relative
from conversations.events.constraints import Constraint
from conversations.events.entities import EntitiesFocused, EntitiesIntroduced

WEIGHED_NEAREST = 5


async def say_sold_out(scene: Scene, found: Found) -> None:
    """Names what would have fitted; the next question may be about it."""
    for offer in found.sold_out[:1]:
        scene.desk.trail.record(EntitiesIntroduced(entities=(to_entity(offer),)))
        key = "search.sold_out" if found.offers else "search.sold_out.only"
        sized = any(term.field == "size" for term in found.terms)
        await scene.say(key, item=(scene.version_name if sized else scene.name)(offer))


async def say_nothing(scene: Scene, found: Found, *, query: str) -> None:
    """Says that nothing fits, and what the shopper could do about it."""
    if not found.sold_out:
        goods = scene.goods(found.terms, query=query)
        await scene.say("search.none", goods=goods, terms=scene.terms(found.terms))
    await say_sold_out(scene, found)
    relaxations = await list_worth_offering(scene, found.relaxations)
    pairs = [] if relaxations else await list_worth_offering(scene, found.double_relaxations)
    if relaxations:
        await _offer_relaxation(scene, relaxations[0])
    elif pairs:
        await _offer_pair(scene, pairs[0])
    elif any(is_relative(term) for term in scene.understanding.reading.stated):
        await scene.say("search.none.further")
    elif not await _name_nearest(scene, found, query=query) and not found.sold_out:
        await scene.say("search.none.plain")


async def _name_nearest(scene: Scene, found: Found, *, query: str) -> bool:
    """Names what comes nearest where no single term stands in the way: the same goods, whatever their other terms."""
    kinds = tuple(term for term in found.terms if term.field == "category" or term.scope == "always")
    broken = [term for term in found.terms if term not in kinds]
    sums = [term for term in broken if term.field == "price" and is_new(scene, term)]
    apart = [term for term in broken if term not in sums]
    goods = bool(kinds or query)
    # What costs more than the sum that was just said comes no nearer than what is at hand.
    if apart and goods and await _name_without(scene, apart, query=query):
        return True
    # "One that keeps warm, under 60": of that price there are others, which are not said to.
    named = bool(query) and any(term.field == "category" for term in kinds)
    if named and await name_nearest(scene, [], query="", terms=scene.query(query)):
        return True
    for relaxation in found.relaxations:
        if relaxation.term in sums and not is_relative(relaxation.term):
            await _offer_relaxation(scene, relaxation)
            return True
    return bool(sums) and goods and await _name_without(scene, broken, query=query)


async def _name_without(scene: Scene, broken: Sequence[Constraint], *, query: str) -> bool:
    missing = scene.join([scene.term(term) for term in broken])
    return await name_nearest(scene, broken, query=query, terms=missing)


async def name_nearest(
    scene: Scene,
    broken: Sequence[Constraint],
    *,
    query: str,
    key: str = "search.none.nearest",
    **values: str,
) -> bool:
    """Names the first of what there is without these terms, or without the words, and says what it is not."""
    shop = scene.desk.shop
    asked = SearchQuery(
        text=query, tier=shop.context.tier, codes=shop.context.codes, limit=WEIGHED_NEAREST, now=shop.now
    )
    hits = (await seek(shop, asked, ledger=scene.desk.trail.state.constraints, without=broken)).hits
    at_hand = {ref.key for ref in scene.desk.trail.focus_before}
    skus = [hit.sku for hit in hits if hit.sku not in at_hand]
    offers = [offer for offer in await shop.list_offers(skus) if offer.can_be_had]
    for offer in offers[:1]:
        record_offer(scene.desk.trail, offer)
        ref = get_ref(offer.item.sku)
        scene.desk.trail.record(EntitiesIntroduced(entities=(to_entity(offer),)))
        scene.desk.trail.record(EntitiesFocused(refs=(ref,)))
        await scene.say(key, item=scene.name(offer), price=scene.money(offer.price.price), **values)
    return bool(offers)


async def _offer_relaxation(scene: Scene, relaxation: Relaxation) -> None:
    """Says which term could go and what that would bring; the shopper decides."""
    offers = await scene.desk.shop.list_offers([relaxation.sku])
    for offer in offers:
        record_offer(scene.desk.trail, offer)
        scene.desk.trail.record(EntitiesIntroduced(entities=(to_entity(offer),)))
        scene.desk.trail.record(EntitiesFocused(refs=(get_ref(offer.item.sku),)))
        key = "search.none.relax.one" if relaxation.total == 1 else "search.none.relax"
        await scene.say(
            key,
            term=scene.term(relaxation.term),
            total=relaxation.total,
            example=(scene.version_name if relaxation.term.field == "size" else scene.name)(offer),
            price=scene.money(offer.price.price),
        )
    scene.offer_replies(put_forgetting(scene, relaxation.term))


async def _offer_pair(scene: Scene, pair: Relaxation) -> None:
    """Says which two terms would have to go together, where one alone brings nothing."""
    terms = [term for term in (pair.term, pair.also) if term]
    for offer in await scene.desk.shop.list_offers([pair.sku]):
        record_offer(scene.desk.trail, offer)
        scene.desk.trail.record(EntitiesIntroduced(entities=(to_entity(offer),)))
        scene.desk.trail.record(EntitiesFocused(refs=(get_ref(offer.item.sku),)))
        await scene.say(
            "search.none.relax.pair",
            term=scene.term(terms[0]),
            also=scene.term(terms[-1]),
            example=scene.name(offer),
            price=scene.money(offer.price.price),
        )
    scene.offer_replies(". ".join(put_forgetting(scene, term) for term in terms))


async def offer_nearest(scene: Scene) -> bool:
    """As in "what's closest to it?" of what is sold out, where all others were shown: the nearest of them."""
    refs = scene.understanding.resolved
    if len(refs) != 1 or not SIMILAR.search(scene.understanding.said):
        return False
    for gone in await scene.desk.shop.list_offers([refs[0].key]):
        nearest = await find_alternative(
            scene.desk.shop,
            gone=name_offered(gone),
            ledger=scene.desk.trail.state.constraints,
            wanted=0,
        )
        if nearest is None:
            continue
        record_offer(scene.desk.trail, nearest.offer)
        ref = get_ref(nearest.offer.item.sku)
        scene.desk.trail.record(EntitiesIntroduced(entities=(to_entity(nearest.offer),)))
        scene.desk.trail.record(EntitiesFocused(refs=(ref,)))
        await scene.say(
            "nearest", item=scene.name(nearest.offer), price=scene.money(nearest.offer.price.price)
        )
        return True
    return False
