from decimal import Decimal
from typing import ClassVar

from django.db import models
from typing_extensions import override

from catalog.models.merchant import Merchant
from catalog.models.order import Order, OrderChange


class PaymentMeans(models.Model):
    """What a customer may pay with, by the checkout's own reference, sealed for them. No card number is ever kept."""

    merchant = models.ForeignKey(Merchant, models.CASCADE, related_name="+", db_index=False)
    customer_key = models.CharField(max_length=200)
    reference = models.CharField(max_length=200, help_text="Sealed, alike each time.")
    source = models.CharField(max_length=40, help_text="Such as credit_card, paypal or gift_card.")
    label = models.CharField(
        max_length=200, blank=True, db_default="", help_text="Brand and last digits; sealed."
    )
    balance: "models.DecimalField[Decimal | None, Decimal | None]" = models.DecimalField(
        max_digits=14, decimal_places=3, null=True, blank=True, help_text="What is left; empty: no limit."
    )

    objects: ClassVar[models.Manager["PaymentMeans"]] = models.Manager()

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "payment means"
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "customer_key", "reference"], name="one_means_per_reference"
            ),
            models.CheckConstraint(condition=models.Q(balance__gte=0), name="balance_is_not_negative"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.source} {self.pk}"


class PaymentKind(models.TextChoices):
    PAYMENT = "payment", "Payment"
    REFUND = "refund", "Refund"


class Payment(models.Model):
    """What was paid for an order and what went back, in its order. Rows are only ever added."""

    merchant = models.ForeignKey(Merchant, models.CASCADE, related_name="+", db_index=False)
    order = models.ForeignKey(Order, models.CASCADE, related_name="payments")
    change = models.ForeignKey(OrderChange, models.CASCADE, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=16, choices=PaymentKind)
    method = models.CharField(max_length=200, blank=True, help_text="The reference of the means, sealed.")
    amount: "models.DecimalField[Decimal, Decimal]" = models.DecimalField(max_digits=14, decimal_places=3)
    at = models.DateTimeField()

    objects: ClassVar[models.Manager["Payment"]] = models.Manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="payment_is_not_negative")
        ]

    @override
    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount}"
