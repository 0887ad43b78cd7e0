import uuid

from django.core.validators import MinValueValidator
from django.db import models
from typing_extensions import override

from catalog.models.connector import ConnectorLogin
from catalog.models.merchant import Merchant


class WebhookKey(models.Model):
    """What a merchant's system signs its webhooks with. Two may be good at once, so that one can be replaced."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    merchant = models.ForeignKey(Merchant, models.CASCADE, related_name="webhook_keys")
    name = models.CharField(max_length=80, help_text="What signs with it, such as: warehouse.")
    key_id = models.CharField(max_length=24, unique=True, editable=False)
    sealed_secret = models.BinaryField(editable=False)
    created_at = models.DateTimeField(editable=False)
    last_used_at = models.DateTimeField(null=True, editable=False, help_text="To the minute.")
    ends_at = models.DateTimeField(null=True, editable=False, help_text="From then on it signs nothing.")

    class Meta:
        ordering = ["-created_at"]

    @override
    def __str__(self) -> str:
        return f"{self.name} ({self.key_id})"


class PollSource(models.Model):
    """An address that is asked for events, of a merchant whose systems cannot send them."""

    merchant = models.ForeignKey(Merchant, models.CASCADE, related_name="poll_sources")
    name = models.CharField(max_length=80)
    url = models.URLField(max_length=1000, help_text="Answers with the same JSON as a webhook carries.")
    seconds = models.PositiveIntegerField(
        default=60, validators=[MinValueValidator(5)], help_text="Pause between two questions."
    )
    login = models.CharField(
        max_length=8,
        choices=ConnectorLogin,
        default=ConnectorLogin.NONE,
        db_default=ConnectorLogin.NONE.value,
    )
    login_name = models.CharField(
        max_length=100,
        blank=True,
        db_default="",
        help_text="The header's name, or the user. Not needed for a bearer token.",
    )
    sealed_secret = models.BinaryField(default=bytes, db_default=b"", blank=True, editable=False)
    active = models.BooleanField(default=True)
    cursor = models.CharField(max_length=500, blank=True, editable=False)
    due_at = models.DateTimeField(null=True, editable=False)
    asked_at = models.DateTimeField(null=True, editable=False)
    outcome = models.CharField(max_length=300, blank=True, editable=False)

    class Meta:
        ordering = ["merchant_id", "name"]

    @override
    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """One request of a merchant's system, or one answer to a question of ours, and what became of it."""

    merchant = models.ForeignKey(Merchant, models.CASCADE, related_name="deliveries", db_index=False)
    via = models.CharField(max_length=120, help_text="The key that signed it, or the address that was asked.")
    sender = models.CharField(max_length=40, blank=True, default="", db_default="", editable=False)
    received_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(help_text="What it was answered with.")
    problem = models.CharField(max_length=300, blank=True)
    size = models.PositiveIntegerField(default=0, help_text="Bytes.")
    accepted = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0, help_text="Events that had come before.")
    refused = models.PositiveIntegerField(default=0)
    refusals = models.JSONField(default=list, blank=True, help_text="Place, id and reason of each.")

    class Meta:
        verbose_name = "received webhook"
        ordering = ["-received_at", "-id"]
        indexes = [models.Index(fields=["merchant", "-received_at"], name="deliveries_latest")]

    @override
    def __str__(self) -> str:
        return f"{self.via}, {self.received_at:%Y-%m-%d %H:%M:%S}"


class ShopEventStatus(models.TextChoices):
    WAITING = "waiting", "Waiting"
    APPLIED = "applied", "Applied"
    OVERTAKEN = "overtaken", "Overtaken by a later one"
    REFUSED = "refused", "Refused"


class ShopEvent(models.Model):
    """One event of a merchant's system; its own id makes it count once."""

    merchant = models.ForeignKey(Merchant, models.CASCADE, related_name="shop_events", db_index=False)
    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="events")
    event_id = models.CharField(max_length=100)
    kind = models.CharField(max_length=16)
    subject = models.CharField(max_length=300, help_text="The SKU, the policy, the promotion.")
    version = models.BigIntegerField(null=True)
    at = models.DateTimeField(help_text="When it happened, as the sender says; else when it came.")
    body = models.JSONField()
    status = models.CharField(max_length=16, choices=ShopEventStatus, default=ShopEventStatus.WAITING)
    problem = models.CharField(max_length=300, blank=True)
    applied_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True, help_text="When the open conversations had it.")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["merchant", "event_id"], name="shop_event_once")]
        indexes = [
            models.Index(
                fields=["merchant", "id"],
                condition=models.Q(status="waiting") | models.Q(status="applied", told_at__isnull=True),
                name="shop_events_to_do",
            )
        ]

    @override
    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class LatestWord(models.Model):
    """How far the events of one subject have come: an earlier one that arrives later changes nothing."""

    merchant = models.ForeignKey(Merchant, models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=16)
    subject = models.CharField(max_length=300)
    version = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    sender = models.CharField(max_length=40, blank=True, default="", db_default="", editable=False)
    lead = models.BigIntegerField(
        default=0, db_default=0, help_text="By how much our own versions are ahead of the sender's."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "kind", "subject"], name="one_latest_word")
        ]

    @override
    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"
