"""A decision in full, for support staff: from its record and the journal around it, and from nothing else."""

import re
from datetime import datetime
from decimal import Decimal

from commerce_agent.agent.explain.account import (
    Account,
    Asked,
    Claimed,
    Conflict,
    FactUsed,
    Meant,
    Spoken,
    Term,
    ToolRun,
    Versions,
    Weighed,
)
from commerce_agent.agent.explain.plain import (
    JUST_BELOW,
    SCOPES,
    SOURCES,
    is_just_below,
    tell_duration,
    tell_fact,
    tell_measure,
    tell_micros,
    tell_name,
    tell_number,
    tell_planner,
    tell_rule,
    tell_sum,
)
from commerce_agent.agent.explain.register import Register
from commerce_agent.agent.explain.shopper import find_missed
from commerce_agent.agent.explain.summing_up import sum_up
from conversations.events.constraints import Constraint
from conversations.events.decisions import Candidate, Decision, ModelCalled, ToolUsed, Verdict
from conversations.events.entities import Reference
from conversations.events.facts import Amount, Fact, FactConflict
from conversations.ids import EntityRef

OFF_LIMIT = re.compile(r"(?<= is )(\d[\d.e+]*)((?: above| below) the limit of |, not under )(\d[\d.e+]*)\.$")
"""How `weighing.say_miss` ends a sentence on a measure, which it has in base units and without their name."""
OUTCOMES = {"resolved": "Resolved", "ambiguous": "Ambiguous", "unknown": "Not found"}
MOODS = {"resolved": "good", "ambiguous": "low", "unknown": "none"}
RULES_OF_CONFLICT = {
    "authority": "the source with more authority holds",
    "teller": "another system of the shop's answers since",
    "run_out": "the other answer was good no longer",
    "version": "the higher version holds",
    "time": "the later answer holds",
    "order": "neither is later, and the same one holds whichever came first",
}
REMEDIES = {
    "": "",
    "repaired": "The model corrected it",
    "replaced": "The fact took its place",
    "left_out": "The sentence was left out",
}
GROUNDS = {
    "said": "the shopper said so",
    "no code": "no code is meant",
    "no SKU": "no SKU is meant",
    "condition": "asked, or said under a condition",
    "denied": "said not to be so",
    "not claimed": "said not to be known",
    "no such policy": "no policy on it was read",
    "sum": "computed from facts",
    "cart": "the cart",
    "proposal": "the proposal",
    "measure": "a measure of the item",
    "attribute": "a property of the item",
    "text": "a text of the shop",
    "now": "the time of the turn",
}
"""What a claim stands on that is no fact of the journal."""


def explain_turn(turn: int, *, register: Register) -> Account | None:
    """The account of a turn's reply, None where the turn has no decision yet."""
    made = register.decisions.get(turn)
    return explain_for_support(made[1], register=register, at=made[0]) if made else None


def explain_for_support(decision: Decision, *, register: Register, at: datetime) -> Account:
    """The decision in words. `register` is read of the conversation's journal; `at` is when it was committed."""
    weighed = [_see_candidate(each, decision=decision, register=register) for each in decision.candidates]
    terms = tuple(_see_term(term, register=register) for term in decision.constraints)
    facts = _list_facts(decision, at=at, register=register)
    account = Account(
        id=decision.id,
        turn=decision.turn,
        at=at,
        summary=(),
        spoken=_see_speaking(decision),
        versions=Versions(
            code=decision.code_version,
            settings=decision.settings_version,
            policies=decision.policies,
            passed_over=tuple(f"{over.policy}: {over.reason}" for over in decision.policies_passed_over),
            catalogue=register.words.get(decision.turn, ""),
        ),
        terms=terms,
        changes=tuple(register.changes.get(decision.turn, ())),
        kept=tuple(each for each in weighed if each.kept),
        rejected=tuple(each for each in weighed if not each.kept),
        references=tuple(
            _see_reference(each, turn=decision.turn, register=register) for each in decision.references
        ),
        facts=facts,
        conflicts=tuple(
            _see_conflict(each, turn=decision.turn, register=register) for each in decision.conflicts
        ),
        tools=_list_tools(decision, register=register),
        verdicts=tuple(
            _see_verdict(each, turn=decision.turn, register=register) for each in decision.grounding
        ),
    )
    return sum_up(account)


def _see_speaking(decision: Decision) -> Spoken:
    tokens = f"{decision.input_tokens:,} in, {decision.output_tokens:,} out"
    return Spoken(
        planner=tell_planner(decision.planner),
        reason=decision.planner_reason,
        model=decision.model,
        prompt=decision.prompt,
        tokens=tokens if decision.input_tokens or decision.output_tokens else "",
        cost=tell_micros(decision.cost_micros) if decision.cost_micros else "",
        calls=tuple(_see_call(call) for call in decision.calls),
    )


def _see_call(call: ModelCalled) -> Asked:
    cache = f"{call.cache_read:,} read, {call.cache_write:,} written"
    return Asked(
        message=call.message,
        stop_reason=f"no answer: {tell_name(call.stop_reason)}"
        if call.broken
        else tell_name(call.stop_reason),
        tokens=f"{call.input_tokens:,} in, {call.output_tokens:,} out",
        cache=f"{cache} (missed: {tell_name(call.cache_missed)})" if call.cache_missed else cache,
        milliseconds=f"{call.milliseconds:.0f} ms",
    )


def _see_term(term: Constraint, *, register: Register) -> Term:
    return Term(
        id=term.id,
        words=register.tell(term),
        scope=SCOPES[term.scope],
        source=SOURCES[term.source],
        said=term.text,
        turn=term.turn,
    )


def _see_candidate(candidate: Candidate, *, decision: Decision, register: Register) -> Weighed:
    missed = find_missed(candidate, decision=decision)
    margin = candidate.margin
    return Weighed(
        sku=candidate.ref.key,
        name=candidate.name,
        kept=candidate.kept,
        rule=tell_rule(candidate.rule),
        reason=_tell_reason(candidate.reason, unit=register.units.get(missed.field, "") if missed else ""),
        margin="" if margin is None else _tell_margin(margin, missed=missed, register=register),
        term=register.tell(missed) if missed else "",
        source=SOURCES[missed.source] if missed else "",
        score="" if candidate.score is None else f"{candidate.score:.2f}",
    )


def _tell_reason(reason: str, *, unit: str) -> str:
    """The recorded sentence with the unit that its measures are in."""
    if not unit:
        return reason
    return OFF_LIMIT.sub(
        lambda found: (
            f"{tell_measure(float(found[1]), unit=unit)}{found[2]}{tell_measure(float(found[3]), unit=unit)}."
        ),
        reason,
    )


def _tell_margin(margin: float, *, missed: Constraint | None, register: Register) -> str:
    size = abs(margin)
    if missed is None:
        return tell_number(size)
    if is_just_below(missed):
        size = round(size - (1 - JUST_BELOW), 2)
    if missed.field == "price" and register.currency:
        told = tell_sum(size, currency=register.currency)
    else:
        told = tell_measure(size, unit=register.units.get(missed.field, ""))
    if missed.op not in ("<=", ">=") or not size:
        return told if size else ""
    return f"{told} {'over' if missed.op == '<=' else 'under'}"


def _see_reference(reference: Reference, *, turn: int, register: Register) -> Meant:
    meant = reference.refs or reference.candidates
    return Meant(
        text=reference.text,
        outcome=OUTCOMES[reference.outcome],
        mood=MOODS[reference.outcome],
        items=tuple(f"{register.name(ref)} ({ref.key})" for ref in meant),
        question=tell_name(reference.question),
        rules=tuple(tell_name(rule) for rule in reference.rules),
        evidence=tuple(
            words for ref in meant if (words := _tell_evidence(ref, turn=turn, register=register))
        ),
    )


def _tell_evidence(ref: EntityRef, *, turn: int, register: Register) -> str:
    seen = register.find_showing(ref, before=turn)
    return f"{register.name(ref)}: shown as number {seen.place} in turn {seen.turn}" if seen else ""


def _list_facts(decision: Decision, *, at: datetime, register: Register) -> tuple[FactUsed, ...]:
    ages = dict(zip(decision.facts, decision.fact_ages, strict=False))
    found = (register.find_fact(name, turn=decision.turn) for name in decision.facts)
    known = [fact for fact in found if fact is not None]
    return tuple(_see_fact(fact, age=ages.get(fact.id), at=at, register=register) for fact in known)


def _see_fact(fact: Fact, *, age: float | None, at: datetime, register: Register) -> FactUsed:
    seconds = (at - fact.observed_at).total_seconds() if age is None else age
    warning = ""
    if fact.stale:
        warning = "Source out of reach: last known answer"
    elif fact.valid_until is not None and fact.valid_until < at:
        warning = "Past its time when used"
    newest = register.newest[fact.subject, fact.name]
    return FactUsed(
        id=fact.id,
        subject=register.name(fact.subject),
        key=fact.subject.key,
        name=tell_name(fact.name),
        value=tell_fact(fact.value),
        source=fact.source,
        authority=fact.authority,
        observed_at=fact.observed_at,
        valid_until=fact.valid_until,
        age=tell_duration(seconds),
        version=fact.version,
        stale=fact.stale,
        warning=warning,
        since="" if newest.value == fact.value else f"Later in this conversation: {tell_fact(newest.value)}",
    )


def _see_conflict(conflict: FactConflict, *, turn: int, register: Register) -> Conflict:
    winner = register.find_fact(conflict.winner, turn=turn)
    return Conflict(
        subject=register.name(conflict.subject),
        name=tell_name(conflict.name),
        held=tell_fact(winner.value) if winner else conflict.winner,
        gave_way=tell_fact(conflict.loser.value),
        source=conflict.loser.source,
        rule=RULES_OF_CONFLICT[conflict.rule],
    )


def _list_tools(decision: Decision, *, register: Register) -> tuple[ToolRun, ...]:
    """The journal's calls have the arguments; of a turn put together by hand only the record is there."""
    calls = register.calls.get(decision.turn)
    if calls:
        return tuple(
            _see_tool(
                ToolUsed(
                    tool=call.tool,
                    outcome=call.outcome,
                    milliseconds=call.milliseconds,
                    dropped=call.dropped,
                ),
                arguments=call.arguments,
            )
            for call in calls
        )
    return tuple(_see_tool(used) for used in decision.tools)


def _see_tool(used: ToolUsed, *, arguments: str = "") -> ToolRun:
    return ToolRun(
        tool=tell_name(used.tool),
        arguments=arguments,
        outcome=f"{used.outcome}; what it brought was not kept" if used.dropped else used.outcome,
        milliseconds=f"{used.milliseconds:.0f} ms",
    )


def _see_verdict(verdict: Verdict, *, turn: int, register: Register) -> Claimed:
    return Claimed(
        claim=verdict.claim,
        kind=verdict.kind,
        fact=_tell_ground(verdict, turn=turn, register=register),
        passed=verdict.passed,
        remedy=REMEDIES[verdict.remedy],
    )


def _tell_ground(verdict: Verdict, *, turn: int, register: Register) -> str:
    if verdict.fact is None:
        return "no fact says so"
    known = register.find_fact(verdict.fact, turn=turn)
    if known is None:
        return GROUNDS.get(verdict.fact, verdict.fact)
    value = known.value
    told = f"{register.name(known.subject)}, {tell_name(known.name)}: {tell_fact(value)}"
    if isinstance(value, Amount) and not _has_sum(verdict.claim, value.amount):
        return f"a limit, a sum or a difference that rests on {told}"
    return told


def _has_sum(claim: str, amount: Decimal) -> bool:
    """Whether a claim names this very sum, however it writes its thousands and its cents."""
    digits = {re.sub(r"\D", "", found) for found in re.findall(r"\d[\d., \u00a0\u202f']*", claim)}
    whole = f"{amount:.2f}".replace(".", "")
    return not digits.isdisjoint({whole, whole.removesuffix("00"), whole.removesuffix("0")})
