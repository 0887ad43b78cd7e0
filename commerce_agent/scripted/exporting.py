"""A recorded conversation as the steps of a script: what was said, what happened, how much time passed."""

from datetime import datetime
from typing import Any

import msgspec

from commerce_agent.scripted.outage_export import list_reached
from commerce_agent.scripted.promotion_export import Promoted
from conversations.events import Event, Recorded
from conversations.events.carts import CartChanged, ProposalResolved
from conversations.events.entities import EntitiesFocused, EntitiesIntroduced
from conversations.events.facts import Amount, Fact, FactSuperseded
from conversations.events.messages import (
    FeedbackGiven,
    ServiceDegraded,
    ServiceRecovered,
    ShopperIdentified,
    ShopperSpoke,
    TierChanged,
    TurnStarted,
)
from conversations.events.visits import HandoffEnded, HandoffRequested, PersonJoined, PersonSpoke

Plain = dict[str, Any]
Counted = tuple[tuple[str, int], ...]

LEAST_PAUSE = 1.0
"""Seconds; shorter pauses are how long an answer took, and a script's clock stands still meanwhile."""


class LeftOut(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened and that no step tells."""

    seq: int
    what: str


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """The steps that tell a conversation again, and what they leave out."""

    steps: list[Plain]
    left_out: tuple[LeftOut, ...]


def list_steps(events: tuple[Recorded, ...], *, promoted: Promoted, shopper: Plain) -> Told:
    """The steps that tell the conversation again, in order.

    `shopper` is whom it was or became known to be, without their tier, as a step says it the first time.
    Messages that one turn answered together become one step, which points at what the turn went by: at what the last
    of them that points at anything does.
    """
    telling = _Telling(events=events, promoted=promoted, shopper=shopper)
    return Told(steps=telling.tell(), left_out=tuple(sorted(telling.left_out, key=lambda left: left.seq)))


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
        self._spoken: dict[str, Recorded] = {}
        self._begun: set[int] = set()
        self._is_visited = False
        self._lines: Counted = ()
        self.left_out: list[LeftOut] = []

    def tell(self) -> list[Plain]:
        for recorded in self._events:
            for promotion in self._promoted.turned.get(recorded.seq, ()):
                self._happen({"kind": "promotion.changed", "promotion": promotion}, at=recorded.at)
            self._tell_event(recorded)
            self._note_left_out(recorded)
        self._tell_unanswered()
        return self._steps

    def _tell_event(self, recorded: Recorded) -> None:
        event = recorded.event
        match event:
            case ShopperSpoke():
                self._spoken[event.cid] = recorded
            case TurnStarted() if event.turn not in self._begun:
                self._begun.add(event.turn)
                self._pass_time(recorded.at)
                self._tell_outages(event.turn)
                self._tell_tier(event.turn)
                self._say(event.cids)
            case ShopperIdentified():
                self._pass_time(recorded.at)
                tier = {"tier": event.tier} if event.tier else {}
                self._steps.append({"shopper": {**self._shopper, **tier}})
            case FactSuperseded(order=msgspec.UNSET) if recorded.turn == 0:
                priced_by = "price" if recorded.seq in self._promoted.own else self._priced_by
                self._happen(_tell_news(event.fact, priced_by=priced_by), at=recorded.at)
            case PersonJoined() | PersonSpoke() | HandoffEnded():
                self._tell_visit(event, at=recorded.at)
            case ProposalResolved() if (
                recorded.turn == 0
            ):  # In a turn it was said, and the words are the step.
                self._pass_time(recorded.at)
                self._steps.append({"decline" if event.status == "declined" else "confirm": "latest"})
            case EntitiesIntroduced(source="page"):
                self._look_at(recorded, event)
            case _:
                pass

    def _say(self, cids: tuple[str, ...]) -> None:
        """What was said at once, with what the last of it that points at anything points at."""
        spoken = [self._spoken.pop(cid) for cid in cids if cid in self._spoken]
        said = [each.event for each in spoken if isinstance(each.event, ShopperSpoke)]
        pointed = next((event.refs for event in reversed(said) if event.refs), ())
        for each in spoken:
            refs = each.event.refs if isinstance(each.event, ShopperSpoke) else ()
            if refs and refs != pointed:
                named = ", ".join(ref.key for ref in refs)
                self._leave_out(
                    each, f"what a message pointed at, where a later one pointed elsewhere: {named}"
                )
        about = {"about": [ref.key for ref in pointed]} if pointed else {}
        self._steps.append({"say": "\n".join(event.text for event in said), **about})

    def _look_at(self, recorded: Recorded, seen: EntitiesIntroduced) -> None:
        """The page's product is in focus from here on; what only stands in its cart is not."""
        following = self._events[recorded.seq].event if recorded.seq < len(self._events) else None
        keys = [entity.ref.key for entity in seen.entities]
        shows = isinstance(following, EntitiesFocused) and [ref.key for ref in following.refs] == keys[:1]
        page: Plain = {"product": keys[0]} if shows else {}
        held = keys[1:] if shows else keys
        self._pass_time(recorded.at)
        self._steps.append({"page": {**page, **({"cart": held} if held else {})}})

    def _tell_unanswered(self) -> None:
        """To a person who is there things are said without a reply; to the assistant no step can."""
        for recorded in self._spoken.values():
            if self._is_visited and isinstance(recorded.event, ShopperSpoke):
                self._pass_time(recorded.at)
                about = [ref.key for ref in recorded.event.refs]
                self._steps.append({"say": recorded.event.text, **({"about": about} if about else {})})
            else:
                self._leave_out(recorded, "a message that was never answered")

    def _note_left_out(self, recorded: Recorded) -> None:
        """What no step says. What only follows from a step comes of itself when the script runs."""
        lines = self._lines
        event = recorded.event
        if isinstance(event, CartChanged):
            self._lines = tuple((line.ref.key, line.quantity) for line in event.lines)
        if isinstance(event, ProposalResolved) and event.order:
            self._lines = ()
        if recorded.turn:
            return
        match event:
            case CartChanged() if self._lines != lines:
                self._leave_out(recorded, "a cart that was carried into this talk from another, or out of it")
            case FeedbackGiven():
                self._leave_out(recorded, f"the rating of turn {event.of_turn}: {event.score}")
            case HandoffRequested():
                self._leave_out(recorded, "a person was asked for by the merchant's system")
            case HandoffEnded(name=""):
                self._leave_out(recorded, "the merchant's system gave the talk back to the assistant")
            case FactSuperseded(order=msgspec.UNSET, fact=fact) if self._is_untold(recorded, fact):
                self._leave_out(recorded, f"news of {fact.subject.kind} {fact.subject.key}: {fact.name}")
            case ProposalResolved(status="failed"):
                self._leave_out(recorded, "what kept the order from being placed when the button was pressed")
            case _:
                pass

    def _is_untold(self, recorded: Recorded, fact: Fact) -> bool:
        """Whether what made it news is told by no step: it follows from none of those beside it."""
        if fact.name == "promotion":
            return recorded.seq not in self._promoted.turned
        told = {each.name: each.value for each in self._list_beside(recorded, fact)}
        if fact.name == "price":
            follows = self._priced_by in told or recorded.seq in self._promoted.own
            return not follows and recorded.seq not in self._promoted.turned
        return fact.name == "availability" and not isinstance(told.get("stock"), int)

    def _list_beside(self, recorded: Recorded, fact: Fact) -> list[Fact]:
        """All that came to be known of the same at once."""
        beside = (each.event for each in self._events if each.at == recorded.at and each.turn == 0)
        facts = [each.fact for each in beside if isinstance(each, FactSuperseded)]
        return [each for each in facts if each.subject == fact.subject]

    def _leave_out(self, recorded: Recorded, what: str) -> None:
        self.left_out.append(LeftOut(seq=recorded.seq, what=what))

    def _tell_visit(self, event: PersonJoined | PersonSpoke | HandoffEnded, *, at: datetime) -> None:
        if not event.name:
            return  # Nobody had come.
        self._pass_time(at)
        match event:
            case PersonJoined():
                self._is_visited = True
                self._steps.append({"person": {"does": "joins", "name": event.name}})
            case PersonSpoke():
                if any(cid in self._spoken for cid in event.answers):
                    self._say(event.answers)
                self._steps.append({"person": {"does": "says", "name": event.name, "text": event.text}})
            case HandoffEnded():
                self._is_visited = False
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
        for connector, stale in list_reached(own):
            if stale != (connector in self._down):
                self._steps.append(
                    {"event": {"kind": "connector.down" if stale else "connector.up", "connector": connector}}
                )
                self._down ^= {connector}


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
