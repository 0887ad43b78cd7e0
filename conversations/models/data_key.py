from django.db import models
from typing_extensions import override


class DataKey(models.Model):
    """The key of what one shopper said, wrapped. Destroying it makes every copy of that unreadable."""

    merchant_id = models.UUIDField()
    owner_id = models.UUIDField(help_text="The shopper, or an anonymous shopper's only conversation.")
    kek_version = models.PositiveIntegerField(help_text="Which key-encryption key wraps it.")
    wrapped = models.BinaryField()
    created_at = models.DateTimeField()
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant_id", "owner_id"],
                condition=models.Q(destroyed_at__isnull=True),
                name="data_key_in_use_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["kek_version"],
                condition=models.Q(destroyed_at__isnull=True),
                name="data_key_to_rotate",
            ),
        ]

    @override
    def __str__(self) -> str:
        return f"Key of {str(self.owner_id)[:8]}"
