from django.conf import settings
from django.db import models
from typing_extensions import override

from catalog.models import Merchant


class Role(models.TextChoices):
    """What somebody is to a shop."""

    OWNER = "owner", "Owner"
    MERCHANDISER = "merchandiser", "Merchandiser"
    SUPPORT = "support", "Support"
    AUDITOR = "auditor", "Auditor"


class Membership(models.Model):
    """An operator's role in one shop."""

    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role.choices)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = "member of staff"
        verbose_name_plural = "staff"
        ordering = ["merchant", "role", "operator"]
        constraints = [
            models.UniqueConstraint(fields=["operator", "merchant"], name="one_role_in_a_shop"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="role_known"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.operator}, {self.get_role_display()} of {self.merchant}"
