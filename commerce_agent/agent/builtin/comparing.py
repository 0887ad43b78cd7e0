"""Several items at once: side by side, and which of them are as asked."""

from commerce_agent.agent.builtin import graded
from commerce_agent.agent.builtin.called import tell_called
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.understanding.english.cues import ASKS_MORE
from commerce_agent.agent.understanding.moves import Move
from commerce_agent.agent.wording.terms import say_measure
from commerce_agent.tools import compare_products, look_at_product
from commerce_agent.tools.offers import Offer
from commerce_agent.tools.showing import get_ref, record_offer
from conversations.events.entities import EntitiesFocused
from conversations.ids import EntityRef
from conversations.language.order import find_orders, list_comparatives

MOST_NAMED = 4
_PLAIN = frozenset({"color", "size", "material", "brand", "category"})


async def compare(scene: Scene, move: Move, refs: tuple[EntityRef, ...]) -> None:  # noqa: ARG001
    """Puts the items side by side; without any named, those that were shown last."""
    if len(refs) < 2 and await _tell_lacking(scene):
        return
    refs = await _list_own_versions(scene, refs) or refs
    at_hand = scene.desk.trail.focus_before
    if len(refs) == 1 and len(at_hand) == 1 and at_hand != refs:
        refs = (*at_hand, *refs)
    if len(refs) < 2 and scene.desk.trail.state.entities.showings:
        last = scene.desk.trail.state.entities.showings[-1].refs
        refs = tuple(dict.fromkeys((*refs, *last)))[: compare_products.MOST_COMPARED]
    if len(refs) < 2:
        await scene.say("compare.few")
        return
    refs = _leave_versions_out(scene, refs)
    arguments = compare_products.Arguments(skus=tuple(ref.key for ref in refs))
    offers = (await compare_products.run(scene.desk, arguments)).offers
    if (worded := graded.find_asked(scene, offers)) and await graded.tell_first_of(
        scene, offers, asked=worded
    ):
        return
    asked = _find_asked_measure(scene, offers)
    if asked:
        await say_each(scene, offers, name=asked)
        return
    rated = any(order.measure == "rating" for order in find_orders(scene.understanding.said))
    if rated and all(offer.item.rating is None for offer in offers):
        await scene.say("among.unmeasured", name=scene.field("rating"))
        return
    if await _tell_unmeasured(scene, offers):
        return
    if not await _say_one_is_both(scene, offers):
        await _say_cheapest(scene, offers)
        await _say_best(scene, offers)
    await _say_measured(scene, offers)


async def _tell_unmeasured(scene: Scene, offers: tuple[Offer, ...]) -> bool:
    """Says where nothing tells which is more so; True where the shop calls one of them so, and all is said."""
    untold = ASKS_MORE.search(scene.understanding.said)
    orders = find_orders(untold.group("word")) if untold else ()
    if untold and all(order.measure not in ("price", "rating") for order in orders):
        if await tell_called(scene, offers):
            return True
        await scene.say("compare.untold", word=scene.understanding.get_own(untold.group("word")))
    return False


def _leave_versions_out(scene: Scene, refs: tuple[EntityRef, ...]) -> tuple[EntityRef, ...]:
    """As in "the jackets and the trousers", of more than fit side by side: each product once."""
    if len(refs) <= compare_products.MOST_COMPARED:
        return refs
    entities = [(ref, scene.desk.trail.state.entities.find(ref)) for ref in refs]
    groups = {(entity and entity.group) or ref.key: ref for ref, entity in reversed(entities)}
    return tuple(ref for ref in refs if ref in groups.values())


async def _tell_lacking(scene: Scene) -> bool:
    """As in "compare the snap and the poncho", where the shop has no poncho."""
    lacking = [each.text for each in scene.understanding.unresolved if "shop.name" in each.rules]
    if not lacking:
        return False
    await scene.say("search.none.goods", words=scene.own(lacking))
    await scene.say("compare.few")
    return True


async def _list_own_versions(scene: Scene, refs: tuple[EntityRef, ...]) -> tuple[EntityRef, ...]:
    """As in "paperback or hardcover, what's the price difference?": between versions, for no other item is named."""
    implied = any("implied" in reference.rules for reference in scene.understanding.references)
    if len(refs) != 1 or not implied:
        return ()
    seen = await look_at_product.run(scene.desk, look_at_product.Arguments(sku=refs[0].key))
    versions = tuple(get_ref(sibling.sku) for sibling in seen.siblings)
    return versions if 1 < len(versions) <= MOST_NAMED else ()


async def recommend(scene: Scene, move: Move, refs: tuple[EntityRef, ...]) -> None:  # noqa: ARG001
    """Names one of the items in question and what speaks for it: how shoppers rate it, else its price."""
    state = scene.desk.trail.state
    if len(refs) < 2 and state.entities.showings:
        refs = state.entities.focus if len(state.entities.focus) > 1 else state.entities.showings[-1].refs
    offers = [offer for offer in await scene.desk.shop.list_offers([r.key for r in refs]) if offer.can_be_had]
    if not offers:
        await scene.say("ask.item")
        return
    told = {offer.item.sku: record_offer(scene.desk.trail, offer) for offer in offers}
    best = max(offers, key=lambda offer: (offer.item.rating or 0.0, offer.item.rating_count))
    cheapest = min(offers, key=lambda offer: offer.price.price)
    values = {"item": scene.name(best), "price": scene.money(best.price.price)}
    if best.item.rating is None:
        values = {"item": scene.name(cheapest), "price": scene.money(cheapest.price.price)}
        await scene.say("recommend.cheapest", **values)
        best = cheapest
    else:
        await scene.say("recommend.best", rating=scene.number(best.item.rating), **values)
        scene.desk.trail.cite(*told[best.item.sku].rating)
        if cheapest.price.price < best.price.price:
            await scene.say(
                "recommend.less", item=scene.name(cheapest), price=scene.money(cheapest.price.price)
            )
    scene.desk.trail.record(EntitiesFocused(refs=(get_ref(best.item.sku),)))


def _find_asked_measure(scene: Scene, offers: tuple[Offer, ...]) -> str:
    """As in "is it wider than the leather one?": the measure that all of them have."""
    asked = list_comparatives(scene.understanding.said)
    return next(
        (
            name
            for order in asked
            for name in offers[0].item.measures
            if scene.units.get(name) and order.measure in name.lower().split()
            if all(name in offer.item.measures for offer in offers)
        ),
        "",
    )


async def _say_one_is_both(scene: Scene, offers: tuple[Offer, ...]) -> bool:
    """Of two things one sentence for the one that is less expensive and better rated."""
    cheapest, dearest = (pick(offers, key=lambda offer: offer.price.price) for pick in (min, max))
    better = (cheapest.item.rating or 0.0) > (dearest.item.rating or 0.0) > 0.0
    if len(offers) != len((cheapest, dearest)) or cheapest.price.price == dearest.price.price or not better:
        return False
    await scene.say(
        "compare.both",
        item=_name(scene, cheapest, offers),
        price=scene.money(cheapest.price.price),
        rating=scene.number(cheapest.item.rating or 0.0),
    )
    return True


async def _say_cheapest(scene: Scene, offers: tuple[Offer, ...]) -> None:
    cheapest = min(offers, key=lambda offer: offer.price.price)
    price = scene.money(cheapest.price.price)
    if len({offer.price.price for offer in offers}) == 1:
        await scene.say("compare.same_price", price=price)
    else:
        await scene.say("compare.lead", cheapest=_name(scene, cheapest, offers), price=price)


async def _say_best(scene: Scene, offers: tuple[Offer, ...]) -> None:
    rated = [offer for offer in offers if offer.item.rating is not None]
    if len({offer.item.rating for offer in rated}) > 1:
        best = max(rated, key=lambda offer: offer.item.rating or 0.0)
        rating = scene.number(best.item.rating or 0.0)
        await scene.say("compare.rating", best=_name(scene, best, offers), rating=rating)


async def _say_measured(scene: Scene, offers: tuple[Offer, ...]) -> None:
    """The first measure in which they differ and that all have."""
    names = [name for name in offers[0].item.measures if scene.units.get(name)]
    for name in names:
        values = [offer.item.measures.get(name) for offer in offers]
        if None in values or len(set(values)) == 1 or len(offers) > MOST_NAMED:
            continue
        await say_each(scene, offers, name=name)
        return
    await _say_differing(scene, offers)


async def _say_differing(scene: Scene, offers: tuple[Offer, ...]) -> None:
    """Where no measure tells them apart: the first other thing that the shop says of each and that differs."""
    for name in offers[0].item.attributes:
        values = [offer.item.attributes.get(name, "") for offer in offers]
        if not all(values) or len({value.lower() for value in values}) == 1 or len(offers) > MOST_NAMED:
            continue
        said = [
            scene.book.put("details.for", value=scene.value(value), item=_name(scene, offer, offers))
            for value, offer in zip(values, offers, strict=True)
        ]
        await scene.say("details.each", name=scene.field(name), values=scene.join(said))
        return


async def say_each(scene: Scene, offers: tuple[Offer, ...], *, name: str) -> None:
    """Says how much of the measure each of them has."""
    said = [
        scene.book.put(
            "details.for",
            value=say_stated(scene, offer, name=name),
            item=_name(scene, offer, offers),
        )
        for offer in offers
    ]
    await scene.say("details.each", name=scene.field(name), values=scene.join(said))


def say_stated(scene: Scene, offer: Offer, *, name: str) -> str:
    """How much of the measure it has, as the shop writes it: 24 in, where the measure is kept in centimetres."""
    if name in offer.item.attributes:
        return scene.value(offer.item.attributes[name])
    return say_measure(offer.item.measures[name], unit=scene.units.get(name, ""), book=scene.book)


def _name(scene: Scene, offer: Offer, offers: tuple[Offer, ...]) -> str:
    """With its size where another one that is compared goes by the same name."""
    name = scene.name(offer)
    alike = sum(scene.name(other) == name for other in offers)
    return scene.version_name(offer) if alike > 1 else name
