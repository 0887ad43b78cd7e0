"""The state of a turn in few words, for the end of the prompt: ids and facts, no prose."""

from collections.abc import Collection, Set
from datetime import datetime

from commerce_agent.agent.claude.loading import Loaded
from commerce_agent.agent.claude.seen import clean, clean_each, to_taste_seen
from commerce_agent.agent.grounding.slots import STORE, get_scope
from commerce_agent.agent.understanding.understood import Understanding
from commerce_agent.agent.wording.terms import say_money
from commerce_agent.tools.tastes import Taste
from conversations.events.facts import Amount, Fact
from conversations.state import ConversationState
from conversations.transcript import Visit

MOST_ITEMS = 12
"""Items described; the others at hand are named, and a tool reads any of them."""
MOST_FACTS = 16
MOST_LINES = 10
"""Of what was said to a person and by them, for so many turns after they left."""
RECENT_TURNS = 6
_LONGEST_FACT = 120
_LONGEST_LINE = 300
_LONGEST_NOTE = 1000
_LONGEST_WORDS = 80

Plain = dict[str, object]


def describe_state(
    state: ConversationState,
    understanding: Understanding,
    *,
    loaded: Loaded,
    seconds: int,
) -> Plain:
    """What the model must know now. Every limit and every item at hand is here, and what was told of those in use.

    `seconds` is the instant that the ages of facts are counted from.
    """
    shown = state.entities.showings[-1].refs if state.entities.showings else ()
    held = tuple(line.ref for line in state.cart.lines)
    in_use = dict.fromkeys((*understanding.resolved, *state.entities.focus, *held, *shown))
    described = dict.fromkeys([ref.key for ref in in_use][:MOST_ITEMS])
    digest: Plain = {
        "limits": [
            {"field": term.field, "op": term.op, "value": term.value, "scope": term.scope}
            | ({"from": "an earlier visit"} if term.source == "memory" else {})
            for term in state.constraints.active
        ],
        "references": [
            {
                "words": clean(reference.text, most=_LONGEST_WORDS),
                "outcome": reference.outcome,
                "skus": [ref.key for ref in reference.refs or reference.candidates],
            }
            for reference in understanding.references
        ],
        "items": [_describe_item(state, sku) for sku in described],
        "focus": [ref.key for ref in state.entities.focus],
        "also_came_up": _name_others(state, described=described.keys()),
        "told": _list_told(state, skus=described.keys(), seconds=seconds),
        **_describe_cart(state),
        "shopper": _describe_shopper(state, tastes=loaded.tastes),
        "currency": state.transcript.currency,
        "locale": state.transcript.locale,
        "version": state.version,
    }
    if state.transcript.notices:
        digest["news"] = [clean(notice.text, most=_LONGEST_FACT) for notice in state.transcript.notices]
    if visit := state.transcript.visit:
        digest["person"] = _describe_visit(visit, turn=state.transcript.turns)
    if loaded.answers:
        digest["loaded"] = loaded.answers
    return digest


def _describe_cart(state: ConversationState) -> Plain:
    """The cart, and which proposal waits for its button."""
    lines = [
        {"sku": line.ref.key, "quantity": line.quantity, "unit_price": say_money(line.unit_price)}
        for line in state.cart.lines
    ]
    proposal = state.cart.proposal
    if proposal is None:
        return {"cart": lines}
    waiting = {"kind": proposal.kind, "version": proposal.id, "total": say_money(proposal.total)}
    return {"cart": lines, "proposal_waits_for_button": waiting}


def _describe_shopper(state: ConversationState, *, tastes: tuple[Taste, ...]) -> Plain:
    """The shopper's card: nothing that names them, and likes as far as they agreed to be remembered."""
    likes = {"preferences": [to_taste_seen(each) for each in tastes]} if tastes else {}
    return {
        "signed_in": state.transcript.shopper is not None,
        "tier": state.transcript.tier,
        **likes,
    }


def _describe_visit(visit: Visit, *, turn: int) -> Plain:
    """Who of the shop's staff talked here, what they want known, and what was said while that is recent."""
    recent = turn - (visit.left_after or 0) <= RECENT_TURNS
    said = [
        {"by": line.by or "shopper", "text": clean(line.text, most=_LONGEST_LINE)} for line in visit.lines
    ]
    note = {"note": clean(visit.note, most=_LONGEST_NOTE)} if visit.note else {}
    return {"name": visit.name, **note, **({"said": said[-MOST_LINES:]} if recent else {})}


def _describe_item(state: ConversationState, sku: str) -> Plain:
    known = state.entities.known.get(sku)
    if known is None:
        return {"sku": sku}
    color = clean(" / ".join(known.entity.attributes.get("color", ())), most=_LONGEST_WORDS)
    name = clean(known.entity.name, most=_LONGEST_WORDS)
    return {"sku": sku, "name": name, **({"color": color} if color else {})}


def _name_others(state: ConversationState, *, described: Set[str]) -> dict[str, str]:
    """The items at hand that are not described, by name."""
    known = state.entities.known
    others = sorted(known.keys() - described)
    names = clean_each([known[sku].entity.name for sku in others], most=_LONGEST_WORDS)
    return dict(zip(others, names, strict=True))


def _list_told(state: ConversationState, *, skus: Collection[str], seconds: int) -> list[Plain]:
    """What the shopper was last told of what is in use, and of the shop's terms."""
    facts = [
        fact
        for fact in (
            *(each for each in state.facts.cited_elsewhere.values() if each.subject.kind != "variant"),
            *state.facts.cited.values(),
        )
        if (subject := fact.subject).key in skus or subject.kind != "variant"
    ][-MOST_FACTS:]
    # What one answer told was seen at one instant.
    minutes = {seen: _count_minutes(seen, seconds=seconds) for seen in {fact.observed_at for fact in facts}}
    return [
        {
            "of": clean(f"{fact.subject.kind}:{fact.subject.key}"),
            "name": clean(fact.name, most=_LONGEST_WORDS),
            **tell_scope(fact),
            "value": _write_value(fact),
            "minutes_ago": minutes[fact.observed_at],
        }
        for fact in facts
    ]


def tell_scope(fact: Fact) -> dict[str, str]:
    """Of a policy that does not hold for the whole store, for what it does."""
    scope = get_scope(fact) if fact.subject.kind == "policy" else STORE
    return {} if scope == STORE else {"scope": clean(scope, most=_LONGEST_WORDS)}


def _count_minutes(seen: datetime, *, seconds: int) -> int:
    """Its age in whole minutes: the seconds would make every prompt another one."""
    return max(0, seconds - int(seen.timestamp())) // 60


def _write_value(fact: Fact) -> object:
    if isinstance(fact.value, Amount):
        return say_money(fact.value)
    return clean(fact.value, most=_LONGEST_FACT) if isinstance(fact.value, str) else fact.value
