"""The shop of a conversation, set back to what the conversation first saw of it, as files that a script names."""

import csv
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from catalog.ids import MerchantId
from catalog.models import Order, Policy, Variant
from commerce_agent.scripted.promotion_export import Promoted
from commerce_agent.scripted.scopes import tell_scope, tell_validity
from commerce_agent.tools.answers import AnswersUnreadable, list_noted_orders, unpack_answers
from conversations.events import Recorded
from conversations.events.decisions import Basis, DecisionMade
from conversations.events.facts import Amount, Fact, FactsObserved

Plain = dict[str, Any]
Seen = dict[tuple[str, str], Fact]
"""What was first observed of each item: by SKU and the fact's name."""

COLUMNS = (
    "id",
    "item_group_id",
    "title",
    "description",
    "link",
    "image_link",
    "availability",
    "quantity",
    "price",
    "sale_price",
    "brand",
    "color",
    "size",
    "material",
    "pattern",
    "product_type",
    "product_detail",
    "rating",
    "rating_count",
)


def write_shop_feed(
    *, merchant: MerchantId, events: tuple[Recorded, ...], path: Path, promoted: Promoted
) -> None:
    """Writes the merchant's goods as a feed.

    Price and stock are those that the conversation observed first, where it observed any, else those of now.
    """
    seen = _list_first_seen(events)
    variants = (
        Variant.objects.filter(merchant_id=merchant)
        .select_related("product__brand", "product__category", "stock")
        .order_by("position", "pk")
    )
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, dialect="excel-tab")
        rows.writerow(COLUMNS)
        for variant in variants.iterator(chunk_size=500):
            rows.writerow(_get_row(variant, seen=seen, promoted=promoted))


def list_policies_of(*, merchant: MerchantId, at: datetime, events: tuple[Recorded, ...]) -> list[Plain]:
    """The policies that were in the shop at an instant, as a script writes them.

    Of one that the conversation saw, nothing later than the version it saw first: news tells of the others.
    """
    first = _list_first_policies(events)
    policies = Policy.objects.filter(merchant_id=merchant, observed_at__lte=at).order_by("pk")
    return [
        {
            "name": policy.name,
            "title": policy.title,
            "text": policy.text,
            "terms": policy.terms,
            "version": policy.version,
            "applies_to": tell_scope(policy.scope, value=policy.scope_value),
            **tell_validity(policy),
        }
        for policy in policies
        if policy.version <= first.get(_name_policy(policy), policy.version)
    ]


def list_orders_of(
    *, merchant: MerchantId, customer_key: str, before: datetime, events: tuple[Recorded, ...]
) -> list[Plain]:
    """The orders that the shopper had placed before an instant, as a script writes them, each as the conversation
    first heard of it.
    """
    first = _list_first_states(events)
    orders = Order.objects.filter(merchant_id=merchant, customer_key=customer_key, placed_at__lt=before)
    return [
        {
            "number": order.number,
            "status": first.get(order.number, order.status),
            "placed_at": order.placed_at.isoformat(),
            "lines": [
                {
                    "sku": line.sku,
                    "quantity": line.quantity,
                    "unit_price": f"{line.unit_price.amount} {line.unit_price.currency}",
                }
                for line in order.lines.all()
            ],
        }
        for order in orders.order_by("pk").prefetch_related("lines")
    ]


def _list_first_seen(events: tuple[Recorded, ...]) -> Seen:
    seen: Seen = {}
    for recorded in events:
        if isinstance(recorded.event, FactsObserved):
            for fact in recorded.event.facts:
                if fact.subject.kind == "variant":
                    seen.setdefault((fact.subject.key, fact.name), fact)
    return seen


def _list_first_states(events: tuple[Recorded, ...]) -> dict[str, str]:
    """How each order stood when the conversation first heard of it, by its number."""
    first: dict[str, str] = {}
    for recorded in events:
        match recorded.event:
            case DecisionMade(basis=Basis() as basis):
                with suppress(AnswersUnreadable):
                    for order in list_noted_orders(unpack_answers(basis.answers)):
                        first.setdefault(order.number, order.status)
    return first


def _list_first_policies(events: tuple[Recorded, ...]) -> dict[str, int]:
    """The version of each policy that was observed first, by `returns/category:Lamps`."""
    first: dict[str, int] = {}
    for recorded in events:
        if isinstance(recorded.event, FactsObserved):
            for fact in recorded.event.facts:
                if fact.source.startswith("policy:"):
                    name = fact.source.removeprefix("policy:").rpartition("@")[0]
                    first.setdefault(name, fact.version)
    return first


def _name_policy(policy: Policy) -> str:
    return policy.ref.rpartition("@")[0]


def _get_row(variant: Variant, *, seen: Seen, promoted: Promoted) -> tuple[str, ...]:
    product = variant.product
    quantity, availability = _find_stock(variant, seen=seen)
    price, sale = _find_prices(variant, seen=seen, promoted=promoted)
    details = ",".join(f"Details:{name}:{value}" for name, value in variant.attributes.items())
    return (
        variant.sku,
        product.group_key,
        product.title or variant.title,
        product.description,
        variant.link,
        variant.image_link,
        availability,
        quantity,
        price,
        sale,
        product.brand.name if product.brand else "",
        variant.color,
        variant.size,
        variant.material,
        variant.pattern,
        product.category.path if product.category else "",
        details,
        "" if product.rating is None else str(product.rating),
        str(product.rating_count),
    )


def _find_stock(variant: Variant, *, seen: Seen) -> tuple[str, str]:
    level = getattr(variant, "stock", None)
    quantity = level.quantity if level is not None else None
    first = seen.get((variant.sku, "stock"))
    if first is not None and isinstance(first.value, int):
        quantity = first.value
    word = variant.availability
    if quantity is not None and word in ("in_stock", "out_of_stock"):
        word = "in_stock" if quantity else "out_of_stock"
    return "" if quantity is None else str(quantity), word


def _find_prices(variant: Variant, *, seen: Seen, promoted: Promoted) -> tuple[str, str]:
    """Price and sale price. Where only what was paid is known, and promotions hold, the catalogue tells of the sale."""
    listed, paid = seen.get((variant.sku, "list_price")), seen.get((variant.sku, "price"))
    sale = variant.sale_price
    written_sale = f"{sale.amount} {sale.currency}" if sale else ""
    if listed is None or not isinstance(listed.value, Amount):
        return f"{variant.price.amount} {variant.price.currency}", written_sale
    price = f"{listed.value.amount} {listed.value.currency}"
    if before := promoted.before.get(variant.sku):
        return price, f"{before.amount} {before.currency}" if before.amount != listed.value.amount else ""
    if promoted.is_any or paid is None or not isinstance(paid.value, Amount):
        return price, written_sale
    return price, f"{paid.value.amount} {paid.value.currency}" if paid.value != listed.value else ""
