"""What every page of the console has in common. The theme is reached from here only."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from functools import wraps
from typing import Any, TypeVar

import msgspec
from django.contrib import admin
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.views.main import ChangeList
from django.db.models import ForeignKey, Model, QuerySet
from django.forms.models import BaseModelForm, ModelChoiceField
from django.http import HttpRequest, HttpResponse
from typing_extensions import override
from unfold.admin import ModelAdmin as ThemedAdmin
from unfold.admin import TabularInline as ThemedTabularInline
from unfold.decorators import display

from catalog.models import Merchant
from commerce_agent.console.asked_ids import find_uuid
from commerce_agent.staff import find_reach

__all__ = [
    "EMBED_THE_CHAT",
    "IMPORT_A_FEED",
    "ConsoleAdmin",
    "MerchantFilter",
    "NextStep",
    "NothingSaved",
    "ReadOnlyAdmin",
    "ReadOnlyInline",
    "TabularInline",
    "display",
    "find_shop_field",
    "list_shops",
    "name_permissions",
    "narrow_shops",
]

Form = TypeVar("Form", bound="type[BaseModelForm[Any]]")
MOST_OFFERED = 200
"""Shops that a filter lists."""
MERCHANT_FIELDS = ("merchant", "shop")


def name_permissions(model: type[Model], *actions: str) -> tuple[str, ...]:
    """A model's permissions, as Django names them."""
    names = model._meta  # noqa: SLF001 - Django's public name for it
    return tuple(f"{names.app_label}.{action}_{names.model_name}" for action in actions)


def find_shop_field(model: type[Model]) -> str | None:
    """Which field of a table holds the shop a row belongs to; None for what belongs to the platform."""
    if model is Merchant:
        return "pk"
    return "merchant_id" if hasattr(model, "merchant_id") else None


def list_shops(request: HttpRequest, *permissions: str) -> QuerySet[Merchant]:
    """The shops in which whoever asks holds one of the permissions. Those a script made for its run do not count."""
    reach = find_reach(request.user, *permissions)
    return reach.narrow(Merchant.objects.filter(ephemeral=False), by="pk").order_by("name")


def has_several_merchants(request: HttpRequest, model: type[Model]) -> bool:
    """Whether a list must say whose its rows are."""
    return list_shops(request, *name_permissions(model, "view", "change"))[:2].count() > 1


class MerchantFilter(admin.SimpleListFilter):
    """Narrows a list to one shop; not offered where there is only one."""

    title = "shop"
    parameter_name = "merchant_id__exact"

    @override
    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The shops to choose from, by name: those whose rows may be seen."""
        shops = list_shops(request, *name_permissions(model_admin.model, "view", "change"))
        offered = [(str(shop.id), shop.name) for shop in shops[:MOST_OFFERED]]
        asked = find_uuid(self.value() or "")
        if asked and str(asked) not in dict(offered):
            # Of very many shops the one that is looked at is among the choices, too.
            offered += [(str(shop.id), shop.name) for shop in shops.filter(pk=asked)]
        return offered if len(offered) > 1 else []

    @override
    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        """The rows of the chosen shop."""
        if not self.value():
            return queryset
        shop = find_uuid(self.value() or "")
        return queryset.filter(merchant_id=shop) if shop else queryset.none()


class Narrowed(BaseModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    """Rows, choices and rights of the shops that whoever asks works for, and of no other.

    A row of another shop does not exist here: its page answers as one that was never there.
    """

    @override
    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The rows within reach."""
        rows = super().get_queryset(request)
        field = find_shop_field(self.model)
        if field is None:
            return rows
        reach = find_reach(request.user, *name_permissions(self.model, "view", "change"))
        return reach.narrow(rows, by=field)

    @override
    def formfield_for_foreignkey(
        self, db_field: "ForeignKey[Any, Any]", request: HttpRequest, **options: Any
    ) -> "ModelChoiceField[Any] | None":
        """A choice among rows within reach; the shop itself among those where this row may be written."""
        choice = super().formfield_for_foreignkey(db_field, request, **options)
        field = find_shop_field(db_field.remote_field.model)
        if choice is not None and db_field.name == "merchant":
            choice.label = "Shop"
        if choice is not None and choice.queryset is not None and field is not None:
            reach = find_reach(request.user, *name_permissions(self.model, "add", "change"))
            choice.queryset = reach.narrow(choice.queryset, by=field)
        return choice

    @override
    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the list, or this row, may be seen."""
        seen = super().has_view_permission(request, obj)
        return seen and self._is_within(request, obj, "view", "change")

    @override
    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether rows, or this row, may be changed."""
        changed = super().has_change_permission(request, obj)
        return changed and self._is_within(request, obj, "change")

    @override
    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether rows, or this row, may be deleted."""
        deleted = super().has_delete_permission(request, obj)
        return deleted and self._is_within(request, obj, "delete")

    def _is_within(self, request: HttpRequest, obj: Model | None, *actions: str) -> bool:
        """The parent's row stands for rows within it: an inline is asked with the row of its page."""
        field = None if obj is None else find_shop_field(type(obj))
        if field is None:
            return True
        reach = find_reach(request.user, *name_permissions(self.model, *actions))
        return getattr(obj, "pk" if field == "pk" else "merchant_id") in reach


@display(description="Shop", ordering="merchant__name")
def show_shop(row: Model) -> str:
    """Whose a row of a list is."""
    return str(row.merchant)  # type: ignore[attr-defined]  # asked of tables with one only


def narrow_shops(form: Form, *, to: QuerySet[Merchant]) -> Form:
    """A form class whose choice of a shop offers these only; the class it was made from is left as it was."""
    fields: dict[str, Any] = form.base_fields  # type: ignore[attr-defined]  # set by Django's metaclass
    choice = deepcopy(fields["merchant"])
    choice.queryset = to
    fields["merchant"] = choice
    return form


class NextStep(msgspec.Struct, frozen=True, kw_only=True):
    """What brings the first row of a list that nobody adds a row to by hand."""

    title: str
    address: str
    """By its name."""
    permission: str


IMPORT_A_FEED = NextStep(
    title="Import a feed", address="admin:catalog_importrun_add", permission="catalog.add_importrun"
)
EMBED_THE_CHAT = NextStep(
    title="Embed the chat", address="admin:catalog_merchant_changelist", permission="catalog.change_merchant"
)


class ConsoleAdmin(Narrowed, ThemedAdmin):
    """The base of every page: the reader's shops only, and silent about the shop where there is one."""

    list_filter_sheet = True
    list_fullwidth = True
    list_per_page = 50
    warn_unsaved_form = True
    empty_value_display = "–"
    # Counting all rows as well, beside those that were found, would cost a list as much again.
    show_full_result_count = False
    when_empty = ""
    """What a list without a row says belongs there."""
    next_step: NextStep | None = None

    @override
    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """The list, with what brings its first row to whoever may do that."""
        listed: ChangeList = super().get_changelist_instance(request)
        if not listed.query and not listed.has_active_filters:
            # Nothing narrows the list, so there is nothing more to show.
            listed.full_result_count = listed.result_count
        step = self.next_step
        shown = step if step and request.user.has_perm(step.permission) else None
        listed.next_step = shown  # type: ignore[attr-defined]  # for the template
        return listed

    @override
    def get_actions(self, request: HttpRequest) -> Any:
        """Each works on rows of the shops in which whoever asks may do it, and on no other that the list shows."""
        offered = super().get_actions(request)
        field = find_shop_field(self.model)
        if field is None:
            return offered
        return {
            name: (_keep_within_rights(act, model=self.model, field=field), *named)
            for name, (act, *named) in offered.items()
        }

    @override
    def get_list_display(self, request: HttpRequest) -> Sequence[Any]:
        """The columns; the shop's only where there are several."""
        columns: Sequence[Any] = super().get_list_display(request)
        if has_several_merchants(request, self.model):
            return [show_shop if column == "merchant" else column for column in columns]
        return [column for column in columns if column not in MERCHANT_FIELDS]

    @override
    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, str | list[str]]:
        """A new row is the shop's, where there is only one."""
        filled: dict[str, str | list[str]] = super().get_changeform_initial_data(request)
        shops = list(
            list_shops(request, *name_permissions(self.model, "add")).values_list("pk", flat=True)[:2]
        )
        return {"merchant": str(shops[0]), **filled} if len(shops) == 1 else filled


Act = Callable[["ConsoleAdmin", HttpRequest, "QuerySet[Any]"], HttpResponse | None]


def _keep_within_rights(act: Act, *, model: type[Model], field: str) -> Act:
    """The act, done to rows of those shops only in which its permission is held."""
    needed = name_permissions(model, *getattr(act, "allowed_permissions", ("change",)))

    @wraps(act)
    def act_within(page: ConsoleAdmin, request: HttpRequest, rows: "QuerySet[Any]") -> HttpResponse | None:
        return act(page, request, find_reach(request.user, *needed).narrow(rows, by=field))

    return act_within


class NothingSaved(ConsoleAdmin):
    """A page whose rows are acted upon, and which has nothing to save."""

    @override
    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The page, without buttons that would do nothing."""
        unsaved = {"show_save": False, "show_save_and_continue": False, **(extra_context or {})}
        shown: HttpResponse = super().change_view(request, object_id, form_url, unsaved)
        return shown


class OnlyShown(Narrowed):
    """Rows that nobody adds, changes or deletes here."""

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


class ReadOnlyAdmin(OnlyShown, ConsoleAdmin):
    """A page that only shows: no way of adding, changing or deleting exists."""

    actions = None


class TabularInline(Narrowed, ThemedTabularInline):
    """Rows of another table within a page."""

    extra = 0


class ReadOnlyInline(OnlyShown, TabularInline):
    """Rows of another table that are only shown."""

    can_delete = False
