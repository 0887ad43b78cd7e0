"""Merchants' own systems: where they are, how their answers are read, whether they work, and how they did."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from typing_extensions import override
from unfold.widgets import UnfoldAdminTextareaWidget

from catalog.connectors.configuring import check_connector, check_desk
from catalog.connectors.mapping import MappingRefused
from catalog.connectors.rows import ROWS
from catalog.connectors.sealing import SecretUnreadable, seal_secret
from catalog.models import (
    BreakerChange,
    BreakerState,
    Connector,
    ConnectorCount,
    ConnectorKind,
    ConnectorLogin,
)
from commerce_agent.console.asked_ids import find_uuid
from commerce_agent.console.base import ConsoleAdmin, MerchantFilter, ReadOnlyAdmin, display, list_shops
from commerce_agent.console.filters import AwayFilter
from commerce_agent.console.logins import LoginForm
from commerce_agent.console.pictures import show_badge, show_moment
from commerce_agent.console.systems import MOST_SHOPS, forget_kept, list_standings, try_connector

HISTORY = 12
_PACE = frozenset({"timeout_ms", "per_second", "desk_url"})
"""What may change while the same system goes on answering the same: its last answers stand."""
MOODS = {BreakerState.CLOSED: "good", BreakerState.OPEN: "none", BreakerState.HALF_OPEN: "low"}


class PathsField(forms.CharField):
    """Where each field stands in an answer, one a line: a name, a colon, a JMESPath."""

    def __init__(self, **options: object) -> None:
        super().__init__(
            required=False,
            label="Fields",
            widget=UnfoldAdminTextareaWidget(attrs={"rows": 8, "spellcheck": "false"}),
            help_text="One a line, such as quantity: stock.on_hand",
            **options,  # type: ignore[arg-type]  # Django's own options, handed on
        )

    @override
    def prepare_value(self, value: object) -> object:
        """The stored paths, one a line."""
        if isinstance(value, dict):
            return "\n".join(f"{name}: {path}" for name, path in value.items())
        return value

    @override
    def clean(self, value: object) -> dict[str, str]:
        """The paths by field."""
        paths: dict[str, str] = {}
        for number, line in enumerate(super().clean(value).splitlines(), start=1):
            name, colon, written = line.partition(":")
            if not line.strip():
                continue
            if not colon or not written.strip():
                message = f"Line {number} is a name, a colon and a path, such as quantity: stock.on_hand."
                raise ValidationError(message)
            paths[name.strip()] = written.strip()
        return paths

    @override
    def has_changed(self, initial: object, data: object) -> bool:
        """Whether the paths say something else than before."""
        try:
            return (initial or {}) != self.clean(data)
        except ValidationError:
            return True


class ConnectorForm(LoginForm):
    """A system's address, login and mapping."""

    addresses = ("url", "desk_url")
    paths = PathsField()

    class Meta:
        model = Connector
        fields = (
            "merchant",
            "kind",
            "name",
            "active",
            "url",
            "login",
            "login_name",
            "items",
            "desk_url",
            "timeout_ms",
            "per_second",
        )
        labels = {"merchant": "Shop", "kind": "Asked for", "login": "Knows us by"}

    @override
    def get_initial_for_field(self, field: forms.Field, field_name: str) -> object:
        """What stands in a field at first: for the paths, the stored ones."""
        if field_name == "paths":
            return self.instance.fields
        return super().get_initial_for_field(field, field_name)

    @override
    def clean(self) -> dict[str, object]:
        """Refuses an address or a mapping that could never be used."""
        said: dict[str, Any] = super().clean() or {}
        if self.errors:
            return said
        try:
            check_connector(
                kind=said["kind"],
                url=said["url"],
                items=said["items"],
                fields=said["paths"],
                timeout_ms=said["timeout_ms"],
            )
            check_desk(kind=said["kind"], url=said["desk_url"])
        except MappingRefused as error:
            raise ValidationError(str(error)) from error
        self.check_login(said)
        return said


class ConnectorAdmin(ConsoleAdmin):
    """Systems of merchants' own. Where none is entered, the built-in store answers."""

    when_empty = "Until you add one, stock, prices and orders are those that are kept here."
    form = ConnectorForm
    list_display = ("kind", "name", "where", "is_active", "merchant")
    list_display_links = ("kind", "name")
    list_filter = (MerchantFilter, "kind")
    search_fields = ("name", "url")
    actions = ("forget_kept",)
    list_before_template = "admin/catalog/connector/standings.html"
    change_form_outer_before_template = "admin/catalog/connector/panel.html"
    fieldsets = (
        (None, {"fields": ("merchant", "kind", "name", "active")}),
        ("Where", {"fields": ("url", "desk_url", "timeout_ms", "per_second")}),
        ("Login", {"fields": ("login", "login_name", "secret")}),
        ("Mapping", {"fields": ("items", "paths")}),
    )

    @override
    def get_urls(self) -> list[URLPattern]:
        """With the page that tries a connector."""
        tried = path(
            "<int:number>/try/", self.admin_site.admin_view(self.try_now), name="catalog_connector_try"
        )
        return [tried, *super().get_urls()]

    @override
    def get_readonly_fields(self, request: HttpRequest, obj: Connector | None = None) -> tuple[str, ...]:
        """Whose system it is and what for is settled when it is entered: its secret is bound to both."""
        return () if obj is None else ("merchant", "kind")

    @override
    def get_form(
        self, request: HttpRequest, obj: Connector | None = None, change: bool = False, **options: Any
    ) -> Any:
        """The form; its shop and kind stand as they are once it is entered."""
        form = super().get_form(request, obj, change=change, **options)
        return form if obj is None else type("EnteredForm", (_Entered, form), {})

    @override
    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list, under how every connector stands now: of the shop that it is narrowed to, or of the first few."""
        shops = list_shops(request, "catalog.view_connector").filter(active=True)
        if chosen := find_uuid(request.GET.get(MerchantFilter.parameter_name, "")):
            shops = shops.filter(pk=chosen)
        told = {"standings": list_standings(shops=shops), "left_out": max(0, shops.count() - MOST_SHOPS)}
        shown: HttpResponse = super().changelist_view(request, {**(extra_context or {}), **told})
        return shown

    @override
    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        """The form, with what happened to the connector lately."""
        connector = self.get_queryset(request).filter(pk=object_id).first() if object_id else None
        told: dict[str, object] = {"fields_of_kinds": [(kind, _list_fields(kind)) for kind in ConnectorKind]}
        if connector is not None:
            told |= {"history": _list_history(connector), "counts": _list_counts(connector)}
        shown: HttpResponse = super().changeform_view(
            request, object_id, form_url, {**(extra_context or {}), **told}
        )
        return shown

    @override
    def save_model(self, request: HttpRequest, obj: Connector, form: Any, change: bool) -> None:
        """Seals a new secret; every process goes on by what is entered within seconds. A system that may be another
        one than before gets a new version, by which the database counts it as another one: see `Answered.teller`.
        """
        obj.fields = form.cleaned_data["paths"]
        if form.cleaned_data["secret"]:
            obj.sealed_secret = seal_secret(
                form.cleaned_data["secret"],
                keys=settings.KEY_ENCRYPTION_KEYS,
                merchant=str(obj.merchant_id),
                kind=obj.kind,
            )
        if obj.login == ConnectorLogin.NONE:
            obj.sealed_secret = b""
        if change and not _PACE.issuperset(form.changed_data):
            obj.version += 1
        obj.save()

    @admin.action(description="Forget kept answers", permissions=["change"])
    def forget_kept(self, request: HttpRequest, queryset: QuerySet[Connector]) -> None:
        """For a system that has answered wrongly: what it said is served no more, in an outage neither."""
        for connector in queryset:
            forgotten = forget_kept(connector)
            if forgotten is None:
                messages.error(request, f"{connector}: Redis does not answer, so nothing was forgotten.")
            else:
                messages.success(request, f"{connector}: {forgotten} kept answers forgotten.")

    def try_now(self, request: HttpRequest, number: int) -> HttpResponse:
        """Asks the system once and shows the request, and the mapped answer or what is wrong."""
        connector = get_object_or_404(self.get_queryset(request), pk=number)
        if not self.has_change_permission(request, connector):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"Trying {connector}",
            "back": reverse("admin:catalog_connector_change", args=[connector.pk]),
        }
        try:
            tried = try_connector(connector, key=request.POST.get("key", ""), now=datetime.now(UTC))
            context["tried"] = tried
        except SecretUnreadable as error:
            context["unreadable"] = str(error)
        return TemplateResponse(request, "admin/catalog/connector/tried.html", context)

    @display(description="Address")
    def where(self, connector: Connector) -> str:
        """Where it is, short."""
        return connector.url.partition("?")[0][:80]

    @display(description="In use", ordering="active")
    def is_active(self, connector: Connector) -> SafeString:
        """Whether it is asked."""
        if connector.active:
            return show_badge(mood="good", words="Asked")
        return show_badge(mood="unknown", words="Off: the store answers")


class _Entered:
    """A form whose shop and kind come from the row: they are shown, not asked."""

    instance: Connector
    cleaned_data: dict[str, Any]

    def clean(self) -> dict[str, object]:
        self.cleaned_data |= {"merchant": self.instance.merchant, "kind": self.instance.kind}
        return super().clean()  # type: ignore[misc,no-any-return]  # the form's own


class BreakerChangeAdmin(ReadOnlyAdmin):
    """When systems were left alone, tried again, and came back."""

    when_empty = "No system has been out of reach."
    list_display = ("kind", "now", "moment", "failed", "merchant")
    list_filter = (MerchantFilter, "kind", "state", AwayFilter)
    search_fields = ("kind",)

    @display(description="State", ordering="state")
    def now(self, change: BreakerChange) -> SafeString:
        """What it became."""
        return _show_state(change.state)

    @display(description="At", ordering="at")
    def moment(self, change: BreakerChange) -> SafeString:
        """When."""
        return show_moment(change.at)

    @display(description="Failed")
    def failed(self, change: BreakerChange) -> str:
        """How many of the calls that decided it failed."""
        return f"{change.failures} of {change.calls}" if change.calls else "–"


def _show_state(state: str) -> SafeString:
    known = BreakerState(state)
    return show_badge(mood=MOODS[known], words=str(known.label))


def _list_fields(kind: str) -> str:
    return ", ".join(ROWS[kind].__struct_fields__)  # type: ignore[index]  # its values are the kinds


def _list_history(connector: Connector) -> list[tuple[SafeString, SafeString, int, int]]:
    changes = BreakerChange.objects.filter(merchant_id=connector.merchant_id, kind=connector.kind)[:HISTORY]
    return [
        (_show_state(change.state), show_moment(change.at), change.failures, change.calls)
        for change in changes
    ]


def _list_counts(connector: Connector) -> list[ConnectorCount]:
    counts = ConnectorCount.objects.filter(merchant_id=connector.merchant_id, kind=connector.kind)
    return list(counts.order_by("-day")[:7])
