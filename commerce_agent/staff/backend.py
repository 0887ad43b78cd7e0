"""How Django asks what somebody may do."""

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Model
from typing_extensions import override

from commerce_agent.models import Operator
from commerce_agent.staff.roles import Role, list_grants


class StaffBackend(ModelBackend):
    """Platform staff hold the rights of their groups; everyone else those of their roles, in any of their shops.

    In which shop a right counts is for `find_reach`; a page asks both.
    """

    @override
    def get_all_permissions(
        self, user_obj: AbstractBaseUser | AnonymousUser, obj: Model | None = None
    ) -> set[str]:
        """What someone may do somewhere, as `app.action_model`."""
        if not isinstance(user_obj, Operator) or not user_obj.is_active:
            return set()
        if user_obj.is_superuser or user_obj.every_shop:
            return super().get_all_permissions(user_obj)
        return set().union(*(list_grants(Role(held.role)) for held in user_obj.roles_held))
