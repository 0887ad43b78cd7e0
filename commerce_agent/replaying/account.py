"""What a turn decided, laid out by names that stay the same between two runs, so that runs can be compared."""

from collections.abc import Iterable

import msgspec

from conversations.events import Event
from conversations.events.carts import CartChanged, CartLine, ProposalMade
from conversations.events.constraints import ConstraintStated, ConstraintSuperseded, ConstraintWithdrawn
from conversations.events.decisions import Decision, DecisionMade, ToolCalled
from conversations.events.entities import EntitiesFocused, ReferenceResolved, SearchMade
from conversations.events.facts import Fact, FactsCited, FactsObserved, FactSuperseded
from conversations.events.messages import (
    Card,
    CardsShown,
    QuickRepliesOffered,
    ReplyGiven,
    TableShown,
)
from conversations.events.visits import HandoffRequested

Plain = dict[str, object]


def tell_account(
    events: tuple[Event, ...], *, before: Iterable[Event], timed: bool, numbered: bool = True
) -> Plain:
    """The turn's decision and what the shopper saw of it, as plain values.

    Facts go by what they answer (`variant:SKU-17:price`), not by their numbers. `timed` adds when each was
    read, which is the same only in a replay with the facts of then. `numbered` adds their versions, which each shop
    counts for itself.
    """
    facts = _list_facts((*before, *events))
    decision = next((event.decision for event in events if isinstance(event, DecisionMade)), None)
    return {
        "references": [_plain(event.reference) for event in events if isinstance(event, ReferenceResolved)],
        "constraints": _tell_constraints(events, decision),
        "searches": [_plain(event) for event in events if isinstance(event, SearchMade)],
        "tools": [
            f"{event.tool} {event.arguments}: {event.outcome}"
            for event in events
            if isinstance(event, ToolCalled) and not event.dropped
        ],
        "candidates": _tell_candidates(decision),
        "facts": {
            _name_fact(facts[name]): _tell_fact(facts[name], timed=timed, numbered=numbered)
            for event in events
            if isinstance(event, FactsCited)
            for name in event.ids
            if name in facts
        },
        "policies": list(decision.policies) if decision else [],
        "grounding": [
            {"claim": verdict.claim, "fact": _say_ground(verdict.fact, facts=facts), "passed": verdict.passed}
            for verdict in (decision.grounding if decision else ())
        ],
        **_tell_shown(events),
    }


def _tell_constraints(events: tuple[Event, ...], decision: Decision | None) -> Plain:
    return {
        "stated": [_plain(event.constraint) for event in events if isinstance(event, ConstraintStated)],
        "superseded": [_plain(event) for event in events if isinstance(event, ConstraintSuperseded)],
        "withdrawn": [_plain(event) for event in events if isinstance(event, ConstraintWithdrawn)],
        "applied": {term.id: _plain(term) for term in (decision.constraints if decision else ())},
    }


def _tell_candidates(decision: Decision | None) -> Plain:
    return {
        candidate.ref.key: {
            "kept": candidate.kept,
            "rule": candidate.rule,
            "reason": candidate.reason,
            "margin": candidate.margin,
        }
        for candidate in (decision.candidates if decision else ())
    }


def _tell_shown(events: tuple[Event, ...]) -> Plain:
    cards = [card for event in events if isinstance(event, CardsShown) for card in event.cards]
    reply = next((event for event in events if isinstance(event, ReplyGiven)), None)
    return {
        "shown": [card.ref.key for card in cards],
        "cards": {card.ref.key: _tell_card(card) for card in cards},
        "tables": [[event.columns, *event.rows] for event in events if isinstance(event, TableShown)],
        "quick_replies": [event.replies for event in events if isinstance(event, QuickRepliesOffered)],
        "focus": [[ref.key for ref in event.refs] for event in events if isinstance(event, EntitiesFocused)][
            -1:
        ],
        "cart": [_tell_lines(event.lines) for event in events if isinstance(event, CartChanged)],
        "proposals": [
            {"lines": _tell_lines(event.proposal.lines), "total": _plain(event.proposal.total)}
            for event in events
            if isinstance(event, ProposalMade)
        ],
        "handoff": [event.text for event in events if isinstance(event, HandoffRequested)],
        "status": reply.status if reply else None,
        "text": reply.text if reply else None,
    }


def _tell_card(card: Card) -> Plain:
    told: Plain = msgspec.to_builtins(card)
    # When it was read is no difference in what was said.
    return {name: value for name, value in told.items() if name not in ("ref", "facts")}


def _tell_lines(lines: tuple[CartLine, ...]) -> Plain:
    return {
        line.ref.key: {"quantity": line.quantity, "unit_price": _plain(line.unit_price)} for line in lines
    }


def _list_facts(events: Iterable[Event]) -> dict[str, Fact]:
    facts: dict[str, Fact] = {}
    for event in events:
        match event:
            case FactsObserved():
                facts.update((fact.id, fact) for fact in event.facts)
            case FactSuperseded():
                facts[event.fact.id] = event.fact
            case _:
                continue
    return facts


def _name_fact(fact: Fact) -> str:
    return f"{fact.subject.kind}:{fact.subject.key}:{fact.name}"


def _tell_fact(fact: Fact, *, timed: bool, numbered: bool) -> Plain:
    told: Plain = {"value": _plain(fact.value), "source": fact.source, "stale": fact.stale}
    if numbered:
        told["version"] = fact.version
    if timed:
        told["observed_at"] = fact.observed_at.isoformat()
    return told


def _say_ground(fact: str | None, *, facts: dict[str, Fact]) -> str | None:
    return _name_fact(facts[fact]) if fact in facts else fact


def _plain(value: object) -> object:
    plain: object = msgspec.to_builtins(value)
    return plain
