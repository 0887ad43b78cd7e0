"""The versions of a product: which colours and sizes there are, and whether one that was asked for is among them."""

from collections.abc import Sequence

import msgspec

from catalog.products import VariantRecord
from commerce_agent.agent.builtin.misses import tell_too_dear
from commerce_agent.agent.builtin.priced_versions import tell_first_by_price
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.builtin.wished_versions import (
    find_bound_size,
    find_measured,
    fits,
    list_wished,
)
from commerce_agent.agent.understanding.moves import Move
from commerce_agent.agent.understanding.open_questions import AMOUNT
from commerce_agent.agent.understanding.wishing import Wishes
from commerce_agent.tools import look_at_product
from commerce_agent.tools.look_at_product import Look
from commerce_agent.tools.showing import get_ref, record_offer, to_entity
from conversations.events.entities import EntitiesFocused, EntitiesIntroduced
from conversations.ids import EntityRef
from conversations.language.order import list_comparatives
from conversations.language.shop_language import find_bulk, list_measures_of

MOST_OPTIONS = 5


async def tell_variants(scene: Scene, move: Move, refs: tuple[EntityRef, ...]) -> None:  # noqa: ARG001
    """Says which versions there are, or whether the one that was asked for exists."""
    apart = len(refs) == len(scene.understanding.references) or _are_products(scene, refs)
    if scene.understanding.wishes and len(refs) > 1 and apart:
        await _tell_each_wished(scene, refs)
        return
    for number, ref in enumerate(refs[:MOST_OPTIONS], start=1):
        await scene.voice.show_stage("checking_stock")
        seen = await look_at_product.run(scene.desk, look_at_product.Arguments(sku=ref.key))
        if len(seen.siblings) < 2 and number < min(len(refs), MOST_OPTIONS):
            continue  # "What colours do you have?" asks of what comes in several.
        if scene.understanding.wishes:
            await _tell_wished(scene, seen)
        elif await tell_first_by_price(scene, seen):
            pass
        elif next_size := _find_next_size(scene, seen):
            await _show_version(scene, seen, next_size, wish=scene.size(next_size.size))
        else:
            await _tell_versions(scene, seen)
        if len(refs) > 1:
            scene.desk.trail.record(EntitiesFocused(refs=(ref,)))
        return


def _are_products(scene: Scene, refs: tuple[EntityRef, ...]) -> bool:
    """As in "these in 11?", of three pairs of boots: none is only another version of one of the others."""
    entities = [scene.desk.trail.state.entities.find(ref) for ref in refs]
    return len({entity.group or entity.ref.key for entity in entities if entity}) == len(refs)


async def _tell_each_wished(scene: Scene, refs: tuple[EntityRef, ...]) -> None:
    """As in "the kettle and the toaster, both in cream": each has words of its own, and each is answered."""
    meant: list[EntityRef] = []
    for ref in refs[:MOST_OPTIONS]:
        await scene.voice.show_stage("checking_stock")
        await _tell_wished(
            scene, await look_at_product.run(scene.desk, look_at_product.Arguments(sku=ref.key))
        )
        meant.extend(scene.desk.trail.state.entities.focus)
    scene.desk.trail.record(EntitiesFocused(refs=tuple(dict.fromkeys(meant))))


async def tell_larger(scene: Scene) -> bool:
    """As in "is there a bigger one?" of what comes in one size, beside goods in others: the next one of those.

    False where sizes were not asked for, or say no amount.
    """
    state = scene.desk.trail.state
    orders = [order for order in list_comparatives(scene.understanding.said) if order.measure == "size"]
    shown = state.entities.showings[-1].refs if state.entities.showings else ()
    if not orders or len(state.entities.focus) != 1 or scene.understanding.reading.stated:
        return False
    ref = state.entities.focus[0]
    here = await look_at_product.run(scene.desk, look_at_product.Arguments(sku=ref.key))
    held, unit = find_measured(here.offer.item.size), AMOUNT.sub("", here.offer.item.size).strip()
    if held is None:
        return False
    sign = 1 if orders[0].direction == "high" else -1
    beyond: list[tuple[float, Look, VariantRecord]] = []
    for other in dict.fromkeys((ref, *shown)):
        look = await look_at_product.run(scene.desk, look_at_product.Arguments(sku=other.key))
        beyond += [
            (sign * size, look, sibling)
            for sibling in look.siblings
            if (size := find_measured(sibling.size)) is not None and sign * (size - held) > 0
            if AMOUNT.sub("", sibling.size).strip() == unit
        ]
    if not beyond:
        return False
    # Of what is in hand its own colour is meant, whatever else is larger.
    item = here.offer.item
    beyond = [each for each in beyond if (each[2].group, each[2].color) == (item.group, item.color)] or beyond
    _, look, version = min(beyond, key=lambda each: (each[2].quantity == 0, each[0]))
    await _show_version(scene, look, version, wish=scene.size(version.size))
    return True


def _find_next_size(scene: Scene, seen: Look) -> VariantRecord | None:
    """As in "is there a bigger one?": of the item's other sizes the one that comes next on that side."""
    orders = [order for order in list_comparatives(scene.understanding.said) if order.measure != "price"]
    item = seen.offer.item
    name = find_bulk(item.measures) if orders and orders[0].measure == "size" else ""
    name = name or next((n for n in item.measures if orders and orders[0].measure in list_measures_of(n)), "")
    if orders and not name and orders[0].measure == "size":
        return _find_next_told(seen, upwards=orders[0].direction == "high")
    if not name or not orders:
        return None
    sign = 1 if orders[0].direction == "high" else -1
    beyond = [
        sibling
        for sibling in seen.siblings
        if sibling.size and sibling.color == item.color and name in sibling.measures
        if sign * (sibling.measures[name] - item.measures[name]) > 0
    ]
    return min(beyond, key=lambda sibling: sign * sibling.measures[name], default=None)


def _find_next_told(seen: Look, *, upwards: bool) -> VariantRecord | None:
    """The next of sizes such as "30 ml" and "50 ml"."""
    item, sign = seen.offer.item, 1 if upwards else -1
    held = find_measured(item.size)
    beyond = [
        (sign * size, sibling)
        for sibling in seen.siblings
        if held is not None and sibling.color == item.color
        if (size := find_measured(sibling.size)) is not None and sign * (size - held) > 0
    ]
    return min(beyond, key=lambda each: each[0])[1] if beyond else None


def list_other_versions(scene: Scene, seen: Look) -> list[str]:
    """The other versions that can be had, in words."""
    others = [
        sibling for sibling in seen.siblings if sibling.sku != seen.offer.item.sku and sibling.quantity != 0
    ]
    return _list_options(scene, others, base=seen.offer.item)[:MOST_OPTIONS]


async def tell_wished_version(scene: Scene, seen: Look) -> bool:
    """As in "do you have it in broad?" of a pen whose other versions have broad nibs; False where the item is so."""
    wished = list_wished(scene, seen) if scene.understanding.wishes else []
    if not wished or any(version.sku == seen.offer.item.sku for version in wished):
        return False
    await _show_version(scene, seen, wished[0], wish=_say_wishes(scene, size=wished[0].size))
    return True


async def _tell_wished(scene: Scene, seen: Look) -> None:
    if _asks_material(scene, seen):
        asked = seen.offer.item
        await scene.say(
            "details.attribute.material", item=_get_title(scene, seen), value=scene.value(asked.material)
        )
        scene.desk.trail.record(EntitiesFocused(refs=(get_ref(asked.sku),)))
        return
    if several := _list_several(scene):
        for wishes in several:
            meant = msgspec.structs.replace(scene.understanding, wishes=wishes)
            await _tell_wished(msgspec.structs.replace(scene, understanding=meant), seen)
        return
    matching = list_wished(scene, seen)
    wanted = {value.lower() for field, value in scene.understanding.wishes if field == "color"}
    colors = {color.lower() for sibling in seen.siblings for color in (sibling.color, *sibling.colors)}
    # Of a colour that there is none of, no size is missed.
    bound = find_bound_size(scene, seen) if wanted & colors else ""
    wish = ", ".join(filter(None, (_say_wishes(scene), scene.size(bound) if bound else "")))
    if matching:
        # In the shop's own writing: who asks for "large" gets an L.
        own = _say_wishes(scene, size=matching[0].size)
        gone = bool(bound) and matching[0].quantity == 0
        await _show_version(scene, seen, matching[0], wish=wish if gone else own)
        return
    elsewhere = [] if bound else _list_in_other_colors(scene, seen)
    if elsewhere and seen.offer.item.color:
        color = scene.color(seen.offer.item.color)
        await scene.say("variants.other_color", color=color, wish=wish)
        await _show_version(scene, seen, elsewhere[0], wish=f"{scene.color(elsewhere[0].color)}, {wish}")
        return
    options = _list_instead(scene, seen)
    item = _get_title(scene, seen)
    # "No size Long; there is slate" answers nothing.
    told = len(options) > 1 or {field for field, _ in scene.understanding.wishes} == {"color"}
    if options and (told or scene.language != "en"):
        await scene.say("variants.has_not", item=item, wish=wish, options=scene.join(options[:6]))
    else:
        await scene.say("variants.has_not.only", item=item, wish=wish)


def _list_several(scene: Scene) -> list[Wishes]:
    """As in "in S or XL?": of two sizes or colours each is told by itself, for no version is both."""
    wishes = scene.understanding.wishes
    for field in ("size", "color"):
        values = [wish for wish in wishes if wish[0] == field]
        if len(values) > 1:
            others = tuple(wish for wish in wishes if wish[0] != field)
            return [(*others, value) for value in values]
    return []


def _asks_material(scene: Scene, seen: Look) -> bool:
    """As in "is it leather?" of what comes in one material only: what that is says more than its versions."""
    materials = {seen.offer.item.material, *(sibling.material for sibling in seen.siblings)}
    asked = {field for field, _ in scene.understanding.wishes}
    return asked == {"material"} and len(materials) == 1 and "" not in materials


def _say_wishes(scene: Scene, *, size: str = "") -> str:
    said = [
        scene.size(size or value)
        if field == "size"
        else scene.color(value)
        if field == "color"
        else scene.value(value)
        for field, value in scene.understanding.wishes
    ]
    return scene.join(said)


def _get_title(scene: Scene, seen: Look) -> str:
    return scene.short_name(seen.offer)


def _list_in_other_colors(scene: Scene, seen: Look) -> list[VariantRecord]:
    """As in "in size L?" of the red one, where L comes in blue only."""
    wishes = scene.understanding.wishes
    return [
        sibling
        for sibling in seen.siblings
        if sibling.quantity != 0 and fits(sibling, wishes, base=None) and sibling.color
    ]


async def _show_version(scene: Scene, seen: Look, version: VariantRecord, *, wish: str) -> None:
    trail = scene.desk.trail
    trail.note_version(get_ref(seen.offer.item.sku), version=get_ref(version.sku))
    for offer in await scene.desk.shop.list_offers([version.sku]):
        trail.record(EntitiesIntroduced(entities=(to_entity(offer),)))
        told = record_offer(trail, offer)
        trail.cite(told.price, told.availability, *told.rating)
        trail.record(EntitiesFocused(refs=(get_ref(offer.item.sku),)))
        if offer.can_be_had:
            scene.show_cards((Look(offer=offer, siblings=seen.siblings),))
            await scene.say(
                "variants.has",
                item=_get_title(scene, seen),
                wish=wish,
                price=scene.money(offer.price.price),
                stock=scene.stock(offer),
            )
            await tell_too_dear(scene, offer)
            return
        await scene.say("variants.sold_out", item=_get_title(scene, seen), wish=wish)
        options = list_other_versions(scene, Look(offer=offer, siblings=seen.siblings))
        if options:
            await scene.say("stock.out.siblings", options=scene.join(options, last="or"))


async def _tell_versions(scene: Scene, seen: Look) -> None:
    item, title = seen.offer.item, _get_title(scene, seen)
    colors = list(dict.fromkeys(sibling.color for sibling in seen.siblings if sibling.color))
    sizes = list(
        dict.fromkeys(
            sibling.size
            for sibling in seen.siblings
            if sibling.size and sibling.color == item.color and sibling.quantity != 0
        )
    )
    asks_color, asks_size = "colo" in scene.said, "size" in scene.said
    named = [scene.color(color) for color in colors]
    if len(colors) == 1 and asks_color:
        await scene.say("variants.one_color", item=title, options=named[0])
        return
    if len(colors) > 1 and not (asks_size and not asks_color):
        await scene.say("variants.colors", item=title, options=scene.join(named))
    if len(sizes) > 1 and not (asks_color and not asks_size):
        await scene.say("variants.sizes", options=scene.join(sizes))
    if len(sizes) == 1 and asks_size and not asks_color:
        await scene.say("details.attribute.size", item=title, value=sizes[0])
    elif len(colors) <= 1 and len(sizes) <= 1:
        await scene.say("variants.only", item=title)


def _list_instead(scene: Scene, seen: Look) -> list[str]:
    """The versions in words, where another was wished for: who asked for a colour alone hears of colours alone, and who
    asked for a size of the sizes in the colour at hand.
    """
    fields = {field for field, _ in scene.understanding.wishes}
    siblings, item = seen.siblings, seen.offer.item
    if fields == {"color"} and all(sibling.color for sibling in siblings):
        return list(dict.fromkeys(scene.color(sibling.color) for sibling in siblings))
    if fields == {"size"} and item.size:
        siblings = tuple(sibling for sibling in siblings if sibling.color == item.color)
        return _list_options(scene, siblings, base=item)
    return _list_options(scene, siblings, base=None)


def _list_options(
    scene: Scene, siblings: Sequence[VariantRecord], *, base: VariantRecord | None
) -> list[str]:
    """The versions in words; a colour that all share with the item in hand goes without saying."""
    same = base is not None and all(sibling.color == base.color for sibling in siblings)
    options = [
        " ".join(
            part
            for part in (
                "" if same or not sibling.color else scene.color(sibling.color),
                scene.size(sibling.size) if sibling.size else "",
            )
            if part
        )
        for sibling in siblings
    ]
    return list(dict.fromkeys(option for option in options if option))
