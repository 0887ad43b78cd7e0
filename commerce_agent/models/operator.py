from functools import cached_property
from typing import TYPE_CHECKING

from django.contrib.auth.models import AbstractUser
from django.db import models

from commerce_agent.isolation.acting import acting_for_platform

if TYPE_CHECKING:
    from commerce_agent.models.membership import Membership


class Operator(AbstractUser):
    """A person who logs in at the console: of the platform's own staff, or of one or more shops."""

    every_shop = models.BooleanField(
        "platform staff",
        default=False,
        help_text="Sees every shop, with the rights of the groups below. Otherwise only the shops of its roles.",
    )

    @cached_property
    def roles_held(self) -> "tuple[Membership, ...]":
        """The memberships of this account, read once for each object, that is, for each request."""
        with acting_for_platform("which shops somebody works for"):
            return tuple(self.memberships.all())
