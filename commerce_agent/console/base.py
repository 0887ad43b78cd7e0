"""What every page of the console has in common. The theme is reached from here only."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from typing_extensions import override
from unfold.admin import ModelAdmin as ThemedAdmin
from unfold.admin import TabularInline as ThemedTabularInline
from unfold.decorators import display

from catalog.models import Merchant

__all__ = ["ConsoleAdmin", "MerchantFilter", "ReadOnlyAdmin", "ReadOnlyInline", "TabularInline", "display"]

MERCHANT_FIELDS = ("merchant", "shop")


def has_several_merchants() -> bool:
    """Whether a list must say whose its rows are. Merchants that a script made for its own run do not count."""
    return Merchant.objects.filter(ephemeral=False).count() > 1


class MerchantFilter(admin.SimpleListFilter):
    """Narrows a list to one shop; not offered where there is only one."""

    title = "shop"
    parameter_name = "merchant_id__exact"

    @override
    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The shops to choose from, by name."""
        shops = Merchant.objects.filter(ephemeral=False).order_by("name")
        chosen = [(str(shop.id), shop.name) for shop in shops[:200]]
        return chosen if len(chosen) > 1 else []

    @override
    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        """The rows of the chosen shop."""
        return queryset.filter(merchant_id=self.value()) if self.value() else queryset


class ConsoleAdmin(ThemedAdmin):
    """The base of every page: compact, and silent about the shop where there is only one."""

    list_filter_sheet = True
    list_fullwidth = True
    list_per_page = 50
    warn_unsaved_form = True
    empty_value_display = "–"

    @override
    def get_list_display(self, request: HttpRequest) -> Sequence[Any]:
        """The columns; the shop's only where there are several."""
        columns: Sequence[Any] = super().get_list_display(request)
        if has_several_merchants():
            return columns
        return [column for column in columns if column not in MERCHANT_FIELDS]

    @override
    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, str | list[str]]:
        """A new row is the shop's, where there is only one."""
        filled: dict[str, str | list[str]] = super().get_changeform_initial_data(request)
        shops = list(Merchant.objects.filter(ephemeral=False).values_list("pk", flat=True)[:2])
        return {"merchant": str(shops[0]), **filled} if len(shops) == 1 else filled


class ReadOnlyAdmin(ConsoleAdmin):
    """A page that only shows: no way of adding, changing or deleting exists."""

    actions = None

    @override
    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds a row here."""
        return False

    @override
    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody changes a row here."""
        return False

    @override
    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody deletes a row here."""
        return False


class TabularInline(ThemedTabularInline):
    """Rows of another table within a page."""

    extra = 0


class ReadOnlyInline(TabularInline):
    """Rows of another table that are only shown."""

    can_delete = False

    @override
    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody adds a row here."""
        return False

    @override
    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody changes a row here."""
        return False

    @override
    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody deletes a row here."""
        return False
