"""What a conversation can be found by, read off its events: pure."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from hashlib import sha256

import msgspec

from commerce_agent.console.audit.masking import Mask
from commerce_agent.decoding import decode_json
from commerce_agent.models import Counted
from conversations.events import Recorded
from conversations.events.carts import CartChanged, ProposalMade, ProposalResolved
from conversations.events.decisions import Decision, DecisionMade, ToolCalled
from conversations.events.entities import EntitiesShown
from conversations.events.facts import Fact, FactsObserved, FactSuperseded
from conversations.events.messages import (
    FeedbackGiven,
    ReplyGiven,
    ServiceDegraded,
    ShopperSpoke,
    TurnStarted,
)
from conversations.events.visits import HandoffRequested, PersonSpoke
from conversations.ids import EntityRef

OUTCOMES = {
    "answered": "Answered",
    "asked": "Asked which one",
    "nothing": "Found nothing",
    "ordered": "Ordered",
    "declined": "Offer declined",
    "stopped": "Stopped by the shopper",
    "failed": "Reply failed",
    "person": "A person was asked for",
}
MARKS = {
    "stale": "Told a fact past its time",
    "claim_stopped": "A false claim was stopped",
    "out_of_reach": "A system was out of reach",
    "rated_good": "Rated good",
    "rated_bad": "Rated bad",
    "news": "A told fact changed later",
    "caught": "A fact past its time was renewed before it was told again",
}
LONGEST = 300
LONGEST_COUNTED = 80
"""Searches that begin with so many letters alike count as one."""
UNRESOLVED = frozenset({"outcome:failed", "outcome:nothing", "outcome:person", "mark:rated_bad"})
COUNTED = {
    "outcome:person": Counted.PERSON,
    "outcome:nothing": Counted.NOTHING,
    "mark:claim_stopped": Counted.CLAIM_STOPPED,
    "mark:news": Counted.NEWS,
    "mark:caught": Counted.CAUGHT,
}
TOLD_BY = (ShopperSpoke, TurnStarted, ToolCalled, DecisionMade)
"""The events that tell what was sought in vain."""
WORD = re.compile(r"[^\W_]+")
SHORTEST_WORD = 3
PLURAL_FROM = 5
"""A shorter word that ends in an s is rarely the plural of another."""


class Sought(msgspec.Struct):
    """The part of a search's arguments that says what was sought."""

    query: str = ""


def list_traits(events: Sequence[Recorded]) -> frozenset[str]:
    """The traits of these events, as `rule:price`. Those of two stretches together are those of both."""
    named = (pair for recorded in events for pair in _list_traits(recorded))
    # PostgreSQL's text holds no NUL; one odd key of a shop must not keep every conversation from being found.
    found = {
        f"{name}:{value}".replace("\x00", "\N{REPLACEMENT CHARACTER}")[:LONGEST] for name, value in named
    }
    return frozenset(found | {"outcome:nothing" for _ in list_missed(events)})


def count_traits(traits: Iterable[str]) -> Counted:
    """What of these the first page counts."""
    held = frozenset(traits)
    flags = Counted(0)
    for trait in held & COUNTED.keys():
        flags |= COUNTED[trait]
    return flags | Counted.RESOLVED if "outcome:answered" in held and not held & UNRESOLVED else flags


def number_trait(trait: str) -> int:
    """The number that an index holds for a trait."""
    return int.from_bytes(sha256(trait.encode()).digest()[:8], "big", signed=True)


def list_words(text: str) -> frozenset[str]:
    """The words by which a text can be found: without case, accents and the s of a plural."""
    return frozenset(word for word in _reduce_words(text) if len(word) >= SHORTEST_WORD)


def _reduce_words(text: str) -> list[str]:
    bare = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", text.casefold())
        if not unicodedata.combining(letter)
    )
    return [word.removesuffix("s") if len(word) >= PLURAL_FROM else word for word in WORD.findall(bare)]


def list_said(events: Iterable[Recorded], *, mask: Mask) -> frozenset[str]:
    """The words of the shopper and of whoever spoke for the shop, but for what the mask covers."""
    said = frozenset[str]()
    for recorded in events:
        if isinstance(recorded.event, ShopperSpoke | PersonSpoke):
            said |= list_words(mask.cover(recorded.event.text))
    return said


class InVain(msgspec.Struct, frozen=True, kw_only=True):
    """Words that a search found nothing for."""

    words: str
    at: datetime

    @property
    def said(self) -> str:
        """As it is told."""
        return self.words[:LONGEST_COUNTED].casefold()

    @property
    def counted(self) -> str:
        """By what it counts as the same as another: one bag and bags, with marks and accents or without."""
        return " ".join(_reduce_words(self.said)) or self.said


def list_missed(events: Iterable[Recorded]) -> Iterator[InVain]:
    """The words of each search that its turn's decision kept no item of; where terms alone were sought, or the words
    were left aside as unknown to the shop, the shopper's own.
    """
    spoken: dict[str, str] = {}
    said, sought = "", None
    for recorded in events:
        match recorded.event:
            case ShopperSpoke(cid=cid, text=text):
                spoken[cid] = text
            case TurnStarted(cids=cids):
                said = " ".join(spoken.pop(cid, "") for cid in cids).strip()
            case ToolCalled(tool="search_products", outcome="ok", dropped=False):
                sought = decode_json(recorded.event.arguments, Sought).query.strip()
            case DecisionMade():
                if sought is not None and not any(each.kept for each in recorded.event.decision.candidates):
                    yield InVain(words=sought or said, at=recorded.at)
                sought = None
            case _:
                pass


def _list_traits(recorded: Recorded) -> Iterator[tuple[str, str]]:
    event = recorded.event
    match event:
        case DecisionMade():
            yield from _list_of_decision(event.decision)
        case ReplyGiven():
            yield "outcome", "answered" if event.status == "ok" else event.status
        case ProposalResolved():
            yield from _list_of_ending(event)
        case ProposalMade():
            yield from (("sku", line.ref.key) for line in event.proposal.lines)
            if event.proposal.order:
                yield "order", event.proposal.order
        case CartChanged():
            yield from (("sku", line.ref.key) for line in event.lines)
        case EntitiesShown():
            yield from (_name_ref(entity.ref) for entity in event.entities)
        case FactsObserved():
            yield from (_name_ref(fact.subject) for fact in event.facts)
        case ToolCalled():
            yield "tool", event.tool
        case _:
            yield from _list_of_aside(recorded)


def _list_of_aside(recorded: Recorded) -> Iterator[tuple[str, str]]:
    event = recorded.event
    match event:
        case HandoffRequested():
            yield "outcome", "person"
        case ServiceDegraded():
            yield "connector", event.system
            yield "mark", "out_of_reach"
        case FeedbackGiven():
            yield "mark", f"rated_{event.score}"
        case FactSuperseded():
            # In a turn the fact was looked up again for the reply; between two, the shop told of a change.
            yield "mark", "caught" if recorded.turn else "news"
        case _:
            return


def _list_of_decision(decision: Decision) -> Iterator[tuple[str, str]]:
    yield "planner", decision.planner
    for candidate in decision.candidates:
        yield _name_ref(candidate.ref)
        if not candidate.kept:
            yield "rule", candidate.rule
    if any(reference.outcome == "ambiguous" for reference in decision.references):
        yield "outcome", "asked"
    if any(not verdict.passed for verdict in decision.grounding):
        yield "mark", "claim_stopped"
    for policy in decision.policies:
        yield "policy", policy.partition("/")[0]
        yield "policy", policy


def _list_of_ending(event: ProposalResolved) -> Iterator[tuple[str, str]]:
    if event.order:
        yield "order", event.order
    if event.status == "accepted":
        yield "outcome", "ordered"
    elif event.status == "declined":
        yield "outcome", "declined"


def list_stale(events: Iterable[Recorded]) -> frozenset[str]:
    """Marks a conversation whose reply rested on an answer that was last known, or past its time."""
    told: set[str] = set()
    facts: dict[str, Fact] = {}
    for recorded in events:
        if isinstance(recorded.event, FactsObserved):
            facts.update((fact.id, fact) for fact in recorded.event.facts)
        elif isinstance(recorded.event, DecisionMade):
            used = (facts.get(name) for name in recorded.event.decision.facts)
            if any(
                fact and (fact.stale or (fact.valid_until is not None and fact.valid_until < recorded.at))
                for fact in used
            ):
                told.add("mark:stale")
    return frozenset(told)


def _name_ref(ref: EntityRef) -> tuple[str, str]:
    return ("sku" if ref.kind == "variant" else ref.kind), ref.key
