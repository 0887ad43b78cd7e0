from typing import ClassVar

from django.db import models
from typing_extensions import override

from catalog.models.merchant import Merchant
from catalog.models.money import make_money_field


class OrderStatus(models.TextChoices):
    PENDING = "pending", "Pending"
    PAID = "paid", "Paid"
    SHIPPED = "shipped", "Shipped"
    DELIVERED = "delivered", "Delivered"
    CANCELLED = "cancelled", "Cancelled"


class Order(models.Model):
    """What a customer bought. The customer is an opaque key: who that is, the catalogue does not know."""

    merchant = models.ForeignKey(Merchant, models.CASCADE, related_name="orders", db_index=False)
    number = models.CharField(max_length=40)
    token = models.CharField(  # noqa: DJ001 - None: placed elsewhere
        max_length=100, null=True, blank=True, editable=False
    )
    customer_key = models.CharField(max_length=200, null=True, blank=True)  # noqa: DJ001 - None: anonymous
    placed_at = models.DateTimeField()
    status = models.CharField(max_length=16, choices=OrderStatus, default=OrderStatus.PENDING)
    total = make_money_field()

    objects: ClassVar[models.Manager["Order"]] = models.Manager()

    class Meta:
        ordering = ["-placed_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "number"], name="one_order_per_number"),
            models.UniqueConstraint(fields=["merchant", "token"], name="one_order_per_token"),
        ]
        indexes = [models.Index(fields=["merchant", "customer_key", "-placed_at"], name="orders_of_customer")]

    @override
    def __str__(self) -> str:
        return self.number


class OrderLine(models.Model):
    """One item of an order, as it was sold: later changes of the catalogue do not reach it."""

    merchant = models.ForeignKey(Merchant, models.CASCADE, related_name="+")
    order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
    sku = models.CharField(max_length=100)
    title = models.CharField(max_length=400)
    quantity = models.PositiveIntegerField()
    unit_price = make_money_field()

    objects: ClassVar[models.Manager["OrderLine"]] = models.Manager()

    class Meta:
        ordering = ["id"]

    @override
    def __str__(self) -> str:
        return f"{self.quantity} × {self.title}"
