import uuid

from django.db import models
from typing_extensions import override


class Conversation(models.Model):
    """One talk with one shopper. `version` and `fence` are what a commit is checked against."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    merchant_id = models.UUIDField()
    shopper = models.ForeignKey("Shopper", null=True, blank=True, on_delete=models.PROTECT)
    own_key = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Was anonymous: its values are bound to the conversation, not to its shopper.",
    )
    data_key = models.ForeignKey("DataKey", null=True, editable=False, on_delete=models.PROTECT)
    may_be_plain = models.BooleanField(
        default=False, db_default=True, help_text="Of before sealing: events may be stored in the clear."
    )
    erased_at = models.DateTimeField(null=True, editable=False, help_text="When its key was destroyed.")
    version = models.BigIntegerField(default=0, help_text="Number of the newest event.")
    frames = models.BigIntegerField(default=0, help_text="Number of the newest visible event.")
    read_frame = models.BigIntegerField(
        default=0, db_default=0, help_text="Number of the newest visible event that the shopper has seen."
    )
    fence = models.BigIntegerField(default=0, help_text="Token of the newest turn holder.")
    lease_until = models.DateTimeField(null=True, help_text="Set while a turn is held without Redis.")
    waiting_since = models.DateTimeField(null=True, help_text="Oldest message without an answer.")
    turns = models.PositiveIntegerField(default=0)
    locale = models.CharField(max_length=16, default="en")
    opened_at = models.DateTimeField()
    active_at = models.DateTimeField(help_text="Last message or reply.")

    class Meta:
        ordering = ["-active_at"]
        indexes = [
            models.Index(fields=["merchant_id", "-active_at"], name="conversation_by_activity"),
            models.Index(fields=["-active_at"], name="conversation_latest"),
            models.Index(fields=["merchant_id", "-opened_at", "-id"], name="conversation_by_opening"),
            models.Index(
                fields=["waiting_since"],
                condition=models.Q(waiting_since__isnull=False),
                name="conversation_waiting",
            ),
        ]

    @override
    def __str__(self) -> str:
        return f"Conversation {str(self.pk)[:8]}"


class ShownEntity(models.Model):
    """Says which conversations show, cite or hold an item, so that news of it finds them."""

    merchant_id = models.UUIDField()
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, db_index=False, db_constraint=False
    )
    kind = models.CharField(max_length=32)
    key = models.CharField(max_length=255)
    shown_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "kind", "key"], name="shown_entity_once"),
        ]
        indexes = [models.Index(fields=["merchant_id", "kind", "key"], name="shown_entity_by_key")]

    @override
    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class ResumeHandle(models.Model):
    """Lets a browser come back to its conversation. Only the hash of the handle is stored."""

    digest = models.CharField(max_length=64, primary_key=True)
    merchant_id = models.UUIDField()
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE)
    expires_at = models.DateTimeField()

    @override
    def __str__(self) -> str:
        return f"Handle of {self.conversation_id}"
