"""Policies and promotions."""

from datetime import datetime

import msgspec

from catalog.connectors import ConnectorUnavailable
from catalog.products import Filter, SearchQuery
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.understanding.english.cues import ADDS_UP, ASKS_CODE, ASKS_REDUCED
from commerce_agent.agent.understanding.english.moves import ASKS_WHEN
from commerce_agent.agent.understanding.english.policies import OF_STORE
from commerce_agent.agent.understanding.english.sent_to import find_place_asked
from commerce_agent.agent.understanding.moves import Move
from commerce_agent.agent.understanding.own_items import PRONOUNS
from commerce_agent.agent.wording.periods import find_period_change
from commerce_agent.agent.wording.places import find_place_unsaid
from commerce_agent.agent.wording.terms import say_since
from commerce_agent.agent.wording.values import is_foreign, name_goods
from commerce_agent.tools import get_policy, list_promotions, look_at_product
from commerce_agent.tools.offers import Offer
from commerce_agent.tools.seeking import look_up
from commerce_agent.tools.showing import record_offer, to_entity
from conversations.events.entities import EntitiesIntroduced
from conversations.events.facts import Fact
from conversations.ids import EntityRef

MOST_ANSWERED = 2
MOST_TOLD = 4
"""More policies than these make no answer to read."""
MOST_REDUCED = 3
MOST_WEIGHED = 10
"""Goods of a kind that are looked at for what lowers their prices."""


async def tell_policy(scene: Scene, move: Move, refs: tuple[EntityRef, ...], *, kind: str = "") -> None:
    """Says the policy for the items that were meant, else for the kind of goods, else the store's.

    Where none is named ("which policies apply to boots?"), each that the shop has.
    """
    if not move.topic:
        names = list(dict.fromkeys(name for name, _ in scene.words.policies))[:MOST_TOLD]
        if not names:
            await scene.say("question.unknown")
        for name in names:
            await tell_policy(scene, msgspec.structs.replace(move, topic=name), refs, kind=kind)
        return
    if not refs and await _tell_of_goods(scene, move, kind=kind):
        return
    if not refs or _is_of_order(scene, move):
        read = await get_policy.run(scene.desk, get_policy.Arguments(name=move.topic))
        await _tell(scene, read, name=move.topic, item="")
        await _tell_of_focus(scene, move, told=read)
        return
    if len(refs) > 1 and await _tell_shared(scene, move, refs):
        return
    told: set[str] = set()
    for ref in refs[:MOST_ANSWERED]:
        look = await look_at_product.run(scene.desk, look_at_product.Arguments(sku=ref.key))
        read = await get_policy.run(scene.desk, get_policy.Arguments(name=move.topic, sku=ref.key))
        text = read.answer.chosen.text if read.answer else ""
        if move.topic == "shipping" and _is_for_all(read):
            # A parcel costs the same whatever is in it.
            await _tell(scene, read, name=move.topic, item="")
            return
        if text in told:
            await scene.say("policy.same", item=scene.name(look.offer))
            continue
        told.add(text)
        await _tell(scene, read, name=move.topic, item=scene.name(look.offer))


async def _tell_of_focus(scene: Scene, move: Move, *, told: get_policy.PolicyRead) -> None:
    """As in "what's the return policy?" with a lamp in hand that has terms of its own: those as well."""
    focus = scene.desk.trail.state.entities.focus
    named = scene.understanding.resolved or scene.understanding.kind
    if named or len(focus) != 1 or told.answer is None or OF_STORE.search(scene.understanding.said):
        return
    own = await scene.desk.shop.find_policy(move.topic, sku=focus[0].key)
    if own is None or own.chosen.ref == told.answer.chosen.ref:
        return
    look = await look_at_product.run(scene.desk, look_at_product.Arguments(sku=focus[0].key))
    read = await get_policy.run(scene.desk, get_policy.Arguments(name=move.topic, sku=focus[0].key))
    await _tell(scene, read, name=move.topic, item=scene.name(look.offer))


async def _tell_shared(scene: Scene, move: Move, refs: tuple[EntityRef, ...]) -> bool:
    """As in "how long can I try it for?" of several chairs: what holds for all of them is told once."""
    reads = [
        await get_policy.run(scene.desk, get_policy.Arguments(name=move.topic, sku=ref.key))
        for ref in refs[:MOST_ANSWERED]
    ]
    texts = {read.answer.chosen.text for read in reads if read.answer}
    if len(texts) != 1 or any(read.answer is None for read in reads):
        return False
    await _tell(scene, reads[0], name=move.topic, item="")
    return True


async def is_shared(scene: Scene, move: Move, refs: tuple[EntityRef, ...]) -> bool:
    """Whether one policy holds for all of them; False where nobody can be asked."""
    try:
        answers = [await scene.desk.shop.find_policy(move.topic, sku=ref.key) for ref in refs[:MOST_ANSWERED]]
    except ConnectorUnavailable:
        return False
    return len({answer.chosen.ref for answer in answers if answer}) == 1 and all(answers)


def _is_for_all(read: get_policy.PolicyRead) -> bool:
    """Whether what was found holds for the whole store."""
    return read.answer is not None and read.answer.chosen.ref.partition("/")[2].startswith("store")


def _is_of_order(scene: Scene, move: Move) -> bool:
    """As in "when will it arrive?", right after an order was placed: what is on its way is the order."""
    pointed = {reference.text.lower() for reference in scene.understanding.references}
    asks = move.topic == "shipping" and ASKS_WHEN.search(scene.understanding.said) is not None
    return asks and bool(scene.desk.trail.state.cart.orders) and pointed <= PRONOUNS


async def _tell_of_goods(scene: Scene, move: Move, *, kind: str) -> bool:
    """The policy for the kinds that were named, `kind` before them; False where the store's is to be told."""
    kinds = scene.understanding.kinds if not kind else ()
    if 1 < len(kinds) <= MOST_TOLD and await _tell_of_kinds(scene, move, kinds):
        return True
    named = kind or scene.understanding.kind
    if named:
        await _tell_of_kind(scene, move, kind=named)
    return bool(named)


async def _tell_of_kinds(scene: Scene, move: Move, kinds: tuple[str, ...]) -> bool:
    """As in "returns of leggings and mats?": the policy of each; False where the store's holds for all."""
    reads = [(kind, await _read_of_kind(scene, move, kind=kind)) for kind in kinds]
    by_text: dict[str, list[str]] = {}
    for kind, read in reads:
        if read.answer is None:
            return False
        by_text.setdefault(read.answer.chosen.text, []).append(_name_kind(scene, kind))
    if len(by_text) == 1 and _is_for_all(reads[0][1]):
        return False
    for text, named in by_text.items():
        read = next(read for _, read in reads if read.answer and read.answer.chosen.text == text)
        await _tell(scene, read, name=move.topic, item=scene.join(named), key="policy.kind")
    return True


async def _read_of_kind(scene: Scene, move: Move, *, kind: str) -> get_policy.PolicyRead:
    """What holds for one of such goods, where no narrower policy singles it out."""
    query = SearchQuery(
        filters=(Filter(field="category", op="=", value=kind),), limit=2, now=scene.desk.shop.now
    )
    found = await look_up(scene.desk.shop, query)
    sku = found.hits[-1].sku if found.hits else None
    return await get_policy.run(scene.desk, get_policy.Arguments(name=move.topic, sku=sku))


def _name_kind(scene: Scene, kind: str) -> str:
    return kind.lower() if scene.language == "en" else name_goods(kind, book=scene.book)


async def _tell_of_kind(scene: Scene, move: Move, *, kind: str) -> None:
    """The policy for goods of a kind."""
    read = await _read_of_kind(scene, move, kind=kind)
    narrow = read.answer is not None and not _is_for_all(read)
    named = _name_kind(scene, kind)
    told = read.answer.chosen.text.lower() if read.answer else ""
    narrow = narrow and named.lower() not in told
    await _tell(scene, read, name=move.topic, item=named if narrow else "", key="policy.kind")


async def _tell(
    scene: Scene, read: get_policy.PolicyRead, *, name: str, item: str, key: str = "policy.item"
) -> None:
    if read.out_of_reach:
        await scene.say("policy.out_of_reach", name=scene.book.name(name, kind="policy"))
        return
    if read.answer is None:
        if any(move.kind == "policy" and not move.topic for move in scene.understanding.moves):
            return  # Asked for all there are, nobody asked for this one.
        await scene.say("policy.none", name=scene.book.name(name, kind="policy"))
        scene.offer_replies(scene.book.put("button.person"))
        return
    text = read.answer.chosen.text.strip()
    # The shop's own words: "in stock" in them is a condition and says nothing of an item.
    scene.voice.allow_name(text)
    foreign = is_foreign(text, book=scene.book)
    said = scene.quote(text) if foreign else text
    if item:
        await scene.say(key, item=item, text=said)
    else:
        await scene.say("policy.store.quoted" if foreign else "policy.store", text=said)
    asked = find_place_asked(scene.understanding.said)
    own = scene.understanding.get_own(asked)
    place = find_place_unsaid(asked=asked, own=own, policy=text, book=scene.book)
    if place and name == "shipping":
        scene.voice.allow_name(place)
        await scene.say("policy.place_unsaid", place=place)
    if read.answer.stale_since is not None:
        await scene.say_stale(read.answer.stale_since)
    if read.before is not None:
        scene.voice.allow_past(read.before)
        await _tell_change(scene, read.before, text=text, since=read.answer.chosen.observed_at)


async def _tell_change(scene: Scene, before: Fact, *, text: str, since: datetime) -> None:
    """As in "it was 60 days when you asked; since today it is 40 days"."""
    change = find_period_change(before=str(before.value), now=text, book=scene.book)
    if change is None:
        await scene.say("policy.changed", before=str(before.value))
        return
    then, now = change
    day = say_since(since, now=scene.desk.now, book=scene.book)
    await scene.say("policy.changed.period", before=then, now=now, since=day)


async def tell_promotions(scene: Scene, move: Move, refs: tuple[EntityRef, ...]) -> None:  # noqa: ARG001
    """Says what holds for this shopper, and what it makes of the price of the item that was meant."""
    if ADDS_UP.search(scene.understanding.said):
        await scene.say("promotions.adding_up")
        return
    if refs and await (_tell_of_items(scene, refs) if len(refs) > 1 else _tell_of_item(scene, refs[0])):
        return
    if not refs and scene.understanding.kind:
        await _tell_promotions_of_kind(scene, scene.understanding.kind)
        return
    found = await list_promotions.run(scene.desk, list_promotions.Arguments())
    if found.promotions is None:
        await scene.say("promotions.out_of_reach")
        return
    titles = [
        scene.book.put("promotions.code", title=promotion.title, code=promotion.code)
        if promotion.code
        else promotion.title
        for promotion in found.promotions
    ]
    reduced = "" if titles and not ASKS_REDUCED.search(scene.said) else await _name_reduced(scene)
    if titles:
        # "A tenth off needles": what a title says is the shop's word.
        scene.voice.allow_name("; ".join(titles))
        await scene.say("promotions.list", promotions="; ".join(titles))
        await scene.say("promotions.applied")
    elif not reduced:
        await scene.say("promotions.none")
    if reduced:
        await scene.say("promotions.on_sale", items=reduced)
    if not any(promotion.code for promotion in found.promotions):
        await _say_own_code(scene)
    if found.stale_since is not None:
        await scene.say_stale(found.stale_since)


async def _name_reduced(scene: Scene) -> str:
    """Some of what costs less than its list price, with both; empty where nothing does."""
    on_sale = Filter(field="on_sale", op="=", value="yes")
    query = SearchQuery(filters=(on_sale,), in_stock=True, limit=MOST_REDUCED, now=scene.desk.shop.now)
    hits = (await look_up(scene.desk.shop, query)).hits
    offers = await scene.desk.shop.list_offers([hit.sku for hit in hits])
    lowered = [offer for offer in offers if offer.price.price < offer.price.list_price]
    for offer in lowered:
        record_offer(scene.desk.trail, offer)
        scene.desk.trail.record(EntitiesIntroduced(entities=(to_entity(offer),)))
    return scene.join(
        [
            scene.book.put(
                "promotions.on_sale.item",
                item=scene.name(offer),
                price=scene.money(offer.price.price),
                before=scene.money(offer.price.list_price),
            )
            for offer in lowered
        ]
    )


async def _tell_of_items(scene: Scene, refs: tuple[EntityRef, ...]) -> bool:
    """As in "any discount on those?": those of them that cost less than usual; False where none does."""
    offers = await scene.desk.shop.list_offers([ref.key for ref in refs[:MOST_WEIGHED]])
    for offer in offers:
        record_offer(scene.desk.trail, offer)
    lowered = [offer for offer in offers if offer.price.price < offer.price.list_price]
    if not lowered:
        await scene.say("promotions.none_of_these", items=scene.join([scene.name(offer) for offer in offers]))
        return False
    for offer in lowered[:MOST_REDUCED]:
        await _say_lowered(scene, offer)
    return True


async def _tell_of_item(scene: Scene, ref: EntityRef) -> bool:
    """As in "do I get a discount on it?"; False where nothing lowers its price."""
    look = await look_at_product.run(scene.desk, look_at_product.Arguments(sku=ref.key))
    price = look.offer.price
    if price.list_price <= price.price:
        await scene.say("promotions.not_for", item=scene.name(look.offer), price=scene.money(price.price))
        return False
    await _say_lowered(scene, look.offer)
    return True


async def _say_lowered(scene: Scene, offer: Offer) -> None:
    price = offer.price
    await scene.say(
        "promotions.for" if price.promotions else "promotions.sale",
        item=scene.name(offer),
        promotions=scene.quote(*(promotion.title for promotion in price.promotions)),
        price=scene.money(price.price),
        before=scene.money(price.list_price),
    )


async def _tell_promotions_of_kind(scene: Scene, kind: str) -> None:
    """As in "is anything off on tents?": what lowers the prices of such goods."""
    query = SearchQuery(
        filters=(Filter(field="category", op="=", value=kind),), limit=MOST_WEIGHED, now=scene.desk.shop.now
    )
    hits = (await look_up(scene.desk.shop, query)).hits
    offers = await scene.desk.shop.list_offers([hit.sku for hit in hits])
    lowered = [offer for offer in offers if offer.price.price < offer.price.list_price]
    named = kind.lower() if scene.language == "en" else kind
    if not lowered:
        await scene.say("promotions.kind.none", kind=named)
        await _say_own_code(scene)
        return
    titles = dict.fromkeys(promotion.title for offer in lowered for promotion in offer.price.promotions)
    first = lowered[0]
    record_offer(scene.desk.trail, first)
    scene.desk.trail.record(EntitiesIntroduced(entities=(to_entity(first),)))
    await scene.say(
        "promotions.kind",
        kind=named,
        promotions=scene.quote(*titles) if titles else scene.book.put("promotions.reduced"),
        item=scene.name(first),
        price=scene.money(first.price.price),
        before=scene.money(first.price.list_price),
    )
    await _say_own_code(scene)


async def _say_own_code(scene: Scene) -> None:
    """Codes are the shop's to give out; one that the shopper has is tried."""
    if ASKS_CODE.search(scene.understanding.said):
        await scene.say("promotions.own_code")
