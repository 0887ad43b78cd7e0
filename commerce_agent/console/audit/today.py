"""What has become of the facts that a reply stood on: whether they were past their time then and are now, and what
the shop's own tables say today.
"""

from datetime import datetime

import msgspec

from catalog.models import Variant
from commerce_agent.agent.explain.account import FactUsed
from commerce_agent.agent.explain.plain import tell_amount, tell_duration
from commerce_agent.console.audit.gate import Look
from commerce_agent.console.audit.keeping_systems import list_keeping_systems
from conversations.events.decisions import DecisionMade
from conversations.events.facts import Amount, Fact, FactsObserved, FactSuperseded


class FactNow(msgspec.Struct, frozen=True, kw_only=True):
    """A fact of then, and where it stands now."""

    used: FactUsed
    sku: str
    valid_until: datetime | None
    age_now: str
    is_past: bool
    """Whether it may not be told any more without asking again."""
    today: str
    """What the shop's tables say now; empty where they do not hold it."""
    is_changed: bool
    system: str
    """Which system kept a policy or a promotion that it tells of; empty of others, and where that was not noted."""


def list_freshness(facts: tuple[FactUsed, ...], *, look: Look, turn: int) -> tuple[FactNow, ...]:
    """The facts that a turn rests on, with what is known of them now."""
    recorded, systems = _read_facts(look, turn=turn), list_keeping_systems(look.events, turn=turn)
    told_in = _list_turns(look, until=turn)
    skus = {recorded[used.id].subject.key for used in facts if used.id in recorded}
    variants = {
        variant.sku: variant
        for variant in Variant.objects.filter(merchant=look.row.merchant_id, sku__in=skus).select_related(
            "stock"
        )
    }
    told = (_tell(used, fact=recorded.get(used.id), variants=variants, look=look) for used in facts)
    return tuple(
        msgspec.structs.replace(each, system=systems.find(fact.subject, turn=told_in.get(fact.id, turn)))
        if (fact := recorded.get(each.used.id))
        else each
        for each in told
    )


def _read_facts(look: Look, *, turn: int) -> dict[str, Fact]:
    """What was known when the turn was decided: later news may have the id of what was told then."""
    facts: dict[str, Fact] = {}
    for recorded in look.events:
        if isinstance(recorded.event, FactsObserved):
            facts.update((fact.id, fact) for fact in recorded.event.facts)
        elif isinstance(recorded.event, FactSuperseded):
            facts[recorded.event.fact.id] = recorded.event.fact
        elif isinstance(recorded.event, DecisionMade) and recorded.event.decision.turn == turn:
            break
    return facts


def _list_turns(look: Look, *, until: int) -> dict[str, int]:
    """The turn that each fact was observed in last, up to one."""
    return {
        fact.id: recorded.turn
        for recorded in look.events
        if recorded.turn <= until and isinstance(recorded.event, FactsObserved)
        for fact in recorded.event.facts
    }


def _tell(used: FactUsed, *, fact: Fact | None, variants: dict[str, Variant], look: Look) -> FactNow:
    variant = variants.get(fact.subject.key) if fact and fact.subject.kind == "variant" else None
    today = _read_today(used.name, variant=variant, now=look.now) if variant else ""
    return FactNow(
        used=used,
        sku=fact.subject.key if fact else "",
        valid_until=fact.valid_until if fact else None,
        age_now=tell_duration((look.now - used.observed_at).total_seconds()),
        is_past=fact is not None and fact.valid_until is not None and fact.valid_until < look.now,
        today=today,
        is_changed=bool(today) and today != used.value,
        system="",
    )


def _read_today(name: str, *, variant: Variant, now: datetime) -> str:
    if name == "stock":
        stock = getattr(variant, "stock", None)
        return str(stock.quantity) if stock is not None and stock.quantity is not None else ""
    if name in {"price", "list_price"}:
        on_sale = variant.sale_price is not None and _is_on(variant, now=now) and name == "price"
        price = variant.sale_price if on_sale and variant.sale_price is not None else variant.price
        return tell_amount(Amount(amount=price.amount, currency=str(price.currency)))
    return ""


def _is_on(variant: Variant, *, now: datetime) -> bool:
    starts, ends = variant.sale_starts, variant.sale_ends
    return (starts is None or starts <= now) and (ends is None or ends > now)
