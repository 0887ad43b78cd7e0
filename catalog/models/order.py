from typing import ClassVar

from django.db import models
from typing_extensions import override

from catalog.models.merchant import Merchant
from catalog.models.money import make_amount_field, make_money_field


class OrderStatus(models.TextChoices):
    PENDING = "pending", "Pending"
    PAID = "paid", "Paid"
    SHIPPED = "shipped", "Shipped"
    DELIVERED = "delivered", "Delivered"
    CANCELLED = "cancelled", "Cancelled"
    RETURN_REQUESTED = "return_requested", "Return requested"
    EXCHANGE_REQUESTED = "exchange_requested", "Exchange requested"
    RETURNED = "returned", "Returned"


class ChangeKind(models.TextChoices):
    PLACED = "placed", "Placed"
    CANCEL = "cancel", "Cancelled"
    ADDRESS = "address", "Address changed"
    PAYMENT = "payment", "Payment changed"
    ITEMS = "items", "Items changed"
    RETURN = "return", "Return requested"
    EXCHANGE = "exchange", "Exchange requested"
    STATUS = "status", "Status changed"


class Order(models.Model):
    """What a customer bought. The customer is an opaque key: who that is, the catalogue does not know."""

    merchant = models.ForeignKey(Merchant, models.CASCADE, related_name="orders", db_index=False)
    number = models.CharField(max_length=40)
    token = models.CharField(  # noqa: DJ001 - None: placed elsewhere
        max_length=100, null=True, blank=True, editable=False
    )
    customer_key = models.CharField(max_length=200, null=True, blank=True)  # noqa: DJ001 - None: anonymous
    placed_at = models.DateTimeField()
    status = models.CharField(max_length=24, choices=OrderStatus, default=OrderStatus.PENDING)
    delivered_at = models.DateTimeField(null=True, blank=True)
    total = make_money_field()
    discount = make_amount_field(help_text="Promotions that came off the whole order; in the total.")
    shipping = make_amount_field(help_text="In the total.")
    tax = make_amount_field(help_text="In the total, whether the prices held it or it was added.")
    refunded = make_amount_field(help_text="What has gone back of the total, or is about to.")
    sealed_address = models.BinaryField(
        blank=True,
        default=b"",
        db_default=b"",
        editable=False,
        help_text="Where it goes, as the customer wrote it. Cleared on erasure.",
    )
    payment_method = models.CharField(
        max_length=200,
        blank=True,
        db_default="",
        help_text="The checkout's own reference, sealed; never a card number.",
    )
    version = models.BigIntegerField(default=1, db_default=1, editable=False)

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
    charged = models.DecimalField(
        max_digits=14,
        decimal_places=3,
        null=True,
        blank=True,
        help_text="Paid for the whole line after promotions, with tax; empty: quantity times price.",
    )
    returned = models.PositiveIntegerField(db_default=0, help_text="Pieces sent back or exchanged.")

    objects: ClassVar[models.Manager["OrderLine"]] = models.Manager()

    class Meta:
        ordering = ["id"]

    @override
    def __str__(self) -> str:
        return f"{self.quantity} × {self.title}"


class OrderChange(models.Model):
    """What happened to an order, once for each token: placing it, and every change after the sale."""

    merchant = models.ForeignKey(Merchant, models.CASCADE, related_name="+", db_index=False)
    order = models.ForeignKey(Order, models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=16, choices=ChangeKind)
    token = models.CharField(  # noqa: DJ001 - None: made elsewhere
        max_length=100, null=True, blank=True, editable=False
    )
    at = models.DateTimeField()
    amount = make_amount_field(help_text="Goes back when below nothing, is owed when above.")
    policy = models.CharField(max_length=200, blank=True, db_default="", help_text="The rule it rests on.")
    detail = models.JSONField(default=dict, blank=True)

    objects: ClassVar[models.Manager["OrderChange"]] = models.Manager()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["merchant", "token"], name="one_change_per_token")]

    @override
    def __str__(self) -> str:
        return self.get_kind_display()


class OrderAttempt(models.Model):
    """What was asked of whoever keeps the orders, until the one who asked has been told what came of it."""

    merchant = models.ForeignKey(Merchant, models.CASCADE, related_name="+", db_index=False)
    token = models.CharField(max_length=100)
    origin = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["merchant", "token"], name="one_attempt_per_token")]

    @override
    def __str__(self) -> str:
        return f"{self.token} at {self.at:%H:%M:%S}"


class Reservation(models.Model):
    """Pieces set aside for an order that is being placed; it lets go of them by itself."""

    merchant = models.ForeignKey(Merchant, models.CASCADE, related_name="+", db_index=False)
    sku = models.CharField(max_length=100)
    token = models.CharField(max_length=100)
    quantity = models.PositiveIntegerField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "sku", "token"], name="one_reservation_per_token")
        ]

    @override
    def __str__(self) -> str:
        return f"{self.quantity} until {self.expires_at:%H:%M:%S}"


class Unbooked(models.Model):
    """Pieces sold here, which the number of another system that counts them may not show yet."""

    merchant = models.ForeignKey(Merchant, models.CASCADE, related_name="+", db_index=False)
    sku = models.CharField(max_length=100)
    token = models.CharField(max_length=100)
    quantity = models.PositiveIntegerField()
    sold_at = models.DateTimeField(db_index=True)

    objects: ClassVar[models.Manager["Unbooked"]] = models.Manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "sku", "token"], name="unbooked_once_per_token")
        ]

    @override
    def __str__(self) -> str:
        return f"{self.quantity} since {self.sold_at:%H:%M:%S}"


class Customer(models.Model):
    """What orders need to know of a customer beside the key."""

    merchant = models.ForeignKey(Merchant, models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=200)
    sealed_address = models.BinaryField(blank=True, default=b"", db_default=b"", editable=False)
    tier = models.CharField(max_length=40, blank=True, db_default="")
    preferences = models.JSONField(default=dict, blank=True, db_default={})
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["merchant", "key"], name="one_customer_per_key")]

    @override
    def __str__(self) -> str:
        return self.key


class AddressKey(models.Model):
    """What one customer's addresses and payment references open with, wrapped; without it they are gone everywhere."""

    merchant = models.ForeignKey(Merchant, models.CASCADE, related_name="+", db_index=False)
    owner = models.CharField(max_length=220)
    wrapped = models.BinaryField(editable=False)

    objects: ClassVar[models.Manager["AddressKey"]] = models.Manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "owner"], name="one_address_key_per_owner")
        ]

    @override
    def __str__(self) -> str:
        return self.owner
