from django.db import models
from typing_extensions import override

from conversations.models.conversation import Conversation


class JournalEntry(models.Model):
    """One event in its place. Rows are added by the journal and never changed.

    The table is partitioned by the time that the conversation's id tells. The row lock of the conversation,
    under which every entry is added, stands in for the foreign key's look-up at each row.
    """

    pk = models.CompositePrimaryKey("conversation_id", "seq")
    merchant_id = models.UUIDField()
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, db_index=False, db_constraint=False
    )
    seq = models.BigIntegerField()
    frame = models.BigIntegerField(null=True)
    turn = models.PositiveIntegerField(default=0)
    kind = models.CharField(max_length=40)
    schema = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    body = models.BinaryField()

    class Meta:
        verbose_name_plural = "journal entries"
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "frame"],
                condition=models.Q(frame__isnull=False),
                name="journal_one_event_a_frame",
            ),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.seq} {self.kind}"


class Message(models.Model):
    """Remembers which client message ids were taken: the same id never takes effect twice."""

    merchant_id = models.UUIDField()
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, db_index=False, db_constraint=False
    )
    cid = models.CharField(max_length=64)
    seq = models.BigIntegerField()
    frame = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "cid"], name="message_taken_once"),
        ]

    @override
    def __str__(self) -> str:
        return self.cid
