"""Orders, as they were sold."""

import logging
from decimal import Decimal

from django.conf import settings
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from djmoney.money import Money
from typing_extensions import override

from catalog.connectors.sealing import SecretUnreadable
from catalog.ids import MerchantId
from catalog.models import Order, OrderChange, OrderLine, OrderStatus
from catalog.orders import AddressBook, AddressUnreadable
from commerce_agent.console.base import EMBED_THE_CHAT, MerchantFilter, ReadOnlyInline, display
from commerce_agent.console.filters import OriginFilter, PlacedFilter
from commerce_agent.console.personal import PersonalAdmin, cover
from commerce_agent.console.pictures import show_badge, show_moment, show_money, show_sums

logger = logging.getLogger(__name__)

MOODS = {
    OrderStatus.PENDING: "low",
    OrderStatus.PAID: "good",
    OrderStatus.SHIPPED: "good",
    OrderStatus.DELIVERED: "good",
    OrderStatus.CANCELLED: "none",
    OrderStatus.RETURN_REQUESTED: "low",
    OrderStatus.EXCHANGE_REQUESTED: "low",
    OrderStatus.RETURNED: "none",
}


class OrderLineInline(ReadOnlyInline):
    """What was bought."""

    model = OrderLine
    fields = ("sku", "title", "quantity", "unit_price", "charged", "returned")
    readonly_fields = fields
    verbose_name_plural = "Items"


class OrderChangeInline(ReadOnlyInline):
    """What happened to it since, and by which rule."""

    model = OrderChange
    fields = ("at", "kind", "amount", "policy", "asked")
    readonly_fields = fields
    verbose_name_plural = "What happened"

    @display(description="Asked for")
    def asked(self, change: OrderChange) -> str:
        """Where it was asked for."""
        return "In the chat" if change.token else "In the shop"


class OrderAdmin(PersonalAdmin):
    """What was bought. Orders are kept by the shop's own system; here they are only shown."""

    when_empty = "What is bought in the chat stands here, and what your shop tells us of."
    next_step = EMBED_THE_CHAT
    list_display = ("number", "placed", "customer", "items", "total_shown", "state", "source", "merchant")
    list_filter = (MerchantFilter, PlacedFilter, OriginFilter, "status")
    list_select_related = ("merchant",)
    search_fields = ("number", "customer_key__exact", "lines__sku")
    search_help_text = "Order number, customer or SKU"
    fields = (
        "number",
        "state",
        "placed",
        "customer",
        "total_shown",
        "discount_shown",
        "shipping_shown",
        "tax_shown",
        "refunded_shown",
        "goes_to",
        "source",
    )
    readonly_fields = fields
    inlines = (OrderLineInline, OrderChangeInline)
    list_before_template = "admin/sums.html"

    @override
    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """The list, with what is listed comes to: the sums of the first page lead here."""
        listed: ChangeList = super().get_changelist_instance(request)
        listed.sums = show_sums(listed.queryset)  # type: ignore[attr-defined]  # for the template
        return listed

    @override
    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        """The orders with their lines."""
        found: QuerySet[Order] = super().get_queryset(request)
        return found.prefetch_related("lines")

    @display(description="When", ordering="placed_at")
    def placed(self, order: Order) -> SafeString:
        """When it was placed."""
        return show_moment(order.placed_at)

    @display(description="Customer")
    def customer(self, order: Order) -> str:
        """The shop's own key of the customer."""
        return cover(order, order.customer_key or "") or "Anonymous"

    @display(description="Items")
    def items(self, order: Order) -> int:
        """How many pieces."""
        return sum(line.quantity for line in order.lines.all())

    @display(description="Total", ordering="total")
    def total_shown(self, order: Order) -> str:
        """What it came to."""
        return show_money(order.total)

    @display(description="Discount in the total")
    def discount_shown(self, order: Order) -> str:
        """What promotions took off the whole order."""
        return _show_part(order, order.discount)

    @display(description="Shipping in the total")
    def shipping_shown(self, order: Order) -> str:
        """What bringing it costs."""
        return _show_part(order, order.shipping)

    @display(description="Tax in the total")
    def tax_shown(self, order: Order) -> str:
        """The tax, whether the prices held it or it was added."""
        return _show_part(order, order.tax)

    @display(description="Refunded")
    def refunded_shown(self, order: Order) -> str:
        """What has gone back of the total, or is about to."""
        return _show_part(order, order.refunded)

    @display(description="State", ordering="status")
    def state(self, order: Order) -> SafeString:
        """Where it stands."""
        return show_badge(mood=MOODS[OrderStatus(order.status)], words=order.get_status_display())

    @display(description="Address")
    def goes_to(self, order: Order) -> str:
        """Where it goes, as the customer wrote it."""
        book = AddressBook(merchant=MerchantId(str(order.merchant_id)), keys=settings.KEY_ENCRYPTION_KEYS)
        try:
            return cover(order, book.open_of_order(order) or "") or "-"
        except (AddressUnreadable, SecretUnreadable):
            logger.exception("order address", extra={"action": "address.unreadable", "order": order.pk})
            return "It does not open: see the log"

    @display(description="Placed")
    def source(self, order: Order) -> str:
        """Whether it came from the chat."""
        return "In the chat" if order.token else "In the shop"


def _show_part(order: Order, amount: Decimal) -> str:
    return show_money(Money(amount, order.total.currency))
