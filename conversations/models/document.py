from django.db import models
from typing_extensions import override


class Document(models.Model):
    """Something that many turns of a merchant worked from, kept once under its digest; never changed."""

    merchant_id = models.UUIDField()
    digest = models.CharField(max_length=64)
    body = models.BinaryField()
    kept_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant_id", "digest"], name="document_kept_once"),
        ]

    @override
    def __str__(self) -> str:
        return self.digest
