"""A played step as JSON for programs, or as a few lines for people."""

from decimal import Decimal
from typing import Any

import msgspec
from rich.console import Console
from rich.text import Text

from commerce_agent.scripted.running import Played
from conversations.carts import Cart
from conversations.constraints import Ledger
from conversations.events import Event
from conversations.events.carts import CartLine, Proposal, ProposalResolved, TakenOff
from conversations.events.constraints import Constraint
from conversations.events.decisions import Decision, DecisionMade
from conversations.events.entities import Reference
from conversations.events.facts import Amount, Fact, FactSuperseded, FactValue
from conversations.events.messages import (
    CardsShown,
    NoticeGiven,
    QuickRepliesOffered,
    ReplyGiven,
    ShopperSpoke,
    TableShown,
)
from conversations.events.visits import PersonSpoke

OUT_OF_REACH = ("out of reach", "too slow")
"""What became of a tool whose system did not answer, and that had nothing to say in its stead."""


def to_json(played: Played) -> dict[str, Any]:
    """The step in the form that `converse --json` prints."""
    events = tuple(recorded.event for recorded in played.events)
    decision = next((event.decision for event in events if isinstance(event, DecisionMade)), None)
    facts = _list_facts(played, decision)
    return {
        "step": played.number,
        "kind": played.step.kind,
        "said": _find_said(events),
        "reply": _find_reply(events) or played.answer,
        "cards": [card.ref.key for event in events if isinstance(event, CardsShown) for card in event.cards],
        "table": _find_table(events),
        "buttons": [
            reply for event in events if isinstance(event, QuickRepliesOffered) for reply in event.replies
        ],
        "references": [_to_reference(reference) for reference in (decision.references if decision else ())],
        "constraints": _list_constraints(played.after.constraints),
        "facts": [_to_fact(fact) for fact in facts],
        "notices": [
            {"kind": event.notice, "sku": event.ref.key, "text": event.text}
            for event in events
            if isinstance(event, NoticeGiven) and event.text
        ],
        "cart": _to_cart(played.after.cart),
        "proposal": _to_proposal(played.after.cart.proposal),
        "order": _find_order(played, events),
        "degraded": bool(played.after.transcript.degraded)
        or any(fact.stale for fact in facts)
        or (decision is not None and any(used.outcome in OUT_OF_REACH for used in decision.tools)),
        "decision": _to_decision(decision) if decision else None,
        "version": played.after.version,
        "timing_ms": {"state": round(played.state_ms, 2), "total": round(played.total_ms, 2)},
    }


def print_step(played: Played, *, console: Console) -> None:
    """Prints the step for a person."""
    events = tuple(recorded.event for recorded in played.events)
    step = played.step
    if step.say is not None:
        about = f"  → {', '.join(step.about)}" if step.about else ""
        console.print(Text(f"› {step.say}{about}", style="bold"))
    elif step.page is not None:
        shown = " ".join((step.page.product, *step.page.cart))
        console.print(Text(f"· the shop's page shows {shown}".rstrip(), style="magenta"))
    elif step.person is not None:
        console.print(
            Text(f"· {step.person.name} {step.person.does} {step.person.text}".rstrip(), style="magenta")
        )
    elif step.shopper is not None:
        known = f"{step.shopper.id} {step.shopper.tier or ''}".rstrip()
        console.print(Text(f"· the shop vouches for {known}", style="magenta"))
    elif step.event is not None:
        subject = step.event.sku or step.event.policy or step.event.connector or ""
        console.print(Text(f"· {step.event.kind} {subject}".rstrip(), style="magenta"))
    elif step.advance is not None:
        console.print(Text(f"· {step.advance:g} seconds later", style="magenta"))
    else:
        console.print(Text(f"· the shopper presses {step.kind.capitalize()}", style="magenta"))
        if played.answer and not any(isinstance(event, ProposalResolved) for event in events):
            console.print(Text(f"  ! {played.answer}", style="yellow"))
    for event in events:
        _print_event(event, console=console)
    console.print(Text(f"  {played.total_ms:.0f} ms, version {played.after.version}", style="dim"))


def _print_event(event: Event, *, console: Console) -> None:
    match event:
        case ReplyGiven():
            console.print(Text(f"  {event.text}"))
        case CardsShown():
            for card in event.cards:
                price = f"{card.price.amount} {card.price.currency}" if card.price else ""
                line = f"    [{card.ref.key}] {card.title}  {price}  {card.availability.replace('_', ' ')}"
                console.print(Text(line, style="cyan"))
        case TableShown():
            for row in (event.columns, *event.rows):
                console.print(Text("    " + " | ".join(row), style="cyan"))
        case QuickRepliesOffered():
            buttons = "  ".join(f"[ {reply} ]" for reply in event.replies)
            console.print(Text(f"    {buttons}", style="cyan"))
        case NoticeGiven(text=""):
            return
        case NoticeGiven() | ProposalResolved():
            console.print(Text(f"  ! {event.text}", style="yellow"))
        case _:
            return


def _find_said(events: tuple[Event, ...]) -> str | None:
    """The shopper's words as they were kept."""
    return next((event.text for event in events if isinstance(event, ShopperSpoke)), None)


def _find_reply(events: tuple[Event, ...]) -> str | None:
    said = [event.text for event in events if isinstance(event, ReplyGiven | ProposalResolved | PersonSpoke)]
    return "\n\n".join(said) if said else None


def _find_table(events: tuple[Event, ...]) -> dict[str, Any] | None:
    for event in events:
        if isinstance(event, TableShown):
            return {"columns": list(event.columns), "rows": [list(row) for row in event.rows]}
    return None


def _to_reference(reference: Reference) -> dict[str, Any]:
    return {
        "text": reference.text,
        "outcome": reference.outcome,
        "skus": [ref.key for ref in reference.refs or reference.candidates],
        "candidates": [ref.key for ref in reference.candidates],
        "rules": list(reference.rules),
    }


def _list_constraints(ledger: Ledger) -> list[dict[str, Any]]:
    ended = [_to_constraint(past.constraint, active=False) for past in ledger.history]
    return ended + [_to_constraint(term, active=True) for term in ledger.active]


def _to_constraint(term: Constraint, *, active: bool) -> dict[str, Any]:
    value = list(term.value) if isinstance(term.value, tuple) else term.value
    return {
        "field": term.field,
        "op": term.op,
        "value": value,
        "scope": term.scope,
        "source": term.source,
        "active": active,
    }


def _list_facts(played: Played, decision: Decision | None) -> list[Fact]:
    """The facts the reply rests on; in the step of an event, those that it replaced by newer ones."""
    if decision is None:
        return [
            recorded.event.fact for recorded in played.events if isinstance(recorded.event, FactSuperseded)
        ]
    known = {
        fact.id: fact for fact in (*played.after.facts.canonical.values(), *played.after.facts.cited.values())
    }
    return [known[fact] for fact in decision.facts if fact in known]


def _to_fact(fact: Fact) -> dict[str, Any]:
    return {
        "subject": fact.subject.key,
        "name": fact.name,
        "value": _to_value(fact.value),
        "source": fact.source,
        "observed_at": fact.observed_at.isoformat(),
        "version": fact.version,
        "stale": fact.stale,
    }


def _to_value(value: FactValue) -> str | int | float | bool | None:
    return _to_number(value.amount) if isinstance(value, Amount) else value


def _to_number(amount: Decimal) -> float:
    return float(amount)


def _to_cart(cart: Cart) -> dict[str, Any] | None:
    if not cart.lines:
        return None
    total = sum((line.unit_price.amount * line.quantity for line in cart.lines), Decimal(0))
    off = sum((taken.amount.amount for taken in cart.taken_off), Decimal(0))
    return {
        "lines": _list_lines(cart.lines),
        "taken_off": _list_taken_off(cart.taken_off),
        "total": _to_number(total - off),
        "codes": list(cart.codes),
    }


def _list_taken_off(taken: tuple[TakenOff, ...]) -> list[dict[str, Any]]:
    return [{"title": each.title, "amount": _to_number(each.amount.amount)} for each in taken]


def _list_lines(lines: tuple[CartLine, ...]) -> list[dict[str, Any]]:
    return [
        {"sku": line.ref.key, "quantity": line.quantity, "unit_price": _to_number(line.unit_price.amount)}
        for line in lines
    ]


def _to_proposal(proposal: Proposal | None) -> dict[str, Any] | None:
    if proposal is None:
        return None
    return {
        "id": proposal.id,
        "kind": proposal.kind,
        "order": proposal.order,
        **_to_sums(proposal),
        "expires_at": proposal.expires_at.isoformat(),
    }


def _to_sums(proposal: Proposal) -> dict[str, Any]:
    return {
        "lines": _list_lines(proposal.lines),
        "new_lines": _list_lines(proposal.new_lines),
        "taken_off": _list_taken_off(proposal.taken_off),
        "shipping": _to_number(proposal.shipping.amount) if proposal.shipping else None,
        "tax": _to_number(proposal.tax.amount) if proposal.tax else None,
        "tax_included": proposal.tax_included,
        "total": _to_number(proposal.total.amount),
        "goes_back": proposal.goes_back,
        "address": proposal.address or None,
        "policy": proposal.policy or None,
    }


def _find_order(played: Played, events: tuple[Event, ...]) -> dict[str, Any] | None:
    """The order that the step has placed, or changed after the sale."""
    for event in events:
        if isinstance(event, ProposalResolved) and event.order:
            cart = played.before.cart
            offered = (*cart.former, *([cart.proposal] if cart.proposal else ()))
            proposed = next((each for each in offered if each.id == event.id), None)
            if proposed is not None:
                return {"id": event.order, "kind": event.kind, "pay_at": event.pay_at, **_to_sums(proposed)}
    return None


def _to_decision(decision: Decision) -> dict[str, Any]:
    return {
        "id": decision.id,
        "planner": decision.planner,
        "planner_reason": decision.planner_reason,
        "constraints": [_to_constraint(term, active=True) for term in decision.constraints],
        "candidates": [
            {
                "sku": candidate.ref.key,
                "kept": candidate.kept,
                "reason": candidate.reason,
                "rule": candidate.rule,
                "margin": candidate.margin,
            }
            for candidate in decision.candidates
        ],
        "facts": [
            {"id": fact, "age_seconds": age}
            for fact, age in zip(decision.facts, decision.fact_ages, strict=True)
        ],
        "policies": list(decision.policies),
        "tools": [used.tool for used in decision.tools],
        "grounding": msgspec.to_builtins(decision.grounding),
    }
