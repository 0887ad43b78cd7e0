"""Why-questions, answered from the decision records and from nothing else."""

import re
from decimal import Decimal

from moneyed import Money

from catalog.products import SearchQuery
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.english_moves import WHY_WORDS
from commerce_agent.agent.wording import say_measure
from commerce_agent.tools.applied_terms import list_filters
from commerce_agent.tools.shop import Offer
from commerce_agent.tools.showing import get_ref, record_offer
from conversations.events.constraints import Constraint
from conversations.events.decisions import Candidate, Decision
from conversations.ids import EntityRef
from conversations.language.tokens import list_stems

MOST_TOLD = 3
_SHORTEST_WORD = 2
_WORDS = re.compile(r"\w+")
_BOUNDS = {"<=": "above", ">=": "below"}


async def tell_why(scene: Scene, refs: tuple[EntityRef, ...]) -> None:
    """Says why the items were shown, or why the last list looked as it did."""
    decision = _find_decision(scene, refs, kept=True) or _find_decision(scene, refs)
    if decision is None:
        await scene.say("why.unknown" if refs else "why.none")
        return
    kept = [candidate for candidate in decision.candidates if candidate.kept]
    asked = [candidate for candidate in decision.candidates if candidate.ref in refs] if refs else []
    for candidate in asked[:MOST_TOLD]:
        await _tell_candidate(scene, decision, candidate)
    if refs and not asked:
        await scene.say("why.unknown")
    if not asked and kept:
        await _tell_terms(scene, decision)
        await _tell_left_out(scene, decision)


async def _tell_left_out(scene: Scene, decision: Decision) -> None:
    rejected = [candidate for candidate in decision.candidates if not candidate.kept]
    items = [
        scene.book.put("why.item", item=_name(scene, candidate), reason=_say_rule(scene, decision, candidate))
        for candidate in rejected[:MOST_TOLD]
    ]
    if items:
        await scene.say("why.rejected.some", items=scene.join(items))


async def tell_why_not(scene: Scene, refs: tuple[EntityRef, ...]) -> None:
    """Says why an item was left out, when the records weighed it."""
    named = find_named(scene) or (refs if _is_named(scene, refs) else await _look_up(scene) or refs)
    decision = _find_decision(scene, named)
    asked = [candidate for candidate in decision.candidates if candidate.ref in named] if decision else []
    if decision is None or not asked:
        await _tell_unweighed(scene, named)
        return
    for candidate in asked[:MOST_TOLD]:
        if candidate.kept:
            await scene.say("why.shown", item=_name(scene, candidate))
        await _tell_candidate(scene, decision, candidate)


def find_named(scene: Scene) -> tuple[EntityRef, ...]:
    """The weighed items whose name shares most words with the message, more than the others do."""
    words = _list_naming(scene)
    if not words:
        return ()
    shared: dict[EntityRef, int] = {}
    for decision in scene.desk.trail.state.decisions.latest:
        for candidate in decision.candidates:
            name = {stem for stem in list_stems(candidate.name) if len(stem) > _SHORTEST_WORD}
            shared[candidate.ref] = len(name & words) if words <= name else 0
    most = max(shared.values(), default=0)
    best = tuple(ref for ref, count in shared.items() if count == most and most > 0)
    groups = {
        entity.group if (entity := scene.desk.trail.state.entities.find(ref)) else ref.key for ref in best
    }
    return best if len(groups) == 1 else ()


def _list_naming(scene: Scene) -> set[str]:
    """The words of the question that name something."""
    return {stem for word in _WORDS.findall(scene.said) if word not in WHY_WORDS for stem in list_stems(word)}


async def _look_up(scene: Scene) -> tuple[EntityRef, ...]:
    """What the shop has under the name in the question, where it is all in one title."""
    words = _list_naming(scene)
    shop = scene.desk.shop
    text = " ".join(word for word in _WORDS.findall(scene.said) if word not in WHY_WORDS)
    if not words:
        return ()
    found = await shop.search(SearchQuery(text=text, limit=MOST_TOLD, now=shop.now))
    titled = [hit for hit in found.hits if words <= set(list_stems(hit.title))]
    return tuple(get_ref(hit.sku) for hit in titled) if len({hit.group for hit in titled}) == 1 else ()


def _is_named(scene: Scene, refs: tuple[EntityRef, ...]) -> bool:
    """Whether what was resolved bears the whole name in the question."""
    entities = [entity for ref in refs if (entity := scene.desk.trail.state.entities.find(ref))]
    words = _list_naming(scene)
    return not words or any(words <= set(list_stems(entity.name)) for entity in entities)


async def _tell_unweighed(scene: Scene, refs: tuple[EntityRef, ...]) -> None:
    """Holds items that no search weighed against the terms that are in force now."""
    offers = await scene.desk.shop.list_offers([ref.key for ref in refs[:MOST_TOLD]])
    if not offers:
        await scene.say("why.unknown")
    for offer in offers:
        record_offer(scene.desk.trail, offer)
        price = scene.money(offer.price.price)
        broken = await _list_broken(scene, offer)
        said = [scene.term(term) for term in broken]
        if not offer.can_be_had:
            await scene.say("why.sold_out", item=scene.name(offer))
        elif broken:
            key = "why.breaks.price" if broken[0].field == "price" else "why.breaks"
            values = {"price": price} if broken[0].field == "price" else {}
            await scene.say(key, item=scene.name(offer), terms=scene.join(said), **values)
        else:
            await scene.say("why.fits", item=scene.name(offer), price=price)


async def _list_broken(scene: Scene, offer: Offer) -> list[Constraint]:
    """The terms in force that keep the item out of a search; the price limit first."""
    broken: list[Constraint] = []
    shop = scene.desk.shop
    terms = [term for term in scene.desk.trail.state.constraints.active if term.scope != "item"]
    for term in sorted(terms, key=lambda term: term.field != "price"):
        query = SearchQuery(
            text=offer.item.title,
            filters=list_filters((term,)),
            tier=shop.context.tier,
            limit=24,
            now=shop.now,
        )
        found = await shop.search(query)
        if not any(hit.group == offer.item.group and hit.color == offer.item.color for hit in found.hits):
            broken.append(term)
    return broken


def _find_decision(scene: Scene, refs: tuple[EntityRef, ...], *, kept: bool = False) -> Decision | None:
    """The newest decision that weighed anything, or one of these items; with `kept`, one that showed it."""
    for decision in reversed(scene.desk.trail.state.decisions.latest):
        weighed = {candidate.ref for candidate in decision.candidates if candidate.kept or not kept}
        if weighed and (not refs or weighed & set(refs)):
            return decision
    return None


async def _tell_candidate(scene: Scene, decision: Decision, candidate: Candidate) -> None:
    if not candidate.kept:
        reason = _say_rule(scene, decision, candidate)
        await scene.say("why.rejected", item=_name(scene, candidate), reason=reason)
        return
    goods = scene.goods(decision.constraints, query=_list_words(candidate))
    await scene.say(
        "why.kept", item=_name(scene, candidate), goods=goods, terms=scene.terms(decision.constraints)
    )
    shown = [each for each in decision.candidates if each.kept]
    if len(shown) > 1:
        place = shown.index(candidate) + 1
        await scene.say("why.place.first" if place == 1 else "why.place", place=place, count=len(shown))


def _list_words(candidate: Candidate) -> str:
    """The words of the search that were found in it: the record has them as "title: oak, details: dimmable"."""
    words = [part.partition(":")[2].strip() for part in candidate.reason.split(",") if ":" in part]
    return " ".join(dict.fromkeys(word for word in words if word))


def _name(scene: Scene, candidate: Candidate) -> str:
    entity = scene.desk.trail.state.entities.find(candidate.ref)
    if entity:
        return scene.entity_name(entity)
    scene.voice.allow_name(candidate.name)
    return candidate.name


def _say_rule(scene: Scene, decision: Decision, candidate: Candidate) -> str:
    """Why the rule left it out, from what the record keeps: the rule, the margin and the terms of that time."""
    if candidate.rule in ("out_of_stock", "below_cut"):
        return scene.book.put(f"why.rule.{candidate.rule}")
    term = next((term for term in decision.constraints if term.field == candidate.rule), None)
    if term is None:
        return candidate.reason.rstrip(".")
    bounded = isinstance(term.value, float | int) and term.op in _BOUNDS and candidate.margin is not None
    if not bounded or not isinstance(term.value, float | int) or candidate.margin is None:
        return scene.book.put("why.rule.term", term=scene.term(term))
    if term.field == "price":
        paid = Decimal(str(term.value)) + Decimal(str(candidate.margin))
        scene.voice.allow_sum(paid)
        return scene.book.put(
            f"why.rule.price.{_BOUNDS[term.op]}",
            price=scene.money(Money(paid, scene.desk.currency)),
            term=scene.term(term),
        )
    off = say_measure(abs(candidate.margin), unit=scene.units.get(term.field, ""), book=scene.book)
    return scene.book.put("why.rule.measure", term=scene.term(term), margin=off)


async def _tell_terms(scene: Scene, decision: Decision) -> None:
    said = [scene.term(term) for term in decision.constraints]
    if said:
        await scene.say("why.terms", terms=scene.join(said))
    else:
        await scene.say("why.no_terms")
