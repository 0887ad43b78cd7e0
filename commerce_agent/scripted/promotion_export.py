"""Which of a shop's promotions held when a conversation began, and which began or ended in the middle of it.

A journal holds no promotion's terms, so those are the shop's of now. When each held is read off the prices that the
conversation was answered and heard of: a promotion that would have lowered one and did not was not there.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from moneyed import Money

from catalog.ids import MerchantId
from catalog.models import Promotion
from catalog.products.discounts import Discount
from catalog.promotions.choosing import choose_discount
from commerce_agent.scripted.scopes import tell_scope, tell_validity
from commerce_agent.tools.answers import AnswersUnreadable, list_noted_offers, unpack_answers
from commerce_agent.tools.offers import Offer
from conversations.events import Recorded
from conversations.events.decisions import Basis, DecisionMade
from conversations.events.facts import Amount, FactSuperseded
from conversations.events.messages import TurnStarted

Plain = dict[str, Any]


class Promoted(msgspec.Struct, frozen=True, kw_only=True):
    """The promotions of a conversation's shop, as a script writes them."""

    at_first: tuple[Plain, ...]
    turned: dict[int, tuple[Plain, ...]]
    """Those that began or ended later, by the seq of the event before which they did."""
    before: dict[str, Money]
    """What each item that the conversation was answered of cost without them at first, by its SKU."""
    own: frozenset[int]
    """The seqs of news of prices that no promotion made, but the shop: a sale that ended."""

    @property
    def is_any(self) -> bool:
        """Whether what shoppers paid may differ from the prices that the shop set."""
        return bool(self.at_first or self.turned)


class _Answered(msgspec.Struct, frozen=True, kw_only=True):
    """What the conversation was last answered of an item's price."""

    offer: Offer
    tier: str
    before: Money
    """What it costs without a promotion."""


class _Watched:
    """One promotion, followed through the conversation."""

    def __init__(self, row: Promotion) -> None:
        self.row = row
        self.discount = _make_discount(row)
        self.at_first: bool | None = None
        self.holds: bool | None = None
        """None while nothing tells."""
        self.turned: list[tuple[int, bool]] = []

    def note(self, *, holds: bool | None, seq: int) -> None:
        if holds is None:
            return
        if self.holds is None:
            self.at_first = holds
        elif holds != self.holds:
            self.turned.append((seq, holds))
        self.holds = holds

    def find_price(self, answered: _Answered, *, at: datetime) -> Decimal | None:
        """What the item costs where this is the one promotion that holds; None where it is no cheaper by it, or may
        be for a reason of its own: a code, a tier, a total or a date.
        """
        row = self.row
        if row.code is not None or row.min_total is not None:
            return None
        if row.requires_tier and row.requires_tier.lower() != answered.tier:
            return None
        if (row.valid_from and row.valid_from > at) or (row.valid_until and row.valid_until <= at):
            return None
        item, before = answered.offer.item, answered.before
        applied = choose_discount(
            (self.discount,), price=before, sku=item.sku, brand=item.brand, category=item.category
        )
        return before.amount - applied.saving.amount if applied else None


def list_promotions_of(*, merchant: MerchantId, events: tuple[Recorded, ...]) -> Promoted:
    """The shop's promotions as the conversation met them; one that it never met, as it is now."""
    rows = Promotion.objects.filter(merchant_id=merchant).select_related("merchant").order_by("pk")
    watched = [_Watched(row) for row in rows]
    before: dict[str, Money] = {}
    own = frozenset(_follow(watched, events, before=before))
    turned: dict[int, tuple[Plain, ...]] = {}
    for each in watched:
        for seq, holds in each.turned:
            told = _tell_promotion(each.row) if holds else {**_tell_promotion(each.row), "active": False}
            turned[seq] = (*turned.get(seq, ()), told)
    return Promoted(
        at_first=tuple(
            _tell_promotion(each.row)
            for each in watched
            if (each.row.active if each.at_first is None else each.at_first)
        ),
        turned=turned,
        before=before,
        own=own,
    )


def _follow(
    watched: list[_Watched], events: tuple[Recorded, ...], *, before: dict[str, Money]
) -> Iterator[int]:
    """Notes when each held, and what each item cost without them at first; gives the news that are the shop's own."""
    answered: dict[str, _Answered] = {}
    started = 0
    for recorded in events:
        match recorded.event:
            case TurnStarted():
                started = recorded.seq
            case DecisionMade(basis=Basis() as basis):
                for each in _list_answered(basis):
                    answered[each.offer.item.sku] = each
                    before.setdefault(each.offer.item.sku, each.before)
                    _read_answer(watched, each, at=basis.at, seq=started)
            case FactSuperseded(order=msgspec.UNSET, fact=fact) if (
                recorded.turn == 0 and fact.name == "list_price"
            ):
                # What the shop set has changed: what it comes to is not known before it is asked for.
                answered.pop(fact.subject.key, None)
            case FactSuperseded(order=msgspec.UNSET, fact=fact) if (
                recorded.turn == 0 and fact.name == "price"
            ):
                last = answered.get(fact.subject.key)
                if last is None or not isinstance(fact.value, Amount):
                    continue
                explained = _hear_price(watched, last, costs=fact.value.amount, recorded=recorded)
                if not explained and not last.offer.price.promotions:
                    answered.pop(fact.subject.key)
                    yield recorded.seq


def _list_answered(basis: Basis) -> Iterator[_Answered]:
    """What a turn was answered of prices, but for what could not be asked for."""
    try:
        packed = unpack_answers(basis.answers)
        offers = list_noted_offers(packed)
    except AnswersUnreadable:
        return
    for offer in offers:
        if not offer.price.stale:
            taken_off = sum((applied.saving.amount for applied in offer.price.promotions), Decimal(0))
            paid = offer.price.price
            before = Money(paid.amount + taken_off, paid.currency)
            yield _Answered(offer=offer, tier=(packed.context.tier or "").lower(), before=before)


def _read_answer(watched: list[_Watched], answered: _Answered, *, at: datetime, seq: int) -> None:
    applied = {each.id for each in answered.offer.price.promotions}
    paid = answered.offer.price.price.amount
    for each in watched:
        price = each.find_price(answered, at=at)
        if each.row.pk in applied:
            each.note(holds=True, seq=seq)
        elif price is not None and price < paid:
            each.note(holds=False, seq=seq)


def _hear_price(watched: list[_Watched], answered: _Answered, *, costs: Decimal, recorded: Recorded) -> bool:
    """The price changed and the list price did not: whether a promotion began that makes it so, or one ended."""
    ended = False
    for each in watched:
        price = each.find_price(answered, at=recorded.at)
        if price is None:
            continue
        if each.holds is False and price == costs:
            each.note(holds=True, seq=recorded.seq)
            return True
        if each.holds and costs == answered.before.amount:
            each.note(holds=False, seq=recorded.seq)
            ended = True
    return ended


def _make_discount(row: Promotion) -> Discount:
    fields = {name: getattr(row, name) for name in Discount.__struct_fields__}
    return Discount(**fields)


def _tell_promotion(promotion: Promotion) -> Plain:
    currency = promotion.merchant.currency
    requires: Plain = {}
    if promotion.requires_tier:
        requires["tier"] = promotion.requires_tier
    if promotion.min_total is not None:
        requires["min_total"] = f"{promotion.min_total} {currency}"
    discount = (
        {"percent": float(promotion.percent)}
        if promotion.percent is not None
        else {"amount": f"{promotion.amount} {currency}"}
    )
    return {
        "code": promotion.code,
        "title": promotion.title,
        "discount": discount,
        "applies_to": tell_scope(promotion.scope, value=promotion.scope_value),
        **({"requires": requires} if requires else {}),
        **tell_validity(promotion),
    }
