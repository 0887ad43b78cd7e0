"""Time: where it went, and what was known at any point of it."""

from datetime import datetime
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse

from commerce_agent.agent.explain.plain import (
    SCOPES,
    SOURCES,
    tell_amount,
    tell_constraint,
    tell_fact,
    tell_name,
)
from commerce_agent.console.audit.durations import list_times
from commerce_agent.console.audit.gate import MOST_DIGITS, Look, looked_at
from commerce_agent.console.audit.place_words import list_place_names
from commerce_agent.console.audit.plain_values import to_change
from commerce_agent.console.audit.shell import show_look
from commerce_agent.console.audit.slips import tell_proposed
from conversations.events import Recorded
from conversations.replay import Difference, compare_states, fold_up_to
from conversations.state import ConversationState

MOST_FACTS = 60
MOST_CHANGES = 80


@looked_at("timeline")
def show_timeline(request: HttpRequest, look: Look) -> HttpResponse:
    """Where each turn's time went, and what it cost."""
    times = list_times(look.events)
    slowest = max(times, key=lambda each: each.lasted or 0.0, default=None)
    return show_look(request, "timeline", look, tab="timeline", times=times, slowest=slowest)


class KnownFact(msgspec.Struct, frozen=True, kw_only=True):
    """A fact that held at that point."""

    subject: str
    name: str
    value: str
    source: str
    observed_at: datetime
    is_told: bool
    """Whether the shopper was told an answer to it."""


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """The state at one point, in words."""

    terms: tuple[tuple[str, str], ...]
    focus: tuple[str, ...]
    shown: tuple[str, ...]
    facts: tuple[KnownFact, ...]
    more_facts: int
    cart: tuple[str, ...]
    proposal: str
    orders: tuple[str, ...]
    waiting: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]


@looked_at("state")
def show_state(request: HttpRequest, look: Look) -> HttpResponse:
    """The state after one event, and what that event changed."""
    newest = look.events[-1].seq if look.events else 0
    asked = request.GET.get("at", "")[:MOST_DIGITS]
    at = min(max(int(asked), 1), newest) if asked.isdecimal() and newest else newest
    state = fold_up_to(look.events, seq=at)
    changes: tuple[Difference, ...] = ()
    names = list_place_names(look.events)
    if at:
        changes = compare_states(before=fold_up_to(look.events, seq=at - 1), after=state)
    return show_look(
        request,
        "state",
        look,
        tab="state",
        at=at,
        newest=newest,
        recorded=look.events[at - 1] if at else None,
        kind=tell_kind(look.events[at - 1]) if at else "",
        known=tell_state(state),
        changes=[to_change(each, names=names, mask=look.mask) for each in changes[:MOST_CHANGES]],
        more_changes=max(0, len(changes) - MOST_CHANGES),
        turns=list_turn_ends(look.events),
    )


def tell_kind(recorded: Recorded) -> str:
    """An event's kind, as it is stored."""
    tag: Any = recorded.event.__struct_config__.tag
    return str(tag)


def list_turn_ends(events: tuple[Recorded, ...]) -> list[tuple[int, int]]:
    """Each turn with its last event."""
    ends: dict[int, int] = {}
    for recorded in events:
        if recorded.turn:
            ends[recorded.turn] = recorded.seq
    return sorted(ends.items())


def tell_state(state: ConversationState) -> Known:
    """A state in words."""
    known = state.entities.known
    names = {one.entity.ref: f"{one.entity.name} ({one.entity.ref.key})" for one in known.values()}
    told = set(state.facts.cited)
    latest = state.entities.showings[-1].refs if state.entities.showings else ()
    proposal = state.cart.proposal
    facts = [
        KnownFact(
            subject=names.get(fact.subject, fact.subject.key),
            name=tell_name(fact.name),
            value=tell_fact(fact.value),
            source=fact.source,
            observed_at=fact.observed_at,
            is_told=key in told,
        )
        for key, fact in state.facts.canonical.items()
    ]
    return Known(
        terms=tuple(
            (
                tell_constraint(term, currency=state.transcript.currency),
                f"{SCOPES[term.scope]}, since turn {term.turn}, {SOURCES[term.source]} “{term.text}”",
            )
            for term in state.constraints.active
        ),
        focus=tuple(names.get(ref, ref.key) for ref in state.entities.focus),
        shown=tuple(names.get(ref, ref.key) for ref in latest),
        facts=tuple(facts[:MOST_FACTS]),
        more_facts=max(0, len(facts) - MOST_FACTS),
        cart=tuple(
            f"{line.quantity} × {line.title}, {tell_amount(line.unit_price)} each"
            for line in state.cart.lines
        ),
        proposal=tell_proposed(proposal) if proposal else "",
        orders=state.cart.orders,
        waiting=tuple(message.text for message in state.transcript.waiting),
        pairs=(
            ("Turns", str(state.transcript.turns)),
            ("Language", state.transcript.locale),
            ("Tier", state.transcript.tier or "–"),
            ("With a person", "yes" if state.transcript.handed_off else "no"),
            ("Out of reach", ", ".join(state.transcript.degraded) or "nothing"),
            ("Items known", str(len(known) + state.entities.archived)),
        ),
    )
