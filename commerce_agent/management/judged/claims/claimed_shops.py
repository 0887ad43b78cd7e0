"""The invented shops of the wrong-claim measure, as a conversation knows a shop: by entities and facts."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import msgspec

from conversations.events import Event, Recorded
from conversations.events.entities import EntitiesShown, Entity
from conversations.events.facts import Amount, Fact, FactsObserved, FactValue
from conversations.ids import EntityRef
from conversations.state import ConversationState, apply

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """Something to sell."""

    sku: str
    name: str
    price: Decimal
    list: Decimal
    stock: int


class Promoted(msgspec.Struct, frozen=True, kw_only=True):
    """A promotion with a code."""

    code: str
    title: str
    percent: int
    until: date


class Returns(msgspec.Struct, frozen=True, kw_only=True):
    """How long goods may be sent back."""

    days: int
    text: str


class Warranty(msgspec.Struct, frozen=True, kw_only=True):
    """How long goods are covered."""

    years: int
    text: str


class Shipping(msgspec.Struct, frozen=True, kw_only=True):
    """How long delivery takes, and above which sum it is free."""

    low: int
    high: int
    over: Decimal
    text: str


class Promised(msgspec.Struct, frozen=True, kw_only=True):
    """A shop, and all that may be claimed of it."""

    currency: str
    items: tuple[Item, ...]
    promotion: Promoted
    returns: Returns
    warranty: Warranty
    shipping: Shipping


def make_state(shop: Promised) -> ConversationState:
    """A conversation that was shown everything in the shop and has read its terms."""
    entities = tuple(Entity(ref=EntityRef("variant", item.sku), name=item.name) for item in shop.items)
    facts = (*_list_item_facts(shop), *_list_term_facts(shop))
    state = ConversationState()
    events: tuple[Event, ...] = (EntitiesShown(entities=entities), FactsObserved(facts=facts))
    for event in events:
        state = apply(state, Recorded(seq=state.version + 1, frame=None, at=NOW, turn=1, event=event))
    return state


def _list_item_facts(shop: Promised) -> tuple[Fact, ...]:
    facts: list[Fact] = []
    for item in shop.items:
        values: dict[str, FactValue] = {
            "price": Amount(amount=item.price, currency=shop.currency),
            "list_price": Amount(amount=item.list, currency=shop.currency),
            "stock": item.stock,
            "availability": "in_stock" if item.stock > 0 else "out_of_stock",
        }
        facts.extend(
            _make_fact(EntityRef("variant", item.sku), name=name, value=value)
            for name, value in values.items()
        )
    return tuple(facts)


def _list_term_facts(shop: Promised) -> tuple[Fact, ...]:
    promotion = EntityRef("promotion", shop.promotion.code)
    until = datetime.combine(shop.promotion.until, time(23, 59), tzinfo=UTC)
    told = [_make_fact(promotion, name="promotion", value=shop.promotion.title, valid_until=until)]
    for name, text in (
        ("returns", shop.returns.text),
        ("warranty", shop.warranty.text),
        ("shipping", shop.shipping.text),
    ):
        told.append(_make_fact(EntityRef("policy", name), name=f"policy.{name}", value=text))
    return tuple(told)


def _make_fact(
    subject: EntityRef, *, name: str, value: FactValue, valid_until: datetime | None = None
) -> Fact:
    return Fact(
        id=f"{subject.key}:{name}",
        subject=subject,
        name=name,
        value=value,
        source="test",
        observed_at=NOW,
        valid_until=valid_until,
    )
