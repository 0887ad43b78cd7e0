from django.db import models
from typing_extensions import override


class LegalHold(models.Model):
    """What must be kept: nothing of this owner is erased or dropped until the hold is lifted."""

    merchant_id = models.UUIDField()
    owner_id = models.UUIDField(help_text="The shopper, or an anonymous shopper's conversation.")
    reason = models.CharField(max_length=500, help_text="Why, such as the number of a case. Names nobody.")
    placed_by = models.CharField(max_length=150)
    placed_at = models.DateTimeField()
    lifted_by = models.CharField(max_length=150, blank=True, default="")
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant_id", "owner_id"],
                condition=models.Q(lifted_at__isnull=True),
                name="one_hold_at_a_time",
            )
        ]

    @override
    def __str__(self) -> str:
        return f"Hold on {str(self.owner_id)[:8]}"


class RetentionPeriod(models.Model):
    """How long one merchant keeps one class of what is stored, where it is not as long as everybody."""

    merchant_id = models.UUIDField()
    kind = models.CharField(max_length=40, help_text="A class of `commerce_agent.shoppers.retention`.")
    days = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant_id", "kind"], name="one_period_a_class"),
            models.CheckConstraint(condition=models.Q(days__gte=1), name="period_is_a_day_at_least"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.kind}: {self.days} days"
