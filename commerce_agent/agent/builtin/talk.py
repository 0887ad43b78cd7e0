"""The moves that are about the talk itself."""

from babel import Locale
from babel.numbers import get_currency_name

from catalog.products import SearchQuery
from commerce_agent.agent.builtin.carts import tell_total
from commerce_agent.agent.builtin.placed_orders import say_unknown_orders
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.shop.languages import list_codes
from commerce_agent.agent.shop.rules import find_declined, find_handoff
from commerce_agent.agent.understanding.asked_language import SPOKEN
from commerce_agent.agent.understanding.english.cues import ENDS_CHOOSING, TELLS
from commerce_agent.agent.wording.terms import say_limit, say_measure
from commerce_agent.tools import call_person
from commerce_agent.tools.seeking import look_up
from conversations.events.entities import EntitiesFocused, Entity, Reference

MOST_OPTIONS = 4


async def greet(scene: Scene) -> None:
    """Greets; a shopper who comes back is told that nothing was forgotten."""
    await scene.say("greet.again" if scene.desk.trail.state.transcript.tail else "greet")


async def take_leave(scene: Scene) -> None:
    """Says goodbye; whoever has chosen everything and bought nothing yet hears what it comes to."""
    if scene.desk.trail.state.cart.lines and ENDS_CHOOSING.search(scene.understanding.said):
        await tell_total(scene)
        return
    await scene.say("part")


async def tell_identity(scene: Scene) -> None:
    """Says what is talking here."""
    await scene.say("identity")


async def recap(scene: Scene) -> None:
    """Says which terms hold and what is in focus, or what was shown first of all."""
    state = scene.desk.trail.state
    if shown := [
        ref for each in scene.understanding.references if "first_shown" in each.rules for ref in each.refs
    ]:
        entities = [entity for ref in shown if (entity := state.entities.find(ref))]
        names = list(dict.fromkeys(scene.entity_name(entity) for entity in entities))
        await scene.say("recap.shown", items=scene.join(names), count=len(names))
        return
    query = state.entities.searched.query if state.entities.searched else ""
    terms = state.constraints.active
    if query or terms:
        goods = scene.goods(terms, query=query)
        said = scene.terms(terms)
        await scene.say("recap.terms", terms=f"{goods}{said}")
    else:
        await scene.say("recap.none")
    if len(state.entities.focus) == 1:
        offers = await scene.desk.shop.list_offers([state.entities.focus[0].key])
        for offer in offers:
            await scene.say("recap.focus", item=scene.name(offer))


async def start_over(scene: Scene) -> None:
    """Confirms that the terms are gone; the ledger withdrew them when the message was understood."""
    scene.desk.trail.record(EntitiesFocused(refs=()))
    await scene.say("start_over")


async def call_a_person(scene: Scene) -> None:
    """Asks for a person, once."""
    reason = call_person.Arguments(reason=scene.understanding.own_said[:500])
    called = await call_person.run(scene.desk, reason)
    await scene.say("person.already" if called.already else "person")


def is_left_alone(scene: Scene) -> bool:
    """Whether the message is about a topic that the shop leaves alone, whoever else could speak of it."""
    return find_declined(scene.settings, texts=_list_readings(scene)) is not None


def is_for_person(scene: Scene) -> bool:
    """Whether the shop's rules say that a person is called for such a message, and none is yet."""
    if scene.desk.trail.state.transcript.handed_off:
        return False
    return find_handoff(scene.settings, texts=_list_readings(scene)) is not None


def _list_readings(scene: Scene) -> tuple[str, str]:
    return scene.understanding.own_said, scene.understanding.said


async def follow_shop_rules(scene: Scene) -> bool:
    """Does what the shop's settings say of such a message: a person is called, or the topic is left alone."""
    if is_for_person(scene):
        await call_a_person(scene)
        return True
    if is_left_alone(scene):
        await scene.say("off_limits")
        return True
    return False


async def tell_upset(scene: Scene) -> None:
    """Answers anger with an apology and a way out."""
    await scene.say("upset")
    scene.offer_replies(scene.book.put("button.person"))


async def tell_override(scene: Scene) -> None:
    """Answers an attempt to talk the assistant out of its task."""
    await scene.say("override")


async def turn_to_language(scene: Scene) -> None:
    """Goes on in the language that was asked for, or says which ones there are."""
    is_spoken = any(move.topic in SPOKEN for move in scene.understanding.moves)
    chosen = list_codes(scene.settings.languages)
    if chosen and not any(move.topic in chosen for move in scene.understanding.moves):
        names = Locale(scene.language).languages
        await scene.say("language.only", languages=scene.join([names.get(code, code) for code in chosen]))
        return
    await scene.say("language.turned" if is_spoken else "language.unknown")


async def tell_off_topic(scene: Scene) -> None:
    """Says that this is no matter of the shop's, and what is."""
    await scene.say("off_topic")
    await suggest_kinds(scene)


async def say_foreign(scene: Scene) -> bool:
    """A limit in another currency is none that could be held to; that is said, and nothing is converted."""
    if not scene.understanding.reading.foreign:
        return False
    own = get_currency_name(scene.desk.currency, count=2, locale=scene.book.locale)
    await scene.say("search.foreign", currency=own)
    return True


async def tell_unclear(scene: Scene) -> None:
    """Says that the message was not understood; the second time running what can be done here, and who else could.

    What only tells something ("she has small hands") asks for nothing: that is taken note of.
    """
    if await say_foreign(scene):
        return
    tail = scene.desk.trail.state.transcript.tail
    wordings = [wording for key in ("unclear", "unclear.again") for wording in scene.book.wordings[key]]
    if tail and any(wording in tail[-1].replied for wording in wordings):
        await scene.say("unclear.again")
        scene.offer_replies(scene.book.put("button.person"))
        return
    if TELLS.search(scene.understanding.said) and tail:
        await scene.say("noted")
        return
    await scene.say("unclear")
    await suggest_kinds(scene)


async def suggest_kinds(scene: Scene) -> None:
    """Names some kinds of goods that the shop has, as buttons too."""
    shop = scene.desk.shop
    found = await look_up(shop, SearchQuery(limit=1, now=shop.now))
    paths = next((facet.values for facet in found.facets if facet.field == "category"), ())
    ranked = sorted(paths, key=lambda each: (-each[1], each[0]))
    kinds = list(dict.fromkeys(path.split(">")[-1].strip() for path, _ in ranked))[:MOST_OPTIONS]
    if len(kinds) > 1:
        named = [scene.kind(kind) for kind in kinds]
        # English writes the names of kinds small within a sentence; other languages as they stand.
        told = [kind.lower() for kind in named] if scene.language == "en" else named
        await scene.say("kinds", kinds=scene.join(told))
        scene.offer_replies(*named)


async def ask_which(scene: Scene, reference: Reference) -> None:
    """Asks which of the candidates was meant, naming what tells them apart."""
    shown = list(dict.fromkeys(_list_options(scene, reference)))[:MOST_OPTIONS]
    await scene.say("ask.which", options=scene.join(shown, last="or"))
    scene.offer_replies(*shown)


def _list_options(scene: Scene, reference: Reference) -> list[str]:
    entities = scene.desk.trail.state.entities
    found = [(ref, entities.find(ref)) for ref in reference.candidates]
    names = [scene.entity_name(entity) if entity else ref.key for ref, entity in found]
    if len(set(names)) == len(names):
        return [scene.book.put("ask.option", item=name) for name in names]
    split = reference.question or "size"
    if split == "price":
        # With its price, an item is named in a phrase of its own.
        return [
            _specify(scene, entity, name=name, split=split)
            for (_, entity), name in zip(found, names, strict=True)
        ]
    return [
        scene.book.put("ask.option", item=_specify(scene, entity, name=name, split=split))
        for (_, entity), name in zip(found, names, strict=True)
    ]


def _specify(scene: Scene, entity: Entity | None, *, name: str, split: str) -> str:
    """The name with what tells it from the others."""
    if entity is None:
        return name
    if split == "price" and split in entity.measures:
        price = say_limit(entity.measures[split], currency=scene.desk.currency, language=scene.language)
        return scene.book.put("sum.item", item=name, price=price)
    if split in entity.measures:
        value = say_measure(entity.measures[split], unit=scene.units.get(split, ""), book=scene.book)
        return scene.book.put("item.with", item=name, name=scene.field(split), value=value)
    values = entity.attributes.get(split, ())
    value = " / ".join(values)
    if split == "color" and value:
        return scene.book.put("item.in_color", title=name, color=scene.color(values[0]))
    if split == "size" and value:
        return scene.sized(name, size=value)
    return (
        scene.book.put("item.with", item=name, name=scene.field(split), value=scene.value(value))
        if value
        else name
    )


async def ask_unknown(scene: Scene, reference: Reference) -> None:
    """Says that nothing known matches, and asks on: where it was looked for says how."""
    own = scene.understanding.get_own(reference.text)
    rules = set(reference.rules)
    if "order" in rules:
        await _ask_purchase(scene, words=own, rules=rules)
    elif "cart" in rules:
        await tell_not_in_cart(scene, reference)
    elif "position" in rules:
        showings = scene.desk.trail.state.entities.showings
        count = len(showings[-1].refs) if showings else 0
        await (scene.say("ask.past_end", count=count) if count else scene.say("ask.item"))
    else:
        await scene.say("ask.unknown", words=own)
        wanted = reference.text.removeprefix("the ").removesuffix(" one") if scene.language == "en" else own
        scene.offer_replies(scene.book.put("button.search", words=wanted))


async def tell_not_in_cart(scene: Scene, reference: Reference) -> None:
    """Says that nothing in the cart is called so; of an empty one, that it is."""
    words = scene.understanding.get_own(reference.text)
    empty = not scene.desk.trail.state.cart.lines
    await (scene.say("cart.empty") if empty else scene.say("ask.not_in_cart", words=words))


async def _ask_purchase(scene: Scene, *, words: str, rules: set[str]) -> None:
    if "anonymous" in rules:
        await say_unknown_orders(scene)
    elif "out_of_reach" in rules:
        await scene.say("orders.out_of_reach")
    else:
        await scene.say("ask.not_bought", words=words)
