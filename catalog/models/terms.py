from django.db import models
from typing_extensions import override

from catalog.models.merchant import Merchant


class PolicyScope(models.TextChoices):
    STORE = "store", "The whole store"
    CATEGORY = "category", "A category"
    SKU = "sku", "One SKU"


class PromotionScope(models.TextChoices):
    STORE = "store", "The whole store"
    CATEGORY = "category", "A category"
    BRAND = "brand", "A brand"
    SKU = "sku", "One SKU"


class Policy(models.Model):
    """One version of one rule of the shop, for a scope. Earlier versions stay."""

    merchant = models.ForeignKey(Merchant, models.CASCADE, related_name="policies", db_index=False)
    name = models.SlugField(max_length=64, help_text="returns, shipping, warranty, price_match, or your own.")
    title = models.CharField(max_length=200)
    text = models.TextField()
    terms = models.JSONField(default=dict, blank=True, help_text='Such as {"window_days": 60}.')
    scope = models.CharField(max_length=16, choices=PolicyScope, default=PolicyScope.STORE)
    scope_value = models.CharField(max_length=750, blank=True, help_text="Category name or path, or SKU.")
    version = models.PositiveIntegerField(default=1)
    valid_from = models.DateTimeField(null=True, blank=True)
    valid_until = models.DateTimeField(null=True, blank=True)
    observed_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "scope", "scope_value", "-version"]
        verbose_name_plural = "policies"
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "name", "scope", "scope_value", "version"], name="one_policy_per_version"
            )
        ]

    @override
    def __str__(self) -> str:
        return f"{self.title} (version {self.version})"

    @property
    def ref(self) -> str:
        """The version as decisions record it: `returns/store@3`, `returns/category:Footwear@1`."""
        scope = f"{self.scope}:{self.scope_value}" if self.scope_value else self.scope
        return f"{self.name}/{scope}@{self.version}"


class Promotion(models.Model):
    """A discount, for whom and for what. Without a code it applies by itself."""

    merchant = models.ForeignKey(Merchant, models.CASCADE, related_name="promotions")
    code = models.CharField(max_length=40, null=True, blank=True)  # noqa: DJ001 - None: applies by itself
    title = models.CharField(max_length=200)
    percent = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    amount = models.DecimalField(
        max_digits=14,
        decimal_places=3,
        null=True,
        blank=True,
        help_text="Off each unit.",
    )
    scope = models.CharField(max_length=16, choices=PromotionScope, default=PromotionScope.STORE)
    scope_value = models.CharField(max_length=750, blank=True)
    requires_tier = models.CharField(max_length=40, blank=True, help_text="Empty: for everyone.")
    min_total = models.DecimalField(max_digits=14, decimal_places=3, null=True, blank=True)
    valid_from = models.DateTimeField(null=True, blank=True)
    valid_until = models.DateTimeField(null=True, blank=True)
    active = models.BooleanField(default=True)
    version = models.BigIntegerField(default=1, db_default=1, editable=False)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "code"], name="one_promotion_per_code"),
            models.CheckConstraint(
                condition=models.Q(
                    percent__isnull=False, amount__isnull=True, percent__gt=0, percent__lte=100
                )
                | models.Q(percent__isnull=True, amount__gt=0),
                name="percent_or_amount",
            ),
        ]

    @override
    def __str__(self) -> str:
        return self.title
