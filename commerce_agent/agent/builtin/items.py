"""Questions about the items that were meant: details, stock, price, other versions, comparison."""

from collections.abc import Sequence

from catalog.connectors import StockReading
from catalog.pricing import PriceAnswer
from catalog.products import VariantRecord
from commerce_agent.agent.builtin.asked import MOST_ANSWERED, SHORTEST_ASKED, asks_size, list_asked
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.english_moves import ASKS_WHEN, ASKS_WHETHER
from commerce_agent.agent.moves import Move
from commerce_agent.agent.wording import is_quality, say_money, say_number, say_stock
from commerce_agent.tools import compare_products, look_at_product
from commerce_agent.tools.look_at_product import Look
from commerce_agent.tools.naming import get_name, get_short_name
from commerce_agent.tools.shop import Offer
from commerce_agent.tools.showing import get_availability, get_ref, record_offer, say_age, to_card, to_entity
from conversations.events.entities import EntitiesFocused, EntitiesIntroduced
from conversations.events.messages import CardsShown
from conversations.ids import EntityRef
from conversations.language.tokens import list_stems
from conversations.language.tongues import get_tongue

MOST_NAMED = 4


async def tell_details(scene: Scene, move: Move, refs: tuple[EntityRef, ...]) -> None:  # noqa: ARG001
    """Says what an item is: price, stock, rating and the attribute that was asked for."""
    looks = [await _look(scene, ref, show_card=len(refs) == 1) for ref in refs[:MOST_ANSWERED]]
    if await _tell_shared(scene, looks):
        return
    for look in looks:
        asked = list_asked(scene, look.offer)
        if asked:
            for name, value in asked:
                await _say_attribute(scene, name=name, value=value)
            continue
        if asks_size(scene, look.offer):
            await _say_attribute(scene, name="size", value=look.offer.item.size)
            continue
        if scene.understanding.wishes:
            await _tell_attribute(scene, look.offer, name=scene.understanding.wishes[0][0])
            continue
        await _tell_unsaid(scene, look.offer)
        await _tell_all(scene, look.offer)


async def _tell_shared(scene: Scene, looks: Sequence[Look]) -> bool:
    """Says once what is asked of several items: for all of them where they agree, else one by one."""
    asked = [dict(list_asked(scene, look.offer)) for look in looks]
    names = [name for name in asked[0] if all(name in one for one in asked)] if len(looks) > 1 else []
    for name in names:
        values = {one[name].lower() for one in asked}
        if values <= {"yes", "true"}:
            await scene.say("details.all_are" if is_quality(name) else "details.all_have", name=name)
            continue
        said = [f"{one[name]} for the {get_name(look.offer)}" for one, look in zip(asked, looks, strict=True)]
        await scene.say("details.each", name=name, values=scene.book.join(said))
    return bool(names)


async def _tell_attribute(scene: Scene, offer: Offer, *, name: str) -> None:
    value = offer.item.attributes.get(name)
    if value:
        await _say_attribute(scene, name=name.replace("_", " "), value=value)
    else:
        await scene.say("details.unsaid", words=name.replace("_", " "))


async def _tell_unsaid(scene: Scene, offer: Offer) -> None:
    """Says so where the message asks about something of which the shop's words hold nothing."""
    if not ASKS_WHETHER.search(scene.understanding.said):
        return
    item = offer.item
    known = " ".join((item.title, item.description, item.material, item.category, *item.attributes.values()))
    told = set(list_stems(f"{known} {' '.join(item.attributes)}"))
    small = get_tongue("en").grammar.verbs | get_tongue("en").grammar.acquiring
    words = [
        word
        for word in scene.understanding.unsaid.split()
        if len(word) >= SHORTEST_ASKED and word not in small and not set(list_stems(word)) <= told
    ]
    if words:
        unsaid = scene.understanding.unsaid
        whole = unsaid if unsaid in scene.understanding.said else "” or “".join(words)
        await scene.say("details.unsaid", words=whole)


async def _say_attribute(scene: Scene, *, name: str, value: str) -> None:
    key = "details.yes" if is_quality(name) else "details.has"
    if value.lower() in ("yes", "true"):
        await scene.say(key, name=name)
    elif value.lower() in ("no", "false"):
        await scene.say("details.no" if is_quality(name) else "details.has_not", name=name)
    else:
        await scene.say("details.attribute", name=name, value=value)


async def _look(scene: Scene, ref: EntityRef, *, show_card: bool = False) -> Look:
    await scene.voice.show_stage("checking stock")
    return await look_at_product.run(scene.desk, look_at_product.Arguments(sku=ref.key, show_card=show_card))


async def _tell_all(scene: Scene, offer: Offer) -> None:
    price, before = offer.price.price, offer.price.list_price
    await scene.say(
        "details.lead",
        item=get_name(offer),
        price=say_money(price, language=scene.language),
        stock=say_stock(offer),
    )
    if before > price:
        said = say_money(before, language=scene.language)
        if offer.price.promotions:
            titles = scene.book.join([promotion.title for promotion in offer.price.promotions])
            await scene.say("details.was", list_price=said, promotions=titles)
        else:
            await scene.say("details.sale", list_price=said)
    await _say_age(scene, offer.price, offer.stock)
    if offer.item.description:
        await scene.voice.say(offer.item.description.split("\n")[0][:300])
    await _say_rating(scene, offer)


async def _say_rating(scene: Scene, offer: Offer) -> None:
    if offer.item.rating is None:
        return
    rating = say_number(offer.item.rating)
    if offer.item.rating_count:
        await scene.say("details.rating.count", rating=rating, count=offer.item.rating_count)
    else:
        await scene.say("details.rating", rating=rating)


async def _say_age(scene: Scene, *readings: PriceAnswer | StockReading) -> None:
    """Says how old the answer is when it could not be refreshed; what is not known at all has no age."""
    stale = [
        reading.observed_at
        for reading in readings
        if reading.stale and not (isinstance(reading, StockReading) and reading.availability == "unknown")
    ]
    if stale:
        await scene.say("stale", age=say_age(min(stale), now=scene.desk.now))


async def tell_stock(scene: Scene, move: Move, refs: tuple[EntityRef, ...]) -> None:  # noqa: ARG001
    """Says whether the items can be had, by a fresh reading, and what else there is where not."""
    for ref in refs[:MOST_ANSWERED]:
        look = await _look(scene, ref)
        offer = look.offer
        match get_availability(offer):
            case "in_stock":
                await scene.say("stock.in", item=get_name(offer))
                if offer.stock.quantity is not None and "how many" in scene.understanding.said.lower():
                    await scene.say("stock.count", item=get_name(offer), count=offer.stock.quantity)
            case "low_stock":
                await scene.say("stock.low", item=get_name(offer), count=offer.stock.quantity or 0)
            case "out_of_stock":
                await scene.say("stock.out", item=get_name(offer))
                if ASKS_WHEN.search(scene.understanding.said):
                    await scene.say("stock.out.until")
                await _offer_siblings(scene, look)
            case "preorder" | "backorder":
                await scene.say("stock.order", item=get_name(offer))
            case "unknown":
                await scene.say("stock.unknown", item=get_name(offer))
        await _say_age(scene, offer.stock)


async def _offer_siblings(scene: Scene, look: Look) -> None:
    others = [
        sibling for sibling in look.siblings if sibling.sku != look.offer.item.sku and sibling.quantity != 0
    ]
    options = _list_options(others, base=look.offer.item)
    if options:
        await scene.say("stock.out.siblings", options=scene.book.join(options[:5]))


async def tell_price(scene: Scene, move: Move, refs: tuple[EntityRef, ...]) -> None:  # noqa: ARG001
    """Says what the items cost this shopper now."""
    for ref in refs[:MOST_ANSWERED]:
        offer = (await _look(scene, ref)).offer
        price = say_money(offer.price.price, language=scene.language)
        await scene.say("price.lead", item=get_name(offer), price=price)
        if offer.price.list_price > offer.price.price and offer.price.promotions:
            before = say_money(offer.price.list_price, language=scene.language)
            titles = scene.book.join([promotion.title for promotion in offer.price.promotions])
            await scene.say("details.was", list_price=before, promotions=titles)
        await _say_age(scene, offer.price)


async def tell_variants(scene: Scene, move: Move, refs: tuple[EntityRef, ...]) -> None:  # noqa: ARG001
    """Says which versions there are, or whether the one that was asked for exists."""
    for ref in refs[:1]:
        look = await _look(scene, ref)
        if scene.understanding.wishes:
            await _tell_wished(scene, look)
        else:
            await _tell_versions(scene, look)


def list_wished(scene: Scene, look: Look) -> list[VariantRecord]:
    """The versions that are as wished for, those in stock first, then those in the size in hand."""
    wishes = scene.understanding.wishes
    matching = [sibling for sibling in look.siblings if _fits(sibling, wishes, base=look.offer.item)]
    return sorted(matching, key=lambda sibling: (sibling.quantity == 0, sibling.size != look.offer.item.size))


async def _tell_wished(scene: Scene, look: Look) -> None:
    wishes = scene.understanding.wishes
    said = scene.book.join([f"size {value}" if field == "size" else value for field, value in wishes])
    matching = list_wished(scene, look)
    if not matching:
        options = _list_options(look.siblings, base=None)
        item = look.offer.item.product_title or look.offer.item.title
        await scene.say("variants.has_not", item=item, wish=said, options=scene.book.join(options[:6]))
        return
    offers = await scene.desk.shop.list_offers([matching[0].sku])
    for offer in offers:
        trail = scene.desk.trail
        trail.record(EntitiesIntroduced(entities=(to_entity(offer),)))
        told = record_offer(trail, offer)
        trail.cite(told.price, told.availability)
        trail.record(CardsShown(part=trail.mint_part(), cards=(to_card(offer, now=scene.desk.now),)))
        trail.record(EntitiesFocused(refs=(get_ref(offer.item.sku),)))
        await scene.say(
            "variants.has",
            item=offer.item.product_title or offer.item.title,
            wish=said,
            price=say_money(offer.price.price, language=scene.language),
            stock=say_stock(offer),
        )


def _fits(sibling: VariantRecord, wishes: tuple[tuple[str, str], ...], *, base: VariantRecord) -> bool:
    """Whether the sibling is as wished, and as the item in focus in what was not wished for."""
    wished = {field for field, _ in wishes}
    for field, value in wishes:
        if field == "size" and sibling.size.lower() != value.lower():
            return False
        if field == "color" and value.lower() not in " ".join((sibling.color, *sibling.colors)).lower():
            return False
        if field not in ("size", "color") and sibling.attributes.get(field, "").lower() != value.lower():
            return False
    return "color" in wished or not base.color or sibling.color == base.color


async def _tell_versions(scene: Scene, look: Look) -> None:
    item = look.offer.item
    title = item.product_title or item.title
    colors = list(dict.fromkeys(sibling.color for sibling in look.siblings if sibling.color))
    sizes = list(
        dict.fromkeys(
            sibling.size
            for sibling in look.siblings
            if sibling.size and sibling.color == item.color and sibling.quantity != 0
        )
    )
    said = scene.understanding.said.lower()
    if len(colors) == 1 and "colo" in said:
        await scene.say("variants.one_color", item=title, options=colors[0].lower())
        return
    if len(colors) > 1 and not ("size" in said and "colo" not in said):
        await scene.say("variants.colors", item=title, options=scene.book.join(colors))
    if len(sizes) > 1 and not ("colo" in said and "size" not in said):
        await scene.say("variants.sizes", options=scene.book.join(sizes))
    if len(colors) <= 1 and len(sizes) <= 1:
        await scene.say("variants.only", item=title)


def _list_options(siblings: Sequence[VariantRecord], *, base: VariantRecord | None) -> list[str]:
    """The versions in words; a colour that all share with the item in hand goes without saying."""
    same = base is not None and all(sibling.color == base.color for sibling in siblings)
    options = [
        " ".join(
            part
            for part in (
                "" if same else sibling.color.lower(),
                f"size {sibling.size}" if sibling.size else "",
            )
            if part
        )
        for sibling in siblings
    ]
    return list(dict.fromkeys(option for option in options if option))


async def compare(scene: Scene, move: Move, refs: tuple[EntityRef, ...]) -> None:  # noqa: ARG001
    """Puts the items side by side; without any named, those that were shown last."""
    if len(refs) < 2 and scene.desk.trail.state.entities.showings:
        last = scene.desk.trail.state.entities.showings[-1].refs
        refs = tuple(dict.fromkeys((*refs, *last)))[: compare_products.MOST_COMPARED]
    if len(refs) < 2:
        await scene.say("compare.few")
        return
    arguments = compare_products.Arguments(skus=tuple(ref.key for ref in refs))
    compared = await compare_products.run(scene.desk, arguments)
    cheapest = min(compared.offers, key=lambda offer: offer.price.price)
    price = say_money(cheapest.price.price, language=scene.language)
    if len({offer.price.price for offer in compared.offers}) == 1:
        await scene.say("compare.same_price", price=price)
    else:
        await scene.say("compare.lead", cheapest=get_name(cheapest), price=price)
    rated = [offer for offer in compared.offers if offer.item.rating is not None]
    if len({offer.item.rating for offer in rated}) > 1:
        best = max(rated, key=lambda offer: offer.item.rating or 0.0)
        await scene.say("compare.rating", best=get_name(best), rating=say_number(best.item.rating or 0.0))


async def tell_among(scene: Scene) -> None:
    """Says which of the items that were shown are as asked."""
    understanding = scene.understanding
    offers = await scene.desk.shop.list_offers([ref.key for ref in understanding.among])
    fitting = [
        offer
        for offer in offers
        if all(_has(offer.item, field, value) for field, value in understanding.wishes)
    ]
    wish = scene.book.join([_say_wish(field, value) for field, value in understanding.wishes])
    owned = [
        field
        for field, value in understanding.wishes
        if value.lower() in ("yes", "true") and not is_quality(field)
    ]
    has = ".has" if len(owned) == len(understanding.wishes) else ""
    for offer in fitting:
        record_offer(scene.desk.trail, offer)
    colored = any(field == "color" for field, _ in understanding.wishes)
    names = [(get_short_name if colored else get_name)(offer) for offer in fitting[:MOST_NAMED]]
    if len(fitting) == 1:
        await scene.say(f"among.one{has}", item=names[0], wish=wish)
    elif fitting:
        await scene.say(f"among.some{has}", items=scene.book.join(names), wish=wish)
    else:
        await scene.say(f"among.none{has}", wish=wish)
    if fitting:
        refs = tuple(get_ref(offer.item.sku) for offer in fitting)
        scene.desk.trail.record(EntitiesFocused(refs=refs))


def _has(item: VariantRecord, field: str, value: str) -> bool:
    wanted = value.lower()
    if field == "color":
        return wanted in " ".join((item.color, *item.colors)).lower()
    plain = {"size": item.size, "material": item.material, "brand": item.brand, "category": item.category}
    held = plain.get(field) or item.attributes.get(field, "")
    return wanted == held.lower() or (field in ("material", "category") and wanted in held.lower())


def _say_wish(field: str, value: str) -> str:
    if value.lower() in ("yes", "true"):
        return field.replace("_", " ")
    return f"in size {value}" if field == "size" else value.lower()
