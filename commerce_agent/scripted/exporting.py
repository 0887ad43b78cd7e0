"""A recorded conversation as the steps of a script: what was said, what happened, how much time passed."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from commerce_agent.scripted.promotion_export import Promoted
from conversations.events import Event, Recorded
from conversations.events.carts import ProposalResolved
from conversations.events.facts import Amount, Fact, FactsObserved, FactSuperseded
from conversations.events.messages import (
    ServiceDegraded,
    ServiceRecovered,
    ShopperIdentified,
    ShopperSpoke,
    TierChanged,
    TurnStarted,
)
from conversations.events.visits import HandoffEnded, PersonJoined, PersonSpoke

Plain = dict[str, Any]

LEAST_PAUSE = 1.0
"""Seconds; shorter pauses are how long an answer took, and a script's clock stands still meanwhile."""
ASKED_OF = {"stock": "inventory", "availability": "inventory", "price": "pricing", "list_price": "pricing"}
"""The connector that each fact comes from."""


def list_steps(events: tuple[Recorded, ...], *, promoted: Promoted, shopper: Plain) -> list[Plain]:
    """The steps that tell the conversation again, in order.

    `shopper` is whom it was or became known to be, without their tier, as a step says it the first time.
    Messages that one turn answered together become one step. A declined proposal has no step: in a script it
    is left open, which binds nobody either.
    """
    return _Telling(events=events, promoted=promoted, shopper=shopper).tell()


class _Telling:
    def __init__(self, *, events: tuple[Recorded, ...], promoted: Promoted, shopper: Plain) -> None:
        # Under promotions what the shopper would pay is not what the shop set.
        self._priced_by = "list_price" if promoted.is_any else "price"
        self._promoted = promoted
        self._shopper = shopper
        self._events = events
        self._own: dict[int, list[Event]] = {}
        for recorded in events:
            self._own.setdefault(recorded.turn, []).append(recorded.event)
        self._steps: list[Plain] = []
        self._at: datetime | None = None
        self._down: set[str] = set()
        self._spoken: dict[str, str] = {}
        self._begun: set[int] = set()

    def tell(self) -> list[Plain]:
        for recorded in self._events:
            event = recorded.event
            for promotion in self._promoted.turned.get(recorded.seq, ()):
                self._happen({"kind": "promotion.changed", "promotion": promotion}, at=recorded.at)
            match event:
                case ShopperSpoke():
                    self._spoken[event.cid] = event.text
                case TurnStarted() if event.turn not in self._begun:
                    self._begun.add(event.turn)
                    self._pass_time(recorded.at)
                    self._tell_outages(event.turn)
                    self._tell_tier(event.turn)
                    said = [self._spoken.pop(cid) for cid in event.cids if cid in self._spoken]
                    self._steps.append({"say": "\n".join(said)})
                case ShopperIdentified():
                    self._pass_time(recorded.at)
                    tier = {"tier": event.tier} if event.tier else {}
                    self._steps.append({"shopper": {**self._shopper, **tier}})
                case FactSuperseded() if recorded.turn == 0:
                    priced_by = "price" if recorded.seq in self._promoted.own else self._priced_by
                    self._happen(_tell_news(event.fact, priced_by=priced_by), at=recorded.at)
                case PersonJoined() | PersonSpoke() | HandoffEnded():
                    self._tell_visit(event, at=recorded.at)
                case ProposalResolved() if event.status != "declined":
                    self._pass_time(recorded.at)
                    self._steps.append({"confirm": "latest"})
                case _:
                    continue
        return self._steps

    def _tell_visit(self, event: PersonJoined | PersonSpoke | HandoffEnded, *, at: datetime) -> None:
        if not event.name:
            return  # Nobody had come.
        self._pass_time(at)
        match event:
            case PersonJoined():
                self._steps.append({"person": {"does": "joins", "name": event.name}})
            case PersonSpoke():
                if said := [self._spoken.pop(cid) for cid in event.answers if cid in self._spoken]:
                    self._steps.append({"say": "\n".join(said)})
                self._steps.append({"person": {"does": "says", "name": event.name, "text": event.text}})
            case HandoffEnded():
                note = {"text": event.note} if event.note else {}
                self._steps.append({"person": {"does": "leaves", "name": event.name, **note}})

    def _happen(self, news: Plain | None, *, at: datetime) -> None:
        if news is not None:
            self._pass_time(at)
            self._steps.append({"event": news})

    def _pass_time(self, at: datetime) -> None:
        passed = (at - self._at).total_seconds() if self._at else 0.0
        if passed >= LEAST_PAUSE:
            self._steps.append({"advance": round(passed, 3)})
        if self._at is None or passed >= LEAST_PAUSE:
            self._at = at

    def _tell_tier(self, turn: int) -> None:
        """The tier in which a turn found the shopper, where that was another than before."""
        for event in self._own.get(turn, []):
            if isinstance(event, TierChanged):
                self._steps.append({"shopper": {"id": self._shopper["id"], "tier": event.tier or ""}})

    def _tell_outages(self, turn: int) -> None:
        """What was out of reach in the turn goes down before it, and up again before one that reached it."""
        own = self._own.get(turn, [])
        for event in own:
            match event:
                case ServiceDegraded(system="redis"):
                    self._steps.append({"event": {"kind": "redis.down"}})
                case ServiceRecovered(system="redis"):
                    self._steps.append({"event": {"kind": "redis.up"}})
        observed = [fact for event in own if isinstance(event, FactsObserved) for fact in event.facts]
        for connector, stale in _list_reached(observed):
            if stale != (connector in self._down):
                self._steps.append(
                    {"event": {"kind": "connector.down" if stale else "connector.up", "connector": connector}}
                )
                self._down ^= {connector}


def _list_reached(facts: Iterable[Fact]) -> list[tuple[str, bool]]:
    """Each connector that was asked, and whether it was out of reach."""
    reached: dict[str, bool] = {}
    for fact in facts:
        connector = ASKED_OF.get(fact.name) if fact.subject.kind == "variant" else None
        if connector:
            reached[connector] = reached.get(connector, False) or fact.stale
    return sorted(reached.items())


def _tell_news(fact: Fact, *, priced_by: str) -> Plain | None:
    """The happening in the shop that made the fact; None for one that only follows from another."""
    match fact.name, fact.value:
        case "stock", int() as quantity:
            return {"kind": "stock.changed", "sku": fact.subject.key, "quantity": quantity}
        case name, Amount(amount=amount, currency=currency) if name == priced_by:
            return {"kind": "price.changed", "sku": fact.subject.key, "price": f"{amount} {currency}"}
        case name, str() as text if name.startswith("policy."):
            happening = {"kind": "policy.changed", "policy": fact.subject.key, "text": text}
            return {**happening, **_tell_scope(fact.source)}
        case _:
            return None


def _tell_scope(source: str) -> Plain:
    """From `policy:returns/category:Lamps@2` to what the policy applies to."""
    scope = source.partition("/")[2].rpartition("@")[0]
    kind, _, value = scope.partition(":")
    return {"applies_to": {kind: value}} if value else {}
