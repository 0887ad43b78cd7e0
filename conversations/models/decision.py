from django.db import models
from typing_extensions import override

from conversations.models.conversation import Conversation


class DecisionRecord(models.Model):
    """A decision, indexed for finding. Its whole record is the event of the same seq."""

    id = models.UUIDField(primary_key=True, editable=False)
    merchant_id = models.UUIDField()
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, db_constraint=False)
    seq = models.BigIntegerField()
    turn = models.PositiveIntegerField()
    planner = models.CharField(max_length=16)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at"]
        indexes = [
            # A week's shares of the planners are counted from the index alone.
            models.Index(fields=["merchant_id", "-at"], include=["planner"], name="decision_by_time"),
            models.Index(fields=["-at"], include=["merchant_id", "planner"], name="decision_latest"),
        ]

    @override
    def __str__(self) -> str:
        return f"Decision of turn {self.turn}"
