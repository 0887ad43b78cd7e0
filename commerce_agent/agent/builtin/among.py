"""Which of the items that were shown are as asked: the first by a measure, those within a limit, those that have it."""

from collections.abc import Sequence

from catalog.products import VariantRecord
from commerce_agent.agent.builtin import graded
from commerce_agent.agent.builtin.called import tell_called
from commerce_agent.agent.builtin.comparing import say_each, say_stated
from commerce_agent.agent.builtin.items import JUDGING, is_told
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.wording.terms import is_quality
from commerce_agent.tools.offers import Offer
from commerce_agent.tools.showing import get_ref, record_offer
from conversations.events.constraints import Constraint
from conversations.events.entities import EntitiesFocused
from conversations.language.order import (
    Order,
    find_named_order,
    find_orders,
    has_superlative,
    list_plain_forms,
)
from conversations.language.standing_for import find_purpose, find_stated
from conversations.language.tokens import list_stems, list_tokens
from conversations.language.vocabulary import YES

MOST_NAMED = 4
_PLAIN = frozenset({"color", "size", "material", "brand", "category"})
_MORE = {"more": 1, "most": 1, "less": -1, "least": -1, "fewer": -1, "fewest": -1}
"""Towards which end of a measure a word points that stands beside its name: "sleeps more", "the fewest pieces"."""


async def tell_among(scene: Scene) -> None:
    """Says which of the items that were shown are as asked."""
    understanding = scene.understanding
    offers = await scene.desk.shop.list_offers([ref.key for ref in understanding.among])
    fields = tuple((field, value) for field, value in understanding.wishes if field)
    kept = [
        offer
        for offer in offers
        if all(_has(offer.item, field, value) for field, value in fields)
        and all(_is_within(offer, limit) for limit in understanding.limits)
    ]
    if await _say_graded(scene, offers):
        return
    if (kept or not fields) and await _say_first(scene, kept or offers):
        return
    measure = _find_named_measure(understanding.wishes, offers)
    if measure:
        await say_each(scene, tuple(offers), name=measure)
        return
    fitting = [
        offer
        for offer in offers
        if all(_has(offer.item, field, value) for field, value in understanding.wishes)
        and all(_is_within(offer, limit) for limit in understanding.limits)
    ]
    if not fitting and await _say_for_purpose(scene, offers):
        return
    if not fitting and has_superlative(scene.said) and await _say_worded(scene, offers):
        return
    for offer in fitting:
        record_offer(scene.desk.trail, offer)
    await _say_fitting(scene, fitting)
    if fitting:
        refs = tuple(get_ref(offer.item.sku) for offer in fitting)
        scene.desk.trail.record(EntitiesFocused(refs=refs))


async def _say_graded(scene: Scene, offers: Sequence[Offer]) -> bool:
    """As in "which of those is most complex?", of games of which the shop tells how complex they are."""
    asked = graded.find_asked(scene, offers)
    if asked is None:
        return False
    wishes = tuple(
        (field, value) for field, value in scene.understanding.wishes if field not in ("", asked[0])
    )
    kept = [
        offer
        for offer in offers
        if all(_has(offer.item, field, value) for field, value in wishes)
        and all(_is_within(offer, limit) for limit in scene.understanding.limits)
    ]
    return await graded.tell_first_of(scene, kept, asked=asked)


async def tell_worded(scene: Scene) -> bool:
    """As in "is there a firmer one?" of pillows whose firmness is told in words: those of the list that are firm."""
    reading, showings = scene.understanding.reading, scene.desk.trail.state.entities.showings
    if not reading.unmeasured or reading.stated or not showings:
        return False
    offers = await scene.desk.shop.list_offers([ref.key for ref in showings[-1].refs])
    return await _say_worded(scene, offers)


async def _say_fitting(scene: Scene, fitting: Sequence[Offer]) -> None:
    wishes, limits = scene.understanding.wishes, scene.understanding.limits
    said = [_say_wish(scene, field, value) for field, value in wishes]
    wish = scene.join([*said, *(scene.term(limit) for limit in limits)])
    owned = [field for field, value in wishes if _is_had(field, value)]
    has = ".has" if len(owned) == len(wishes) and not limits else ""
    colored = any(field == "color" for field, _ in wishes)
    names = [(scene.short_name if colored else scene.name)(offer) for offer in fitting[:MOST_NAMED]]
    if limits and names:
        await scene.say("among.within", wish=wish, items=scene.join(names), count=len(fitting))
    elif wishes and all(not field for field, _ in wishes):
        await scene.say("among.told" if names else "among.told.none", wish=wish, items=scene.join(names))
    elif len(fitting) == 1:
        await scene.say(f"among.one{has}", item=names[0], wish=wish)
    elif fitting:
        await scene.say(f"among.some{has}", items=scene.join(names), wish=wish)
    else:
        await scene.say(f"among.none{has}", wish=wish)


async def _say_first(scene: Scene, offers: Sequence[Offer]) -> bool:
    """As in "which of those is lighter?", "which sleeps the most?": the one at that end, with how much it has."""
    asked = _find_asked_order(scene, offers)
    if asked is None:
        return False
    return await _say_at_end(scene, offers, name=asked[0], least=asked[1])


async def _say_for_purpose(scene: Scene, offers: Sequence[Offer]) -> bool:
    """As in "which is best for rain?": what no words say may stand in a measure, as of what is waterproof."""
    words = [stem for field, value in scene.understanding.wishes if not field for stem in list_stems(value)]
    measure = find_purpose(words)
    stated = (
        find_stated(measure, dict.fromkeys(n for o in offers for n in o.item.measures)) if measure else None
    )
    return stated is not None and await _say_at_end(scene, offers, name=stated[0], least=stated[1])


async def _say_at_end(scene: Scene, offers: Sequence[Offer], *, name: str, least: bool) -> bool:
    values = {offer.item.sku: value for offer in offers if (value := _get_value(offer, name)) is not None}
    if not values:
        if not await _say_worded(scene, offers):
            await _say_unmeasured(scene, name)
        return True
    end = (min if least else max)(values.values())
    first = [offer for offer in offers if values.get(offer.item.sku) == end]
    for offer in first:
        told = record_offer(scene.desk.trail, offer)
        scene.desk.trail.cite(*(told.rating if name == "rating" else ()))
    key = f"among.first.{name}" if name in ("price", "rating") else "among.first"
    items = scene.join([scene.name(offer) for offer in first[:MOST_NAMED]])
    said = _say_value(scene, first[0], name)
    await scene.say(key, items=items, count=len(first), name=scene.field(name), value=said)
    without = [scene.name(offer) for offer in offers if offer.item.sku not in values]
    if without:
        await scene.say("among.first.untold", name=scene.field(name), items=scene.join(without[:MOST_NAMED]))
    scene.desk.trail.record(EntitiesFocused(refs=tuple(get_ref(offer.item.sku) for offer in first)))
    return True


async def _say_worded(scene: Scene, offers: Sequence[Offer]) -> bool:
    """As in "which ones are quieter?" of pads whose noise is told in words: those that are called quiet."""
    forms = [form for token in list_tokens(scene.said) for form in list_plain_forms(token.word)]
    if await tell_called(scene, offers):
        return True
    for stem in dict.fromkeys(stem for form in forms for stem in list_stems(form)):
        fitting = [offer for offer in offers if stem in _list_told_stems(offer.item)]
        if not 0 < len(fitting) < len(offers):
            continue
        for offer in fitting:
            record_offer(scene.desk.trail, offer)
        told = [
            (name, value) for name, value in fitting[0].item.attributes.items() if stem in list_stems(value)
        ]
        names = scene.join([scene.name(offer) for offer in fitting[:MOST_NAMED]])
        if told:
            name, value = told[0]
            await scene.say(
                "among.first",
                items=names,
                count=len(fitting),
                name=scene.field(name.replace("_", " ")),
                value=scene.value(value),
            )
        else:
            wish = next(form for form in forms if stem in list_stems(form))
            await scene.say("among.told", wish=scene.quote(wish), items=names)
        scene.desk.trail.record(EntitiesFocused(refs=tuple(get_ref(offer.item.sku) for offer in fitting)))
        return True
    return False


def _list_told_stems(item: VariantRecord) -> set[str]:
    return {
        stem for value in (item.material, item.title, *item.attributes.values()) for stem in list_stems(value)
    }


async def _say_unmeasured(scene: Scene, name: str) -> None:
    """Nothing tells: by the measure's name where the shop measures it in other goods, else by the shopper's word."""
    if name in scene.units or name in ("price", "rating"):
        await scene.say("among.unmeasured", name=scene.field(name))
        return
    order, tokens = find_orders(scene.said)[0], list_tokens(scene.said)
    word = " ".join(token.word for token in tokens[order.first : order.after])
    await scene.say("among.told.none", wish=scene.quote(scene.understanding.get_own(word)))


def _find_asked_order(scene: Scene, offers: Sequence[Offer]) -> tuple[str, bool] | None:
    """The measure that the question orders by, and whether the least of it is asked for."""
    names = dict.fromkeys(name for offer in offers for name in offer.item.measures)
    limits = scene.understanding.limits
    tokens = [token.word for token in list_tokens(scene.said)]
    if not limits and (named := find_named_order(scene.said, names)):
        return named
    for order in find_orders(scene.said):
        if not (limits and tokens[order.after : order.after + 1] == ["than"]):
            name, turned = _name_measure(order, names)
            return name, (order.direction == "low") != turned
    # "At least 40 l" asks for no least.
    stems = [] if limits else list_stems(scene.said)
    said = [(at, way) for at, stem in enumerate(stems) if (way := _MORE.get(stem))]
    for name in names:
        words = set(list_stems(name.replace("_", " ")))
        if said and words and words <= set(stems):
            return name, said[0][1] < 0
    return None


def _name_measure(order: Order, names: dict[str, None]) -> tuple[str, bool]:
    """What the shop states it by, and whether less of that is more: "warmest" of a lowest temperature."""
    if order.measure in ("price", "rating"):
        return order.measure, False
    return find_stated(order.measure, names) or (order.measure, False)


def _get_value(offer: Offer, name: str) -> float | None:
    if name == "price":
        return float(offer.price.price.amount)
    return offer.item.rating if name == "rating" else offer.item.measures.get(name)


def _say_value(scene: Scene, offer: Offer, name: str) -> str:
    if name == "price":
        return scene.money(offer.price.price)
    value = _get_value(offer, name) or 0.0
    if name == "rating":
        return scene.number(value)
    return say_stated(scene, offer, name=name)


def _is_within(offer: Offer, limit: Constraint) -> bool:
    value, bound = _get_value(offer, limit.field), limit.value
    if value is None or not isinstance(bound, float | int):
        return False
    match limit.op:
        case "<=":
            return value <= bound
        case ">=":
            return value >= bound
        case "!=":
            return value != bound
        case _:
            return value == bound


def _find_named_measure(wishes: tuple[tuple[str, str], ...], offers: Sequence[Offer]) -> str:
    """As in "which has more servings?": a measure of all of them, and nothing that some have and others have not."""
    words = {stem for field, value in wishes if not field for stem in list_stems(value)}
    names = offers[0].item.measures if len(offers) > 1 else ()
    return next(
        (
            name
            for name in names
            if words and words == set(list_stems(name.replace("_", " ")))
            if all(name in offer.item.measures for offer in offers)
        ),
        "",
    )


def _has(item: VariantRecord, field: str, value: str) -> bool:
    wanted = value.lower()
    if not field:
        # "Better for hot food": that it is better, no goods say of themselves.
        kept = " ".join(word for word in value.split() if word.lower() not in JUDGING)
        return is_told(item, words=kept or value)
    if field == "color":
        return wanted in " ".join((item.color, *item.colors)).lower()
    plain = {"size": item.size, "material": item.material, "brand": item.brand, "category": item.category}
    held = plain.get(field) or item.attributes.get(field, "")
    return wanted == held.lower() or (field in ("material", "category") and wanted in held.lower())


def _is_had(field: str, value: str) -> bool:
    """Whether goods have it ("a zip", "flowering: winter") and are not it ("red", "waterproof")."""
    if value.lower() in YES:
        return not is_quality(field)
    return field not in ("", *_PLAIN)


def _say_wish(scene: Scene, field: str, value: str) -> str:
    if not field:
        kept = " ".join(word for word in value.split() if word.lower() not in JUDGING)
        return scene.quote(kept or value)
    if value.lower() in YES:
        return scene.field(field)
    if field == "size":
        return scene.book.put("among.size", size=value)
    if field not in _PLAIN:
        return f"{scene.field(field)}: {scene.value(value)}"
    return scene.color(value) if field == "color" else value.lower()
