import uuid

from django.db import models
from typing_extensions import override


class Shopper(models.Model):
    """A shopper the merchant has named. `key` is the merchant's own customer key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    merchant_id = models.UUIDField()
    key = models.CharField(max_length=128)
    name = models.CharField(max_length=128, blank=True)
    tier = models.CharField(max_length=32, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["merchant_id", "key"], name="shopper_once_a_merchant")]

    @override
    def __str__(self) -> str:
        return self.name or self.key
