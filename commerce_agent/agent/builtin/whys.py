"""Why-questions, answered from the decision records and from nothing else."""

from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.wording import find_goods, say_term, say_terms
from conversations.events.decisions import Candidate, Decision
from conversations.ids import EntityRef

MOST_TOLD = 3


async def tell_why(scene: Scene, refs: tuple[EntityRef, ...]) -> None:
    """Says why the items were shown, or why the last list looked as it did."""
    decision = _find_decision(scene, refs)
    if decision is None:
        await scene.say("why.unknown" if refs else "why.none")
        return
    kept = [candidate for candidate in decision.candidates if candidate.kept]
    asked = [candidate for candidate in decision.candidates if candidate.ref in refs] if refs else []
    for candidate in asked[:MOST_TOLD]:
        await _tell_candidate(scene, decision, candidate)
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
        await scene.say("why.unknown")
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


def _find_decision(scene: Scene, refs: tuple[EntityRef, ...]) -> Decision | None:
    """The newest decision that weighed anything, or one of these items."""
    for decision in reversed(scene.desk.trail.state.decisions.latest):
        weighed = {candidate.ref for candidate in decision.candidates}
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
