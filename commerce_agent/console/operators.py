"""Who works with the console."""

from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from typing_extensions import override
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from commerce_agent.console.base import ConsoleAdmin
from commerce_agent.models import Operator

GRANTS = ("is_superuser", "is_staff", "every_shop", "groups", "user_permissions")
"""Only who may do everything hands out rights; otherwise a right to edit operators would be a right to all."""


class OperatorAdmin(UserAdmin, ConsoleAdmin):  # type: ignore[type-arg]  # not generic at run time
    """Accounts. Rights are handed out by superusers only."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = (
        "username",
        "first_name",
        "last_name",
        "email",
        "every_shop",
        "is_superuser",
        "last_login",
    )
    list_filter = ("is_superuser", "is_active", "groups")
    readonly_fields = ("last_login", "date_joined")
    actions = None
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
        ("Platform rights", {"fields": ("is_active", *GRANTS)}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )

    @override
    def get_readonly_fields(self, request: HttpRequest, obj: Operator | None = None) -> tuple[str, ...]:
        """What may not be edited by whoever asks."""
        return self.readonly_fields if request.user.is_superuser else (*self.readonly_fields, *GRANTS)

    @override
    def get_queryset(self, request: HttpRequest) -> QuerySet[Operator]:
        """The accounts; those of superusers only for superusers."""
        found: QuerySet[Operator] = super().get_queryset(request)
        return found if request.user.is_superuser else found.filter(is_superuser=False)


class OperatorGroupAdmin(GroupAdmin, ConsoleAdmin):
    """Rights under a name. Only superusers may change them."""

    @override
    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """Superusers only."""
        return bool(request.user.is_superuser) and super().has_change_permission(request, obj)

    @override
    def has_add_permission(self, request: HttpRequest) -> bool:
        """Superusers only."""
        return bool(request.user.is_superuser) and super().has_add_permission(request)
