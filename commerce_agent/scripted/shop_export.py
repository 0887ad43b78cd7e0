"""The shop of a conversation, set back to what the conversation first saw of it, as files that a script names."""

import csv
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from catalog.ids import MerchantId
from catalog.models import Order, Policy, Promotion, Variant
from conversations.events import Recorded
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


def write_shop_feed(*, merchant: MerchantId, events: tuple[Recorded, ...], path: Path) -> None:
    """Writes the merchant's goods as a feed.

    Price and stock are those that the conversation observed first, where it observed any, else those of now.
    """
    seen = _list_first_seen(events)
    promoted = has_promotions(merchant=merchant)
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


def has_promotions(*, merchant: MerchantId) -> bool:
    """Whether what shoppers pay may differ from the prices that the shop set."""
    return Promotion.objects.filter(merchant_id=merchant, active=True).exists()


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
            "applies_to": _tell_scope(policy.scope, policy.scope_value),
            **_tell_validity(policy),
        }
        for policy in policies
        if policy.version <= first.get(_name_policy(policy), policy.version)
    ]


def list_promotions_of(*, merchant: MerchantId) -> list[Plain]:
    """The shop's active promotions, as a script writes them."""
    promotions = Promotion.objects.filter(merchant_id=merchant, active=True).order_by("pk")
    return [_tell_promotion(promotion) for promotion in promotions.select_related("merchant")]


def list_orders_of(*, merchant: MerchantId, customer_key: str, before: datetime) -> list[Plain]:
    """The orders that the shopper had placed before an instant, as a script writes them."""
    orders = Order.objects.filter(merchant_id=merchant, customer_key=customer_key, placed_at__lt=before)
    return [
        {
            "number": order.number,
            "status": order.status,
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


def _get_row(variant: Variant, *, seen: Seen, promoted: bool) -> tuple[str, ...]:
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


def _find_prices(variant: Variant, *, seen: Seen, promoted: bool) -> tuple[str, str]:
    """Price and sale price. Under promotions what was paid says nothing of a sale, so the catalogue does."""
    listed, paid = seen.get((variant.sku, "list_price")), seen.get((variant.sku, "price"))
    sale = variant.sale_price
    written_sale = f"{sale.amount} {sale.currency}" if sale else ""
    if listed is None or not isinstance(listed.value, Amount):
        return f"{variant.price.amount} {variant.price.currency}", written_sale
    price = f"{listed.value.amount} {listed.value.currency}"
    if promoted or paid is None or not isinstance(paid.value, Amount):
        return price, written_sale
    return price, f"{paid.value.amount} {paid.value.currency}" if paid.value != listed.value else ""


def _tell_scope(scope: str, value: str) -> str | dict[str, str]:
    return {scope: value} if value else scope


def _tell_validity(row: Policy | Promotion) -> Plain:
    return dict(_list_validity(row))


def _list_validity(row: Policy | Promotion) -> Iterator[tuple[str, str]]:
    if row.valid_from is not None:
        yield "valid_from", row.valid_from.isoformat()
    if row.valid_until is not None:
        yield "valid_until", row.valid_until.isoformat()


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
        "applies_to": _tell_scope(promotion.scope, promotion.scope_value),
        **({"requires": requires} if requires else {}),
        **_tell_validity(promotion),
    }
