import uuid

from django.db import models
from typing_extensions import override


class ShopperIndex(models.Model):
    """Finds a shopper by what they may give of themselves, such as an e-mail address: keyed hashes, no words."""

    merchant_id = models.UUIDField()
    shopper = models.ForeignKey("Shopper", on_delete=models.CASCADE)
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant_id", "digest", "shopper"], name="shopper_index_once")
        ]

    @override
    def __str__(self) -> str:
        return f"Index of {str(self.shopper_id)[:8]}"


class Shopper(models.Model):
    """A shopper the merchant has named. Who that is lies sealed; `conversations.service` opens it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    merchant_id = models.UUIDField()
    sealed = models.BinaryField(help_text="The customer key and the name, under the shopper's data key.")
    key_index = models.CharField(max_length=64, help_text="Finds the row of a customer key; says nothing.")
    name_index = models.CharField(max_length=64, blank=True, help_text="The same of the whole name.")
    tier = models.CharField(max_length=32, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant_id", "key_index"], name="shopper_once_a_merchant")
        ]
        indexes = [models.Index(fields=["merchant_id", "name_index"], name="shopper_by_name")]

    @override
    def __str__(self) -> str:
        return f"Shopper {str(self.pk)[:8]}"


class ShopperProfile(models.Model):
    """What is remembered of a shopper, sealed under the shopper's data key at its version."""

    shopper = models.OneToOneField("Shopper", primary_key=True, on_delete=models.CASCADE)
    merchant_id = models.UUIDField()
    version = models.BigIntegerField()
    sealed = models.BinaryField()
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["merchant_id", "changed_at"], name="profile_by_change")]

    @override
    def __str__(self) -> str:
        return f"Profile of {str(self.shopper_id)[:8]}"
