from django.db import models
from typing_extensions import override

from conversations.models.conversation import Conversation


class Handover(models.Model):
    """A conversation in which a person was asked for, or is; the row goes with the person."""

    conversation = models.OneToOneField(
        Conversation, primary_key=True, on_delete=models.CASCADE, db_constraint=False
    )
    merchant_id = models.UUIDField()
    asked_at = models.DateTimeField(null=True, help_text="When the shopper asked; empty where nobody did.")
    person = models.CharField(max_length=64, blank=True, help_text="Who has it, as the record names them.")
    name = models.CharField(max_length=80, blank=True, help_text="The same, as the shopper reads it.")
    joined_at = models.DateTimeField(null=True)
    present_until = models.DateTimeField(null=True, help_text="Who is not seen until then counts as gone.")

    class Meta:
        ordering = ["asked_at", "conversation_id"]
        indexes = [models.Index(fields=["merchant_id", "asked_at"], name="handover_by_asking")]

    @override
    def __str__(self) -> str:
        return f"Handover of {self.conversation_id}"
