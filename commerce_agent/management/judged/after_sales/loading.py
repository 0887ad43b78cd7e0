"""A recorded shop as a merchant of the platform: goods, customers with means, orders with payments, rules."""

import json
import uuid
from collections import Counter
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db import transaction

from catalog.feeds import load_policies
from catalog.ids import MerchantId
from catalog.merchants import create_merchant
from catalog.models import (
    ChangeKind,
    Customer,
    OrderChange,
    OrderLine,
    Payment,
    PaymentMeans,
    StockLevel,
)
from catalog.models import Order as OrderRow
from catalog.models import Product as ProductRow
from catalog.models import Variant as VariantRow
from catalog.orders import AddressBook
from commerce_agent.composition import Platform
from commerce_agent.management.judged.after_sales.shapes import Order, Store, User
from conversations.ids import MerchantId as TalkMerchantId
from conversations.service import Contact

CURRENCY = "USD"
"""The format names none, and none of its sums is turned into another."""
WORDS = {
    "pending": "pending",
    "processed": "paid",
    "paid": "paid",
    "shipped": "shipped",
    "delivered": "delivered",
    "cancelled": "cancelled",
    "canceled": "cancelled",
    "return requested": "return_requested",
    "exchange requested": "exchange_requested",
    "returned": "returned",
}
"""The platform's state for the format's word; any other is one in which nothing can be done any more."""
MODIFIED = "pending (item modified)"


def find_state(status: str) -> str:
    """The platform's state of an order with this word."""
    return "pending" if status.startswith("pending") else WORDS.get(status.lower(), "shipped")


def write_address(address: dict[str, str | None]) -> str:
    """An address as one writes it, a line for each of its parts."""
    return "\n".join(part or "" for part in address.values()).strip()


def load_shop(store: Store, *, now: datetime) -> MerchantId:
    """Makes a shop of its own with everything of the store but its people's names, and answers it."""
    key = f"evaluate-{uuid.uuid4().hex[:12]}"
    with transaction.atomic():
        made = create_merchant(key=key, name="Evaluation", currency=CURRENCY, ephemeral=True)
        merchant = MerchantId(str(made.id))
        _load_goods(store, merchant=merchant, now=now)
        book = AddressBook(merchant=merchant, keys=settings.KEY_ENCRYPTION_KEYS)
        _load_customers(store, merchant=merchant, book=book)
        _load_orders(store, merchant=merchant, book=book, now=now)
        load_policies(merchant=merchant, source=_write_policies(store), now=now)
    return merchant


async def name_users(platform: Platform, store: Store, *, merchant: MerchantId, now: datetime) -> None:
    """Names the users as the merchant's shoppers: by these names and addresses they are found."""
    for key, user in store.users.items():
        await platform.conversations.shoppers.record(
            merchant=TalkMerchantId(merchant),
            key=key,
            name=user.name.whole,
            contact=Contact(email=user.email, postcode=_find_postcode(user)),
            at=now,
        )


def _find_postcode(user: User) -> str:
    return user.address.get("zip") or user.address.get("postcode") or user.address.get("postal_code") or ""


def _write_policies(store: Store) -> str:
    cancelling: dict[str, object] = {"items": "once"}
    if store.rules.cancel_reasons is not None:
        cancelling["reasons"] = list(store.rules.cancel_reasons)
    returning = {"window_days": store.rules.return_days, "requests": "once"}
    policies = [
        {"name": "cancellation", "text": "Pending orders may be changed, items once.", "terms": cancelling},
        {"name": "returns", "text": "Delivered orders may be sent back once.", "terms": returning},
    ]
    return json.dumps(policies)


def _load_goods(store: Store, *, merchant: MerchantId, now: datetime) -> None:
    products = ProductRow.objects.bulk_create(
        ProductRow(merchant_id=merchant, group_key=key, title=product.name)
        for key, product in store.products.items()
    )
    by_key = {row.group_key: row for row in products}
    variants = VariantRow.objects.bulk_create(
        VariantRow(
            merchant_id=merchant,
            product=by_key[key],
            sku=sku,
            title=product.name,
            price=variant.price,
            price_observed_at=now,
            availability="in_stock" if variant.available else "out_of_stock",
            attributes={name: str(value) for name, value in variant.options.items()},
        )
        for key, product in store.products.items()
        for sku, variant in product.variants.items()
    )
    counts = {
        sku: variant.quantity
        for product in store.products.values()
        for sku, variant in product.variants.items()
    }
    StockLevel.objects.bulk_create(
        StockLevel(merchant_id=merchant, variant=row, quantity=counts[row.sku], observed_at=now)
        for row in variants
    )


def _load_customers(store: Store, *, merchant: MerchantId, book: AddressBook) -> None:
    Customer.objects.bulk_create(
        Customer(
            merchant_id=merchant,
            key=key,
            sealed_address=book.seal_own(write_address(user.address), customer_key=key),
        )
        for key, user in store.users.items()
    )
    PaymentMeans.objects.bulk_create(
        PaymentMeans(
            merchant_id=merchant,
            customer_key=key,
            reference=book.seal_reference(reference, customer_key=key),
            source=method.source,
            label=book.seal_reference(f"{method.brand} {method.last_four}".strip(), customer_key=key),
            balance=method.balance,
        )
        for key, user in store.users.items()
        for reference, method in user.payment_methods.items()
    )


def _load_orders(store: Store, *, merchant: MerchantId, book: AddressBook, now: datetime) -> None:
    rows = OrderRow.objects.bulk_create(
        _make_order(number, order, merchant=merchant, book=book, now=now)
        for number, order in store.orders.items()
    )
    by_number = {row.number: row for row in rows}
    lines: list[OrderLine] = []
    payments: list[Payment] = []
    for number, order in store.orders.items():
        row = by_number[number]
        lines += _make_lines(order, row=row, merchant=merchant)
        payments += [
            Payment(
                merchant_id=merchant,
                order=row,
                kind=entry.transaction_type,
                method=book.seal_reference(entry.payment_method_id, customer_key=order.user_id),
                amount=entry.amount,
                at=now,
            )
            for entry in order.payment_history
        ]
    OrderLine.objects.bulk_create(lines)
    Payment.objects.bulk_create(payments)
    OrderChange.objects.bulk_create(
        OrderChange(merchant_id=merchant, order=by_number[number], kind=ChangeKind.ITEMS, at=now)
        for number, order in store.orders.items()
        if order.status.startswith("pending (item")
    )


def _make_order(
    number: str, order: Order, *, merchant: MerchantId, book: AddressBook, now: datetime
) -> OrderRow:
    state = find_state(order.status)
    return OrderRow(
        merchant_id=merchant,
        number=number,
        customer_key=order.user_id,
        placed_at=now,
        status=state,
        delivered_at=now if state == "delivered" else None,
        total=sum((item.price for item in order.items), Decimal(0)),
        sealed_address=book.seal_for_order(
            write_address(order.address), customer_key=order.user_id, number=number
        ),
        payment_method=book.seal_reference(
            order.payment_history[0].payment_method_id if order.payment_history else "",
            customer_key=order.user_id,
        ),
    )


def _make_lines(order: Order, *, row: OrderRow, merchant: MerchantId) -> list[OrderLine]:
    """Pieces of one item at one price are a line."""
    pieces = Counter((item.item_id, item.price, item.name) for item in order.items)
    return [
        OrderLine(
            merchant_id=merchant,
            order=row,
            sku=sku,
            title=name or sku,
            quantity=quantity,
            unit_price=price,
        )
        for (sku, price, name), quantity in pieces.items()
    ]
