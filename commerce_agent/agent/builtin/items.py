"""Questions about the items that were meant: details, stock and price."""

from collections.abc import Sequence

from catalog.connectors import ItemReading, StockReading
from catalog.pricing import PriceAnswer
from catalog.products import VariantRecord, is_color
from commerce_agent.agent.builtin.asked import (
    MOST_ANSWERED,
    SHORTEST_ASKED,
    asks_size,
    is_cheapest_with,
    list_asked,
    list_picked_by,
)
from commerce_agent.agent.builtin.facts_near import asks_something, list_near, tell_facts
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.builtin.versions import tell_wished_version
from commerce_agent.agent.understanding.choosing import is_shared
from commerce_agent.agent.understanding.english.cues import (
    ASKS_FAVOUR,
    ASKS_NAME,
    ASKS_POSSIBLE,
    IN_UNIT,
    SHOWS,
)
from commerce_agent.agent.understanding.english.moves import ASKS_WHAT, ASKS_WHETHER
from commerce_agent.agent.understanding.moves import Move
from commerce_agent.agent.understanding.own_items import PRONOUNS
from commerce_agent.agent.wording.fitting import tells_fit
from commerce_agent.agent.wording.terms import is_quality
from commerce_agent.agent.wording.values import is_foreign
from commerce_agent.tools import look_at_product
from commerce_agent.tools.look_at_product import Look
from commerce_agent.tools.offers import Offer
from commerce_agent.tools.showing import get_ref, to_entity
from conversations.events.entities import EntitiesFocused, EntitiesShown, Reference
from conversations.ids import EntityRef
from conversations.language.amounts import find_unit, from_base, to_base
from conversations.language.tokens import list_stems
from conversations.language.tongues import get_tongue
from conversations.language.vocabulary import NO, YES

LONGEST_DESCRIPTION = 300
MOST_TOLD_EACH = 5
"""Of so many that one word may mean, what is asked is told of each."""


async def look(scene: Scene, ref: EntityRef) -> Look:
    """Reads the item anew."""
    await scene.voice.show_stage("checking_stock")
    return await look_at_product.run(scene.desk, look_at_product.Arguments(sku=ref.key))


async def tell_details(scene: Scene, move: Move, refs: tuple[EntityRef, ...]) -> None:  # noqa: ARG001
    """Says what an item is: the attribute that was asked for, or price, stock and rating."""
    looks = await _look_at_each(scene, refs)
    if await _tell_shared(scene, looks):
        return
    if len(looks) == 1 and await tell_wished_version(scene, looks[0]):
        return
    if SHOWS.search(scene.understanding.said) and len(looks) > 1:
        await _show_few(scene, looks)
        return
    for seen in looks:
        if len(looks) == 1:
            await _show_picked(scene, seen)
        if not await _tell_asked(scene, seen.offer):
            if await _tell_near(scene, seen.offer) or await _tell_unsaid(scene, seen.offer):
                continue
            if len(looks) == 1:
                scene.show_cards((seen,))
            if not await _tell_what_there_is(scene, seen.offer):
                await _tell_all(scene, seen.offer)


async def _show_picked(scene: Scene, seen: Look) -> None:
    if list_picked_by(scene, seen.offer) and not list_asked(scene, seen.offer):
        scene.show_cards((seen,))
    elif is_cheapest_with(scene, seen.offer):
        scene.show_cards((seen,))
        await _say_lead(scene, seen.offer)


async def _look_at_each(scene: Scene, refs: tuple[EntityRef, ...]) -> list[Look]:
    """Reads them anew; "them" are then all of these, not the one that was read last."""
    looks = [await look(scene, ref) for ref in _list_apart(scene, refs)[:MOST_ANSWERED]]
    if len(looks) > 1:
        meant = tuple(get_ref(seen.offer.item.sku) for seen in looks)
        scene.desk.trail.record(EntitiesFocused(refs=meant))
    return looks


def _list_apart(scene: Scene, refs: tuple[EntityRef, ...]) -> tuple[EntityRef, ...]:
    """As in "the winter ones", of which two sizes were spoken of: one product in one colour is told of once."""
    apart: dict[object, EntityRef] = {}
    for ref in refs:
        entity = scene.desk.trail.state.entities.find(ref)
        grouped = entity is not None and entity.group
        key = (entity.group, entity.attributes.get("color"), entity.name) if entity and grouped else ref
        apart.setdefault(key, ref)
    return tuple(apart.values())


async def tell_each(scene: Scene, reference: Reference) -> bool:
    """As in "how many litres does it hold?" of a few that were shown: what each of them tells, and which differ."""
    refs, plain = reference.candidates, all(move.kind == "details" for move in scene.understanding.moves)
    versions = any(field in ("", "color", "size", "material") for field, _ in scene.understanding.wishes)
    if not plain or versions or not 1 < len(refs) <= MOST_TOLD_EACH:
        return False
    if reference.text.lower().removesuffix("'s") not in PRONOUNS:
        return False
    looks = [await look(scene, ref) for ref in refs]
    told = await _tell_shared(scene, looks)
    if told:
        scene.offer_replies(*(scene.name(seen.offer) for seen in looks))
    return told


async def _show_few(scene: Scene, looks: Sequence[Look]) -> None:
    """As in "show me the two cheapest": some of what was shown, put before the shopper as a list of its own."""
    trail = scene.desk.trail
    offers = [seen.offer for seen in looks]
    trail.record(EntitiesShown(entities=tuple(to_entity(offer) for offer in offers)))
    scene.show_cards(looks)
    trail.record(EntitiesFocused(refs=tuple(get_ref(offer.item.sku) for offer in offers)))
    priced = [
        scene.book.put("details.for", value=scene.money(offer.price.price), item=scene.name(offer))
        for offer in offers
    ]
    await scene.say("details.few", values=scene.join(priced), count=len(priced))
    await say_stale(scene, *(offer.price for offer in offers), *(offer.stock for offer in offers))


async def _tell_shared(scene: Scene, looks: Sequence[Look]) -> bool:
    """Says once what is asked of several items: for all of them where they agree, else one by one."""
    asked = [dict(list_asked(scene, seen.offer)) for seen in looks]
    if not any(asked) and asks_something(scene):
        asked = [dict(list_near(scene, seen.offer)) for seen in looks]
    names = [name for name in asked[0] if all(name in one for one in asked)] if len(looks) > 1 else []
    for name in names:
        values = {one[name].lower() for one in asked}
        if values <= YES:
            key = "details.all_are" if is_quality(name, language=scene.language) else "details.all_have"
            await scene.say(key, name=scene.field(name))
            continue
        if values <= NO:
            key = "details.none_is" if is_quality(name, language=scene.language) else "details.none_has"
            await scene.say(key, name=scene.field(name))
            continue
        if len(values) == 1:
            await _say_attribute(scene, looks[0].offer, name=name, value=asked[0][name])
            continue
        said = [
            scene.book.put("details.for", value=scene.value(one[name]), item=scene.name(seen.offer))
            for one, seen in zip(asked, looks, strict=True)
        ]
        await scene.say("details.each", name=scene.field(name), values=scene.join(said))
    return bool(names)


async def _tell_asked(scene: Scene, offer: Offer) -> bool:
    """Answers the very question; False where the message asks for the item as a whole."""
    if ASKS_NAME.search(scene.understanding.said):
        await scene.say("details.name", item=scene.name(offer))
        return True
    asked = list_asked(scene, offer)
    asked = asked or list_picked_by(scene, offer)
    if not asked and asks_size(scene, offer):
        asked = [("size", offer.item.size)]
    for field, wanted in scene.understanding.wishes:
        value = offer.item.attributes.get(field, "")
        if wanted.isdecimal() and value and value != wanted:
            await scene.say(
                "details.other_value", name=scene.field(field.replace("_", " ")), value=scene.value(value)
            )
            return True
    # A size that is a volume too is told once.
    asked = list({value.lower(): (name, value) for name, value in reversed(asked)}.values())[::-1]
    for number, (name, value) in enumerate(asked):
        await _say_attribute(scene, offer, name=name, value=value, again=number > 0)
    if asked:
        return True
    for field, wanted in scene.understanding.wishes[:1]:
        value = offer.item.attributes.get(field, "")
        if value:
            await _say_attribute(scene, offer, name=field.replace("_", " "), value=value)
        else:
            words = wanted.split(">")[-1].strip() if field == "category" else field.replace("_", " ")
            await _say_unsaid(scene, offer, words=words.lower())
        return True
    return False


async def _tell_near(scene: Scene, offer: Offer) -> bool:
    """Answers a question in other words than the shop's with what comes nearest to it."""
    near = list_near(scene, offer) if asks_something(scene) else []
    for number, (name, value) in enumerate(near):
        await _say_attribute(scene, offer, name=name, value=value, again=number > 0)
    return bool(near)


async def _tell_unsaid(scene: Scene, offer: Offer) -> bool:
    """Says so where the message asks about something of which the shop's words hold nothing."""
    said = scene.understanding.said
    asks = any(pattern.search(said) for pattern in (ASKS_WHETHER, ASKS_WHAT, ASKS_POSSIBLE, ASKS_FAVOUR))
    words = list_untold(scene, offer) if asks else []
    if words and ASKS_FAVOUR.search(said):
        await scene.say("favour.unsaid")
        scene.offer_replies(scene.book.put("button.person"))
    elif words:
        unsaid = scene.understanding.unsaid
        whole = scene.own((unsaid,) if unsaid in said else words)
        await _say_unsaid(scene, offer, words=whole)
        if text := _find_text(offer.item):
            await scene.say("details.says", text=text)
        else:
            await tell_facts(scene, offer)
    return bool(words)


async def _tell_what_there_is(scene: Scene, offer: Offer) -> bool:
    """Answers a question that nothing answers in so many words with what the shop does say."""
    if not asks_something(scene):
        return False
    if text := _find_text(offer.item):
        await scene.say("details.says", text=text)
        return True
    await scene.say("details.unsure")
    return await tell_facts(scene, offer)


def list_untold(scene: Scene, offer: Offer) -> list[str]:
    """The words of the message that stand nowhere in what the shop says of the item."""
    told = _list_told(offer.item)
    small = get_tongue("en").grammar.verbs | get_tongue("en").grammar.acquiring | JUDGING
    return [
        word
        for word in scene.understanding.unsaid.split()
        if len(word) >= SHORTEST_ASKED
        and word not in small
        and not set(list_stems(word)) <= told
        and word.lower() not in get_tongue("en").ordinary
    ]


JUDGING = frozenset({"best", "better", "good", "most", "more", "suited", "suitable", "ideal"})
"""Words that judge goods and tell nothing of what they are: "better for gaming"."""


def is_told(item: VariantRecord, *, words: str) -> bool:
    """Whether every one of the words stands in what the shop says of the item."""
    small = get_tongue("en").grammar.verbs | get_tongue("en").grammar.acquiring
    asked = (word for word in words.split() if word.lower() not in small)
    return {stem for word in asked for stem in list_stems(word)} <= _list_told(item)


def _list_told(item: VariantRecord) -> set[str]:
    known = " ".join((item.title, item.description, item.material, item.category, *item.attributes.values()))
    return set(list_stems(f"{known} {' '.join(item.attributes)}"))


async def _say_unsaid(scene: Scene, offer: Offer, *, words: str) -> None:
    if set(list_stems(words)) <= set(list_stems(offer.item.description)):
        await tell_text(scene, offer)
        return
    await scene.say("details.unsaid", words=words, item=scene.name(offer))


async def _say_attribute(scene: Scene, offer: Offer, *, name: str, value: str, again: bool = False) -> None:
    quality, field = is_quality(name, language=scene.language), scene.field(name)
    picked = any(
        rule.startswith("extreme") for reference in scene.understanding.references for rule in reference.rules
    )
    if value.lower() in YES:
        await scene.say("details.yes" if quality else "details.has", name=field)
    elif value.lower() in NO:
        await scene.say("details.no" if quality else "details.has_not", name=field)
    elif again and not picked:
        await scene.say("details.attribute.also", name=field, value=scene.value(value))
    elif picked and is_shared(scene.understanding.references, name=name, state=scene.desk.trail.state):
        await scene.say("details.picked.alike", name=field, value=scene.value(value))
    elif picked:
        await scene.say("details.picked", name=field, value=scene.value(value), item=scene.name(offer))
    else:
        value = _put_in_asked_unit(scene, offer, name=name) or value
        key = "details.fits" if tells_fit(name) else f"details.attribute.{name}"
        plain = "details.attribute"
        if field.endswith("s") and not field.endswith("ss") and scene.book.has("details.attribute.many"):
            counted = value.replace(".", "").isdecimal()
            plain = "details.attribute.count" if counted else "details.attribute.many"
        await scene.say(
            key if scene.book.has(key) else plain,
            name=field,
            value=scene.value(value),
            item=scene.name(offer),
        )


def _put_in_asked_unit(scene: Scene, offer: Offer, *, name: str) -> str:
    """As in "how long is it in cm?" of a measure in inches; empty where no other unit is asked for."""
    tongue, unit = get_tongue("en"), scene.units.get(name, "")
    asked = IN_UNIT.search(scene.understanding.said)
    wanted = find_unit(asked.group("unit"), tongue) if asked else None
    held, measure = find_unit(unit, tongue), offer.item.measures.get(name)
    if not asked or not wanted or not held or measure is None or wanted[0] != held[0]:
        return ""
    base = to_base(measure, unit=unit, tongue=tongue)
    converted = from_base(base, unit=asked.group("unit"), tongue=tongue)
    number = scene.number(round(converted, 1))
    scene.voice.allow_name(number)
    return f"{number} {asked.group('unit')}"


async def _tell_all(scene: Scene, offer: Offer) -> None:
    await _say_lead(scene, offer)
    if offer.price.list_price > offer.price.price:
        await say_reduced(scene, offer)
    await say_stale(scene, offer.price, offer.stock, offer.words)
    await tell_text(scene, offer)
    await _say_rating(scene, offer)


async def _say_lead(scene: Scene, offer: Offer) -> None:
    price, stock = scene.money(offer.price.price), scene.stock(offer)
    await scene.say("details.lead", item=scene.name(offer), price=price, stock=stock)


async def tell_text(scene: Scene, offer: Offer) -> None:
    """Says what the shop writes about the item."""
    if text := _find_text(offer.item):
        await scene.say("details.says" if is_foreign(text, book=scene.book) else "details.text", text=text)


def _find_text(item: VariantRecord) -> str:
    """What the shop writes about the item; empty where that is its name over again, or another version's name."""
    named = " ".join((item.title, item.product_title, item.brand, item.color, item.size))
    told = " ".join(word for word in item.description.split() if not is_color(word.lower()))
    return "" if set(list_stems(told)) <= set(list_stems(named)) else _shorten(item.description)


def _shorten(description: str) -> str:
    text = description.split("\n")[0].rstrip()
    if text[-1:].isalnum():
        text += "."
    return text if len(text) <= LONGEST_DESCRIPTION else f"{text[:LONGEST_DESCRIPTION].rsplit(' ', 1)[0]}…"


async def say_reduced(scene: Scene, offer: Offer) -> None:
    """Says what it cost before, and what brings it down."""
    before = scene.money(offer.price.list_price)
    if offer.price.promotions:
        titles = scene.quote(*(promotion.title for promotion in offer.price.promotions))
        await scene.say("details.was", list_price=before, promotions=titles)
    else:
        await scene.say("details.sale", list_price=before)


async def _say_rating(scene: Scene, offer: Offer) -> None:
    if offer.item.rating is None:
        return
    rating = scene.number(offer.item.rating)
    if offer.item.rating_count:
        await scene.say("details.rating.count", rating=rating, count=offer.item.rating_count)
    else:
        await scene.say("details.rating", rating=rating)


async def say_stale(scene: Scene, *readings: PriceAnswer | StockReading | ItemReading | None) -> None:
    """Says how old the answer is when it could not be refreshed; what is not known at all has no age."""
    stale = [
        reading.observed_at
        for reading in readings
        if reading is not None
        and reading.stale
        and not (isinstance(reading, StockReading) and reading.availability == "unknown")
    ]
    if stale:
        await scene.say_stale(min(stale))


async def tell_price(scene: Scene, move: Move, refs: tuple[EntityRef, ...]) -> None:  # noqa: ARG001
    """Says what the items cost this shopper now."""
    told: set[tuple[str, str]] = set()
    for ref in refs[:MOST_ANSWERED]:
        seen = await look(scene, ref)
        offer = seen.offer
        # "$9.50 for the coffee" would leave out that the larger bag costs more.
        differ = len({sibling.price for sibling in seen.siblings}) > 1
        name = scene.version_name(offer) if differ else scene.name(offer)
        answer = name, scene.money(offer.price.price)
        # Two sizes of one thing at one price are one answer.
        if answer in told:
            continue
        told.add(answer)
        await scene.say("price.lead", item=name, price=scene.money(offer.price.price))
        if offer.price.list_price > offer.price.price:
            await say_reduced(scene, offer)
        await say_stale(scene, offer.price)
