import uuid

from django.db import models
from typing_extensions import override

from catalog.models import Merchant


class Algorithm(models.TextChoices):
    HS256 = "HS256", "HS256: a secret that we make and you keep"
    EDDSA = "EdDSA", "EdDSA: a key pair of yours, of which we know the public half"


class IdentityKey(models.Model):
    """What a shop signs with who its shopper is. Two may be good at once, so that one can be replaced."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    merchant = models.ForeignKey(Merchant, models.CASCADE, related_name="identity_keys")
    name = models.CharField(max_length=80, help_text="What signs with it, such as: shop front.")
    key_id = models.CharField(max_length=24, unique=True, editable=False)
    algorithm = models.CharField(max_length=8, choices=Algorithm, default=Algorithm.HS256)
    sealed_secret = models.BinaryField(editable=False, default=bytes)
    public_key = models.TextField(
        blank=True,
        default="",
        max_length=1000,
        help_text="For EdDSA: an Ed25519 public key, as PEM or as a JWK.",
    )
    created_at = models.DateTimeField(editable=False)
    last_used_at = models.DateTimeField(null=True, editable=False, help_text="To the minute.")
    ends_at = models.DateTimeField(null=True, editable=False, help_text="From then on it signs nothing.")

    class Meta:
        ordering = ["-created_at"]

    @override
    def __str__(self) -> str:
        return f"{self.name} ({self.key_id})"


class SpentToken(models.Model):
    """A token's `jti`, and who brought it first: nobody else may bring it again. Kept until it runs out."""

    merchant = models.ForeignKey(Merchant, models.CASCADE, db_index=False)
    digest = models.CharField(max_length=64)
    holder = models.CharField(max_length=64)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["merchant", "digest"], name="token_spent_once")]

    @override
    def __str__(self) -> str:
        return self.digest[:8]
