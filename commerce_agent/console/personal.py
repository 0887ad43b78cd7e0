"""Pages of a shopper or an order: what is personal is covered until somebody says why they must see it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from typing_extensions import override

from commerce_agent.console.asked_ids import find_uuid
from commerce_agent.console.audit.gate import (
    NOT_A_CHOICE,
    find_only_shop,
    find_revealed,
    read_now,
    read_reason,
    record,
    reveal,
)
from commerce_agent.console.audit.masking import COVERED
from commerce_agent.console.base import MerchantFilter, ReadOnlyAdmin, name_permissions
from commerce_agent.models import Operator

LISTED = {
    "conversation": "conversations.listed",
    "decisionrecord": "decisions.listed",
    "shopper": "shoppers.listed",
    "order": "orders.listed",
}
"""How a look at each list is called in the record."""
TOLD = frozenset({
    MerchantFilter.parameter_name, "within", "waiting", "planner", "known", "origin", "status__exact", "tier", "p", "o",
})  # fmt: skip
"""The parameters of a list whose choices say nothing of anybody."""
OF_PAGING = re.compile(r"-?\d{1,6}(\.-?\d{1,6})*")


def record_listing(request: HttpRequest, page: ChangeList, *, model: type[Model]) -> None:
    """Puts a look at a list on record: that it was narrowed and how, but no words that may be a name, and none that an
    address was made up with.
    """
    user = get_operator(request)
    asked = find_uuid(request.GET.get(MerchantFilter.parameter_name, ""))
    shop = find_only_shop(user, asked=asked, permissions=name_permissions(model, "view", "change"))
    choices = dict(_list_choices(page))
    given = sorted(request.GET.dict().items())
    record(
        user=user,
        merchant=shop,
        action=LISTED[model.__name__.lower()],
        now=read_now(),
        detail=tuple((name[:80], _tell_given(name, str(value), choices=choices)) for name, value in given),
    )


def _tell_given(name: str, value: str, *, choices: Mapping[str, frozenset[str]]) -> str:
    if name not in TOLD:
        return "given"
    if name in ("p", "o"):
        return value if OF_PAGING.fullmatch(value) else NOT_A_CHOICE
    if name == MerchantFilter.parameter_name:
        return str(shop) if (shop := find_uuid(value)) else NOT_A_CHOICE
    return value[:80] if value in choices.get(name, frozenset()) else NOT_A_CHOICE


def _list_choices(page: ChangeList) -> Iterator[tuple[str, frozenset[str]]]:
    """What each filter of a list offers, by its parameter."""
    for filtered in page.filter_specs:
        match filtered:
            case admin.SimpleListFilter(parameter_name=str(name)):
                yield name, frozenset(str(value) for value, _ in filtered.lookup_choices)
            case admin.ChoicesFieldListFilter():
                yield filtered.lookup_kwarg, frozenset(str(value) for value, _ in filtered.field.flatchoices)
            case admin.AllValuesFieldListFilter():
                yield filtered.lookup_kwarg, frozenset(map(str, filtered.lookup_choices))
            case _:
                continue


def get_operator(request: HttpRequest) -> Operator:
    """Who asks; raises `PermissionDenied` for nobody."""
    if not isinstance(request.user, Operator):
        raise PermissionDenied
    return request.user


class PersonalAdmin(ReadOnlyAdmin):
    """A row that says who somebody is. Each look at it is on record before it is answered, as in the audit."""

    change_form_outer_before_template = "admin/commerce_agent/reveal.html"

    @override
    def get_urls(self) -> list[URLPattern]:
        """With the way to see what is covered."""
        route = path(
            "<path:object_id>/reveal/", self.admin_site.admin_view(self.reveal_row), name=self._name_reveal()
        )
        return [route, *super().get_urls()]

    def _name_reveal(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_reveal"

    @override
    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """One row, which knows whether it is seen uncovered."""
        row: Any = super().get_object(request, object_id, from_field)
        if row is not None:
            row.revealed_until = find_revealed(request, of=row.pk, now=read_now())
        return row

    @override
    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The list, once the look at it is on record."""
        page = super().get_changelist_instance(request)
        record_listing(request, page, model=self.model)
        return page

    @override
    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The row, once the look is on record."""
        row = self.get_object(request, unquote(object_id))
        if row is None or not self.has_view_permission(request, row):
            unseen: HttpResponse = super().change_view(request, object_id, form_url, extra_context)
            return unseen
        detail = (("revealed", "yes"),) if row.revealed_until else ()
        self._record(request, row, action=f"{self.opts.model_name}.viewed", detail=detail)
        more = {
            "revealed_until": row.revealed_until,
            "covered": COVERED,
            "reveal": reverse(f"admin:{self._name_reveal()}", args=[row.pk]),
        }
        shown: HttpResponse = super().change_view(
            request, object_id, form_url, {**(extra_context or {}), **more}
        )
        return shown

    def reveal_row(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Shows what is personal of a row for a quarter of an hour, and keeps the reason."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404("There is no such row.")
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if reason := read_reason(request):
            self._record(request, row, action="personal.revealed", purpose=reason)
            reveal(request, of=row.pk, now=read_now())
        else:
            messages.error(request, "Say in a few words why you must see it; nothing was shown.")
        address = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return HttpResponseRedirect(reverse(address, args=[row.pk]))

    def _record(
        self,
        request: HttpRequest,
        row: Any,  # noqa: ANN401 - a row of the page's model
        *,
        action: str,
        purpose: str = "",
        detail: tuple[tuple[str, str], ...] = (),
    ) -> None:
        record(
            user=get_operator(request),
            merchant=row.merchant_id,
            action=action,
            subject=f"{self.opts.model_name}:{row.pk}",
            purpose=purpose,
            now=read_now(),
            detail=detail,
        )


def cover(row: Any, text: str) -> str:  # noqa: ANN401 - a row of a personal page or of its list
    """A text of a row as it may be seen: covered in lists, and on the row's page until it was revealed."""
    return text if getattr(row, "revealed_until", None) or not text else COVERED
