from django.db import models
from typing_extensions import override

ERASURES = (
    "shopper.erasing",
    "shopper.erased",
    "shopper.not_erased",
    "conversation.erasing",
    "conversation.erased",
    "conversation.not_erased",
)
"""Of what is erased: that it was begun, and how it ended. They are looked for among all others."""


class AccessRecord(models.Model):
    """Somebody looked at, took out or revealed what a shopper said. Only ever added, each chained to the one before."""

    pk = models.CompositePrimaryKey("merchant_id", "seq")
    merchant_id = models.UUIDField(help_text="The nil id is the installation's own chain.")
    seq = models.BigIntegerField(help_text="From 1, without a gap.")
    at = models.DateTimeField()
    actor = models.CharField(max_length=150, help_text="Who: an operator, an API key, a job.")
    role = models.CharField(max_length=40, blank=True)
    action = models.CharField(max_length=60, help_text="What was done, as `conversation.viewed`.")
    subject = models.CharField(max_length=200, blank=True, help_text="To what: an id that names nobody.")
    purpose = models.CharField(max_length=500, blank=True, help_text="The reason that was given.")
    detail = models.TextField(blank=True, help_text="JSON: what else matters; nothing personal.")
    digest = models.BinaryField(max_length=32)

    class Meta:
        ordering = ["merchant_id", "-seq"]
        indexes = [
            models.Index(fields=["merchant_id", "subject", "-seq"], name="access_by_subject"),
            models.Index(fields=["at"], name="access_of_erasures", condition=models.Q(action__in=ERASURES)),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.seq} {self.action}"


class AccessHead(models.Model):
    """Where a chain of accesses ends, and where what is still kept of it begins."""

    merchant_id = models.UUIDField(primary_key=True)
    seq = models.BigIntegerField()
    digest = models.BinaryField(max_length=32)
    base_seq = models.BigIntegerField(default=0, help_text="The newest record that was let go.")
    base_digest = models.BinaryField(max_length=32)

    @override
    def __str__(self) -> str:
        return f"{self.seq} {bytes(self.digest).hex()[:12]}"
