"""What became of the shop's terms, held against what this shopper was told of them."""

from collections.abc import Sequence

from catalog.events import PolicyChanged, PromotionChanged
from catalog.policies import PolicyAnswer
from catalog.promotions import PromotionRecord
from commerce_agent.agent.phrases import get_book
from conversations.events import Event
from conversations.events.facts import Fact, FactSuperseded, FactValue
from conversations.events.messages import NoticeGiven
from conversations.ids import EntityRef
from conversations.state import ConversationState


def tells_policy(state: ConversationState, event: PolicyChanged) -> bool:
    """Whether the shopper was told an older version of this very policy."""
    ref, name = EntityRef("policy", event.name), f"policy.{event.name}"
    told, known = state.facts.find_cited(subject=ref, name=name), state.facts.find(subject=ref, name=name)
    scope = event.scope if event.scope == "store" else f"{event.scope}:{event.scope_value}"
    same_scope = told is not None and told.source.partition("@")[0] == f"policy:{event.name}/{scope}"
    return told is not None and known is not None and same_scope and known.version < event.version


def list_policy_news(
    state: ConversationState, event: PolicyChanged, *, answer: PolicyAnswer
) -> tuple[Event, ...]:
    """The text and the terms as they are now, and a word about it."""
    ref, policy = EntityRef("policy", event.name), answer.chosen
    values: dict[str, FactValue] = {f"policy.{event.name}": policy.text}
    for term, value in policy.terms.items():
        values[f"{event.name}.{term}"] = ", ".join(map(str, value)) if isinstance(value, list) else value
    news: list[Event] = []
    for known in state.facts.canonical.values():
        if known.subject != ref:
            continue
        # A term that the new version does not have any more holds no longer.
        newer = Fact(
            id=f"{known.name}@{policy.version}",
            subject=ref,
            name=known.name,
            value=values.get(known.name),
            source=f"policy:{policy.ref}",
            observed_at=policy.observed_at,
            valid_until=policy.valid_until,
            version=policy.version,
        )
        news.append(FactSuperseded(id=known.id, fact=newer))
    text = get_book("en").say("notice.policy", seed=0, title=event.title or event.name.replace("_", " "))
    return (*news, NoticeGiven(notice="policy.changed", ref=ref, text=text))


def list_promotion_news(
    state: ConversationState, event: PromotionChanged, *, promotions: Sequence[PromotionRecord]
) -> tuple[Event, ...]:
    """A promotion that the shopper was told of has another title, or holds no more."""
    news: list[Event] = []
    held = {promotion.code or promotion.title: promotion.title for promotion in promotions}
    for key in dict.fromkeys(name for name in (event.code, event.title) if name):
        ref = EntityRef("promotion", key)
        told = state.facts.find_cited(subject=ref, name="promotion")
        known = state.facts.find(subject=ref, name="promotion")
        now = held.get(key)
        if told is None or known is None or known.value == now:
            continue
        newer = Fact(
            id=f"promotion/{key}@{event.at.isoformat()}",
            subject=ref,
            name="promotion",
            value=now,
            source=known.source,
            observed_at=event.at,
            version=known.version,
        )
        phrase = "notice.promotion.over" if now is None else "notice.promotion"
        text = get_book("en").say(phrase, seed=0, title=str(told.value), now=now or "")
        news += [
            FactSuperseded(id=known.id, fact=newer),
            NoticeGiven(notice="promotion.changed", ref=ref, text=text),
        ]
    return tuple(news)
