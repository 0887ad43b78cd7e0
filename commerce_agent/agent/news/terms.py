"""What became of the shop's terms, held against what this shopper was told of them."""

from collections.abc import Sequence

import msgspec

from catalog.events import PolicyChanged, PromotionChanged
from catalog.policies import PolicyAnswer, PolicyRecord
from catalog.products import is_within
from catalog.promotions import PromotionRecord
from commerce_agent.agent.news.naming import name_answer
from commerce_agent.agent.phrases import find_book
from commerce_agent.agent.wording.periods import find_period_change
from commerce_agent.agent.wording.values import name_policy
from commerce_agent.tools.showing import name_promotions
from conversations.events import Event
from conversations.events.facts import Fact, FactSuperseded, FactValue
from conversations.events.messages import NoticeGiven
from conversations.facts import get_line, says_otherwise
from conversations.ids import EntityRef
from conversations.state import ConversationState

_WIDTHS = ("store", "category", "sku")
LONGEST_TEXT = 240
"""A longer text is read where it is asked for, not in a notice."""


def touches_policy(state: ConversationState, event: PolicyChanged) -> bool:
    """Whether the shopper was told of the policy, in whatever scope."""
    ref = EntityRef("policy", event.name)
    return state.facts.find_cited(subject=ref, name=f"policy.{event.name}") is not None


def tells_policy(state: ConversationState, event: PolicyChanged, *, teller: int) -> bool:
    """Whether the shopper was told an older version of this very policy, or of one that is wider. `teller` is who
    says so now: what another one told before is older, however that numbered it.
    """
    return _is_newer(state, event, teller=teller) or _is_narrower(state, event)


def _is_newer(state: ConversationState, event: PolicyChanged, *, teller: int) -> bool:
    """Whether it was told, and neither told nor heard of in this version."""
    told, known = _find_told(state, event), _find_known(state, event)
    heard = [fact.version for fact in (told, known) if fact and (fact.teller or 0) == teller]
    return told is not None and max(heard, default=0) < event.version


def _find_told(state: ConversationState, event: PolicyChanged) -> Fact | None:
    """What the shopper was last told of the policy of this very scope."""
    ref = EntityRef("policy", event.name)
    return state.facts.find_told(subject=ref, name=f"policy.{event.name}", line=_name_line(event))


def _find_known(state: ConversationState, event: PolicyChanged) -> Fact | None:
    """What was last read or heard of it in this scope."""
    ref = EntityRef("policy", event.name)
    return state.facts.find(subject=ref, name=f"policy.{event.name}", line=_name_line(event))


def _name_line(event: PolicyChanged) -> str:
    scope = event.scope if event.scope == "store" else f"{event.scope}:{event.scope_value}"
    return f"policy:{event.name}/{scope}"


def _is_narrower(state: ConversationState, event: PolicyChanged) -> bool:
    """Whether what is talked about, or lies in the cart, comes under this policy where a wider one was told."""
    ref, name = EntityRef("policy", event.name), f"policy.{event.name}"
    told, known = state.facts.find_cited(subject=ref, name=name), state.facts.find(subject=ref, name=name)
    if told is None or known is None:
        return False
    width, current = (_WIDTHS.index(_get_scope(fact.source)) for fact in (told, known))
    if _WIDTHS.index(event.scope) <= max(width, current):
        return False
    if event.scope == "sku":
        return any(item.key == event.scope_value for item in _list_at_hand(state))
    paths = (
        " > ".join(known_item.entity.attributes.get("category", ()))
        for item in _list_at_hand(state)
        if (known_item := state.entities.known.get(item.key)) is not None
    )
    return any(is_within(path, category=event.scope_value) for path in paths if path)


def _get_scope(source: str) -> str:
    """`sku` of `policy:returns/sku:MEADOW-G@2`; a policy from elsewhere holds for the store."""
    scope = source.partition("@")[0].partition("/")[2].partition(":")[0]
    return scope if scope in _WIDTHS else "store"


def _list_at_hand(state: ConversationState) -> tuple[EntityRef, ...]:
    return (*state.entities.focus, *(line.ref for line in state.cart.lines))


def list_policy_news(
    state: ConversationState, event: PolicyChanged, *, answer: PolicyAnswer
) -> tuple[Event, ...]:
    """The text and the terms as they are now, and a word about it; nothing where both are as known and as told."""
    ref, policy = EntityRef("policy", event.name), answer.chosen
    values: dict[str, FactValue] = {f"policy.{event.name}": policy.text}
    for term, value in policy.terms.items():
        values[f"{event.name}.{term}"] = ", ".join(map(str, value)) if isinstance(value, list) else value
    news: list[Event] = []
    overtaken = _list_overtaken(state, event)
    is_other = not overtaken
    for known in overtaken:
        # A term that the new version does not have any more holds no longer.
        newer = Fact(
            id="",
            subject=ref,
            name=known.name,
            value=values.get(known.name),
            source=f"policy:{policy.ref}",
            observed_at=policy.observed_at,
            valid_until=policy.valid_until,
            version=policy.version,
            teller=answer.teller or msgspec.UNSET,
        )
        news.append(FactSuperseded(id=known.id, fact=name_answer(state.facts.date(newer))))
        told = state.facts.find_told(subject=ref, name=known.name, line=_name_line(event))
        is_other = is_other or any(before.value != newer.value for before in (known, told) if before)
    if not is_other:
        return ()
    return (*news, NoticeGiven(notice="policy.changed", ref=ref, text=_say_policy_news(state, event, policy)))


def _list_overtaken(state: ConversationState, event: PolicyChanged) -> list[Fact]:
    """What is known of the policy; where it was told of several scopes, what was told of this one."""
    ref, line = EntityRef("policy", event.name), _name_line(event)
    known = [fact for fact in state.facts.canonical.values() if fact.subject == ref]
    told = [state.facts.find_told(subject=ref, name=fact.name, line=line) for fact in known]
    return [
        fact if get_line(fact) == line or before is None else before
        for fact, before in zip(known, told, strict=True)
    ]


def _say_policy_news(state: ConversationState, event: PolicyChanged, policy: PolicyRecord) -> str:
    """What it was when the shopper asked and what it is now, where one period says it; else how it reads now."""
    book = find_book(state.transcript.locale)
    title = name_policy(event.name, title=event.title, book=book)
    # A policy of a scope that was never told: what was told still holds elsewhere.
    told = _find_told(state, event)
    changed = find_period_change(before=str(told.value), now=policy.text, book=book) if told else None
    if changed:
        return book.say("notice.policy.period", seed=0, title=title, before=changed[0], now=changed[1])
    if len(policy.text) <= LONGEST_TEXT:
        return book.say("notice.policy.text", seed=0, title=title, text=policy.text)
    return book.say("notice.policy", seed=0, title=title)


def list_promotion_news(
    state: ConversationState,
    event: PromotionChanged,
    *,
    promotions: Sequence[PromotionRecord],
    teller: int,
) -> tuple[Event, ...]:
    """A promotion that the shopper was told of has another title or other terms, or holds no more."""
    news: list[Event] = []
    held = {promotion.code or promotion.title: promotion for promotion in promotions}
    for key in dict.fromkeys(name for name in (event.code, event.title) if name):
        ref = EntityRef("promotion", key)
        told = state.facts.find_cited(subject=ref, name="promotion")
        known = state.facts.find(subject=ref, name="promotion")
        if told is None or known is None:
            continue
        newer = _renew(known, promotion=held.get(key), event=event, teller=teller)
        if not says_otherwise(newer, before=known):
            continue
        same = "notice.promotion.terms" if told.value == newer.value else "notice.promotion"
        phrase = "notice.promotion.over" if newer.value is None else same
        book = find_book(state.transcript.locale)
        text = book.say(phrase, seed=0, title=str(told.value), now=str(newer.value or ""))
        news += [
            FactSuperseded(id=known.id, fact=name_answer(state.facts.date(newer))),
            NoticeGiven(notice="promotion.changed", ref=ref, text=text),
        ]
    return tuple(news)


def _renew(known: Fact, *, promotion: PromotionRecord | None, event: PromotionChanged, teller: int) -> Fact:
    return Fact(
        id="",
        subject=known.subject,
        name="promotion",
        value=promotion.title if promotion else None,
        source=name_promotions(promotion.terms) if promotion else known.source,
        observed_at=event.at,
        version=promotion.version if promotion else known.version,
        teller=teller or msgspec.UNSET,
    )
