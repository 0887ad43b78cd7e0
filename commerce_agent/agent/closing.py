"""What a turn leaves behind: what was understood at its start, its decision and its reply at its end."""

import re
from hashlib import sha1
from typing import Literal
from uuid import NAMESPACE_URL

import msgspec

from commerce_agent.agent.phrases import find_book
from commerce_agent.agent.understanding.understood import Understanding
from commerce_agent.release import get_code_version
from commerce_agent.tools.trail import Trail
from conversations.events import Event
from conversations.events.carts import CartChanged, ProposalMade
from conversations.events.constraints import ConstraintStated, ConstraintSuperseded, ConstraintWithdrawn
from conversations.events.decisions import (
    Basis,
    Decision,
    DecisionMade,
    ModelCalled,
    ToolCalled,
    ToolUsed,
    Verdict,
)
from conversations.events.entities import EntitiesMentioned, Reference, ReferenceResolved, SearchMade
from conversations.events.facts import FactConflict
from conversations.events.messages import (
    CardsShown,
    ReplyGiven,
    ServiceDegraded,
    ServiceRecovered,
)
from conversations.events.visits import HandoffRequested
from conversations.ids import DecisionId, EntityRef
from conversations.language.tokens import list_stems
from conversations.state import ConversationState

_CHANGES = (CartChanged, ProposalMade, HandoffRequested)


class Used(msgspec.Struct, frozen=True, kw_only=True):
    """What a model took, whether or not its answer was kept."""

    model: str
    input_tokens: int
    output_tokens: int
    prompt: str = ""
    """The digest of the first request."""
    micros: int = 0
    calls: tuple[ModelCalled, ...] = ()
    heard: bytes = b""
    """What it answered, as it is kept for a replay."""


class Spoke(msgspec.Struct, frozen=True, kw_only=True):
    """Who answered, and why it was not another."""

    planner: str
    reason: str
    used: Used | None = None
    """What the model took; of one that failed, what it took until then."""
    settings: int = 0
    """The version of the shop's settings that held."""


def record_understanding(trail: Trail, understanding: Understanding) -> None:
    """Puts on the trail what the words meant and how the shopper's terms changed."""
    for reference in understanding.own_references:
        if reference.text or reference.outcome != "resolved":
            trail.record(ReferenceResolved(reference=reference))
    reading = understanding.reading
    for term in reading.stated:
        own_term = msgspec.structs.replace(term, text=understanding.get_own(term.text))
        trail.record(ConstraintStated(constraint=own_term))
    for change in reading.superseded:
        trail.record(ConstraintSuperseded(id=change.old, by=change.new))
    for ending in reading.withdrawn:
        text = understanding.get_own(ending.text)
        trail.record(ConstraintWithdrawn(id=ending.id, reason=ending.reason, text=text))
    if any(move.kind == "start_over" for move in understanding.moves):
        fresh = {term.id for term in reading.stated}
        # "Start over. Puzzles under 20": what is said behind it holds.
        for term in (held for held in trail.state.constraints.active if held.id not in fresh):
            trail.record(
                ConstraintWithdrawn(id=term.id, reason="started_over", text=understanding.said[:200])
            )
        trail.record(SearchMade(query=""))


def _list_meant(trail: Trail, understanding: Understanding) -> tuple[Reference, ...]:
    """What the words meant, each item in the version that they name; in "the red one, in size 10?" only the colour is
    told of it, the size is asked.
    """
    # "Add it in size 10" means the ten.
    puts_in = any(move.kind in ("add_to_cart", "swap") for move in understanding.moves)
    wished = [set(list_stems(value)) for _, value in understanding.wishes]
    own = zip(understanding.references, understanding.own_references, strict=True)
    meant = tuple(
        msgspec.structs.replace(reference, refs=tuple(map(trail.find_version, reference.refs)))
        if not read.text
        or puts_in
        or "rank" in reference.rules
        or any(words & set(list_stems(read.text)) for words in wished)
        else reference
        for read, reference in own
    )
    told = {ref for reference in meant for ref in reference.refs}
    # "Do you have it in red?" means the item, and the red one.
    asked = tuple(
        Reference(text=_say_version(understanding), outcome="resolved", refs=(version,), rules=("version",))
        for version in trail.list_versions()
        if version not in told
    )
    return (*meant, *asked)


def _say_version(understanding: Understanding) -> str:
    """The words of the version that was asked for, as the shopper wrote them where they stand in the message."""
    said = understanding.own_said
    for _, value in understanding.wishes:
        at = said.lower().find(value.lower())
        if at >= 0:
            return said[at : at + len(value)]
    return ", ".join(value for _, value in understanding.wishes)


def record_decision(
    trail: Trail,
    *,
    conversation: str,
    understanding: Understanding,
    verdicts: tuple[Verdict, ...],
    spoke: Spoke,
    basis: Basis,
) -> DecisionId:
    """Puts the citations and the decision on the trail; its id is the turn's own, however often it is tried."""
    decision = _begin_decision(trail, conversation=conversation, spoke=spoke)
    state = trail.state
    trail.record_citations()
    trail.record(
        DecisionMade(
            decision=msgspec.structs.replace(
                decision,
                constraints=tuple(term for term in state.constraints.active if term.scope != "item"),
                candidates=trail.candidates,
                references=_list_meant(trail, understanding),
                facts=tuple(fact.id for fact in trail.cited),
                fact_ages=tuple((trail.at - fact.observed_at).total_seconds() for fact in trail.cited),
                conflicts=_list_conflicts(trail, state=state),
                policies=trail.policies,
                policies_passed_over=trail.passed_over,
                grounding=verdicts,
            ),
            basis=basis,
        )
    )
    return decision.id


def record_no_decision(trail: Trail, *, conversation: str, spoke: Spoke) -> DecisionId:
    """Puts on the trail that nobody's answer was kept, why, and what was spent on it all the same."""
    decision = _begin_decision(trail, conversation=conversation, spoke=spoke)
    trail.record(DecisionMade(decision=decision))
    return decision.id


def _begin_decision(trail: Trail, *, conversation: str, spoke: Spoke) -> Decision:
    """What is on record of every turn; its id is the turn's own."""
    used = spoke.used
    return Decision(
        id=_name_decision(f"{conversation}/{trail.turn}"),
        turn=trail.turn,
        planner=spoke.planner,
        planner_reason=spoke.reason,
        model=used.model if used else "",
        tools=_list_tools(trail),
        input_tokens=used.input_tokens if used else 0,
        output_tokens=used.output_tokens if used else 0,
        prompt=used.prompt if used else "",
        cost_micros=used.micros if used else 0,
        calls=used.calls if used else (),
        settings_version=spoke.settings,
        code_version=get_code_version(),
    )


_URLS = NAMESPACE_URL.bytes


def _name_decision(turn: str) -> DecisionId:
    """The turn's own id, as `uuid5` makes it, whose detours take thrice the time."""
    digest = bytearray(sha1(_URLS + turn.encode(), usedforsecurity=False).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    name = digest.hex()
    return DecisionId(f"{name[:8]}-{name[8:12]}-{name[12:16]}-{name[16:20]}-{name[20:]}")


def _list_tools(trail: Trail) -> tuple[ToolUsed, ...]:
    return tuple(
        ToolUsed(
            tool=event.tool,
            outcome=event.outcome,
            milliseconds=event.milliseconds,
            dropped=event.dropped,
        )
        for event in trail.events
        if isinstance(event, ToolCalled)
    )


def _list_conflicts(trail: Trail, *, state: ConversationState) -> tuple[FactConflict, ...]:
    """The conflicts over what the reply cites, and over the list price that a price rests on."""
    conflicts = state.facts.conflicts
    if not conflicts:
        return ()
    cited = {(fact.subject, fact.name) for fact in trail.cited}
    cited |= {(subject, "list_price") for subject, name in cited if name == "price"}
    return tuple(conflict for conflict in conflicts if (conflict.subject, conflict.name) in cited)


def word_stop(heard: str, *, trail: Trail) -> str:
    """What stays of a reply that was stopped: what was heard of it, and that what was done meanwhile is undone."""
    if not any(isinstance(event, _CHANGES) for event in trail.events):
        return heard
    undone = find_book(trail.state.transcript.locale).say("stopped.undone", seed=trail.turn)
    return f"{heard} {undone}".strip()


def record_reply(
    trail: Trail,
    *,
    text: str,
    decision: DecisionId | None = None,
    status: Literal["ok", "stopped", "failed"] = "ok",
    language: str = "",
) -> None:
    """Closes the turn, and says which items the reply names."""
    if named := _list_named(trail, text=text):
        trail.record(EntitiesMentioned(refs=named))
    trail.record(ReplyGiven(turn=trail.turn, text=text, status=status, decision=decision, language=language))


def _list_named(trail: Trail, *, text: str) -> tuple[EntityRef, ...]:
    """The known items whose name stands in the text; of variants with one name, those that the reply cites."""
    said = text.casefold()
    named: dict[str, list[EntityRef]] = {}
    for known in trail.entities.known.values():
        name = known.entity.name.casefold()
        if name and name in said and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", said):
            named.setdefault(name, []).append(known.entity.ref)
    cited = {fact.subject for fact in trail.cited}
    return tuple(ref for refs in named.values() for ref in ([ref for ref in refs if ref in cited] or refs))


def list_shown_skus(events: tuple[Event, ...]) -> tuple[str, ...]:
    """The SKUs that a turn put on cards, those of versions to choose included."""
    cards = [card for event in events if isinstance(event, CardsShown) for card in event.cards]
    shown = [card.ref.key for card in cards]
    shown += [one.sku for card in cards for one in card.versions if one.sku]
    return tuple(dict.fromkeys(shown))


def record_health(trail: Trail, *, without_redis: bool) -> None:
    """Puts on the trail that Redis went out of reach, or that it is back."""
    was_degraded = "redis" in trail.state.transcript.degraded
    if without_redis and not was_degraded:
        trail.record(ServiceDegraded(system="redis"))
    elif was_degraded and not without_redis:
        trail.record(ServiceRecovered(system="redis"))
