import uuid

from django.db import models
from typing_extensions import override

from conversations.models.conversation import Conversation


class ApiKey(models.Model):
    """Lets a merchant's own systems use the API. Only the key's hash is stored; `prefix` tells keys apart."""

    class Scope(models.TextChoices):
        """What a key may do."""

        READ = "read", "Read"
        WRITE = "write", "Read and write"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    merchant_id = models.UUIDField()
    name = models.CharField(max_length=80, help_text="What uses it, such as: order desk.")
    prefix = models.CharField(max_length=16, unique=True, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scope = models.CharField(max_length=8, choices=Scope, default=Scope.READ)
    requests_per_minute = models.PositiveIntegerField(default=600)
    created_at = models.DateTimeField(editable=False)
    last_used_at = models.DateTimeField(null=True, editable=False, help_text="To the minute.")
    revoked_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = "API key"
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["merchant_id", "-created_at"], name="api_key_by_merchant")]

    @override
    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class Opening(models.Model):
    """Remembers under which idempotency key a conversation was opened: the same key never opens another."""

    merchant_id = models.UUIDField()
    key = models.CharField(max_length=255)  # A mark of it: see store/openings.py.
    digest = models.CharField(max_length=64, help_text="Of what was asked for.")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant_id", "key"], name="opening_once_a_key"),
            models.CheckConstraint(
                condition=models.Q(key__startswith="mark:") | models.Q(key__startswith="before:"),
                name="opening_key_is_a_mark",
            ),
        ]

    @override
    def __str__(self) -> str:
        return self.key
