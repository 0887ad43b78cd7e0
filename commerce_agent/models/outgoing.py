import uuid

from django.db import models
from typing_extensions import override

from catalog.models import Merchant


class Told(models.TextChoices):
    """What a shop's systems can be told of."""

    ORDER_PLACED = "order.placed", "An order was placed in the chat"
    ORDER_CHANGED = "order.changed", "An order was changed, cancelled or sent back in the chat"
    PERSON_ASKED = "person.asked", "A shopper asks for a person"
    TEST = "test", "A test"


class Listener(models.Model):
    """An address of a shop's that is told what happens in its chat."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    merchant = models.ForeignKey(Merchant, models.CASCADE, related_name="+")
    name = models.CharField(max_length=80, help_text="What listens there, such as: help desk.")
    url = models.URLField(max_length=1000, help_text="Answers a POST with 200, or any other 2xx.")
    kinds = models.JSONField(default=list, help_text="What it is told of.")
    active = models.BooleanField(default=True)
    sealed_secret = models.BinaryField(default=bytes, editable=False)
    sealed_before = models.BinaryField(
        default=bytes, editable=False, help_text="What signs as well, until then."
    )
    before_until = models.DateTimeField(null=True, editable=False)
    held_until = models.DateTimeField(
        null=True, editable=False, help_text="Nothing is sent there before: it is being told, or it hung."
    )
    hangs = models.PositiveSmallIntegerField(
        default=0, db_default=0, editable=False, help_text="Rounds in a row that it did not answer in time."
    )
    created_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = "webhook address"
        verbose_name_plural = "webhook addresses"
        ordering = ["merchant_id", "name"]

    @override
    def __str__(self) -> str:
        return self.name


class SendingState(models.TextChoices):
    WAITING = "waiting", "On its way"
    DELIVERED = "delivered", "Delivered"
    GIVEN_UP = "given_up", "Given up"


class Sending(models.Model):
    """One thing that a listener is told, and each attempt at telling it. Names no shopper and nothing that was said."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    merchant = models.ForeignKey(Merchant, models.CASCADE, related_name="+", db_index=False)
    listener = models.ForeignKey(Listener, models.CASCADE, related_name="sendings", db_index=False)
    conversation_id = models.UUIDField(null=True)
    place = models.CharField(max_length=60, help_text="Where in which journal it happened: it is told once.")
    kind = models.CharField(max_length=20, choices=Told)
    body = models.JSONField()
    made_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=SendingState, default=SendingState.WAITING)
    due_at = models.DateTimeField(null=True, help_text="The next attempt.")
    tries = models.PositiveSmallIntegerField(default=0, help_text="Attempts since it was last begun anew.")
    attempts = models.JSONField(
        default=list, blank=True, help_text="When, and what it was answered with, of each."
    )

    class Meta:
        verbose_name = "sent webhook"
        ordering = ["-made_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["listener", "place"], name="told_once")]
        indexes = [
            models.Index(fields=["merchant", "-made_at"], name="sendings_latest"),
            models.Index(fields=["due_at"], condition=models.Q(state="waiting"), name="sendings_due"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.made_at:%Y-%m-%d %H:%M:%S}"
