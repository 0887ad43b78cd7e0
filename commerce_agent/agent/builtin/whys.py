"""Why-questions, answered from the decision records and from nothing else."""

from catalog.products import SearchQuery
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.wording import find_goods, say_money, say_term, say_terms
from commerce_agent.tools.applied_terms import list_filters
from commerce_agent.tools.naming import get_name
from commerce_agent.tools.shop import Offer
from commerce_agent.tools.showing import record_offer
from conversations.events.constraints import Constraint
from conversations.events.decisions import Candidate, Decision
from conversations.ids import EntityRef

MOST_TOLD = 3


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
        rejected = [candidate for candidate in decision.candidates if not candidate.kept]
        if rejected:
            items = [
                f"{candidate.name} ({_decapitalised(candidate.reason)})" for candidate in rejected[:MOST_TOLD]
            ]
            await scene.say("why.rejected.some", items=scene.book.join(items))


async def tell_why_not(scene: Scene, refs: tuple[EntityRef, ...]) -> None:
    """Says why an item was left out, when the records weighed it."""
    named = refs or await _find_named(scene)
    decision = _find_decision(scene, named)
    asked = [candidate for candidate in decision.candidates if candidate.ref in named] if decision else []
    if decision is None or not asked:
        await _tell_unweighed(scene, named)
        return
    for candidate in asked[:MOST_TOLD]:
        await _tell_candidate(scene, decision, candidate)


async def _find_named(scene: Scene) -> tuple[EntityRef, ...]:
    """Weighed items whose name the message holds."""
    said = scene.understanding.said.lower()
    weighed = [
        candidate for decision in scene.desk.trail.state.decisions.latest for candidate in decision.candidates
    ]
    named = [
        candidate.ref
        for candidate in weighed
        if any(len(word) > 3 and word in said for word in candidate.name.lower().split())
    ]
    return tuple(dict.fromkeys(named))


async def _tell_unweighed(scene: Scene, refs: tuple[EntityRef, ...]) -> None:
    """Holds items that no search weighed against the terms that are in force now."""
    offers = await scene.desk.shop.list_offers([ref.key for ref in refs[:MOST_TOLD]])
    if not offers:
        await scene.say("why.unknown")
    for offer in offers:
        record_offer(scene.desk.trail, offer)
        price = say_money(offer.price.price, language=scene.language)
        broken = await _list_broken(scene, offer)
        said = [
            say_term(term, currency=scene.desk.currency, units=scene.units, language=scene.language)
            for term in broken
        ]
        if not offer.can_be_had:
            await scene.say("why.sold_out", item=get_name(offer))
        elif broken:
            key = "why.breaks.price" if broken[0].field == "price" else "why.breaks"
            values = {"price": price} if broken[0].field == "price" else {}
            await scene.say(key, item=get_name(offer), terms=scene.book.join(said), **values)
        else:
            await scene.say("why.fits", item=get_name(offer), price=price)


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
    if candidate.kept:
        terms = say_terms(
            decision.constraints, currency=scene.desk.currency, units=scene.units, language=scene.language
        )
        await scene.say(
            "why.kept",
            item=candidate.name,
            goods=find_goods(decision.constraints, query=""),
            terms=terms,
            reason=_decapitalised(candidate.reason).rstrip("."),
        )
    else:
        await scene.say("why.rejected", item=candidate.name, reason=_decapitalised(candidate.reason))


async def _tell_terms(scene: Scene, decision: Decision) -> None:
    said = [
        say_term(term, currency=scene.desk.currency, units=scene.units, language=scene.language)
        for term in decision.constraints
    ]
    if said:
        await scene.say("why.terms", terms=scene.book.join(said))
    else:
        await scene.say("why.no_terms")


def _decapitalised(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
