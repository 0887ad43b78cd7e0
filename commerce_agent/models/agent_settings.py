from django.core.validators import MinValueValidator
from django.db import models
from typing_extensions import override

from catalog.models import Merchant
from commerce_agent.models.operator import Operator


class AgentSettings(models.Model):
    """One version of how a shop wants its assistant. A change is a new row; none is ever altered."""

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="agent_settings")
    version = models.PositiveIntegerField(editable=False)
    persona = models.TextField(blank=True, default="", max_length=1200)
    tone = models.CharField(blank=True, default="", max_length=200)
    languages = models.JSONField(blank=True, default=list)
    use_claude = models.BooleanField(default=True)
    model = models.CharField(blank=True, default="", max_length=64)
    small_model = models.CharField(blank=True, default="", max_length=64)
    declined_topics = models.JSONField(blank=True, default=list)
    handoff_rules = models.JSONField(blank=True, default=list)
    memory_needs_consent = models.BooleanField(default=False)
    turn_micros = models.BigIntegerField(default=200_000, validators=[MinValueValidator(0)])
    shopper_micros = models.BigIntegerField(default=1_000_000, validators=[MinValueValidator(0)])
    shop_micros = models.BigIntegerField(default=50_000_000, validators=[MinValueValidator(0)])
    changed_by = models.ForeignKey(Operator, null=True, editable=False, on_delete=models.SET_NULL)
    changed_at = models.DateTimeField(editable=False)

    class Meta:
        ordering = ["-changed_at", "-version"]
        verbose_name = "version of the assistant's settings"
        verbose_name_plural = "assistant"
        constraints = [
            models.UniqueConstraint(fields=["merchant", "version"], name="agent_settings_version"),
        ]

    @override
    def __str__(self) -> str:
        return f"Version {self.version}"


class ModelSpend(models.Model):
    """What calls of the model cost on one day: of a shop (`payer` empty), or of one of its shoppers."""

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE)
    payer = models.CharField(max_length=64, blank=True, default="")
    day = models.DateField()
    micros = models.BigIntegerField(default=0)
    reserved = models.BigIntegerField(default=0)
    """Held for calls under way; of a process that died in one it stays, and counts as spent."""
    calls = models.PositiveIntegerField(default=0)
    tokens = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = "day of model costs"
        verbose_name_plural = "days of model costs"
        constraints = [
            models.UniqueConstraint(fields=["merchant", "payer", "day"], name="model_spend_of_day")
        ]

    @override
    def __str__(self) -> str:
        return f"{self.day}"
