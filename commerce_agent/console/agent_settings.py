"""How a shop wants its assistant, version by version: saving makes a new one, and earlier ones stay as they were."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.forms.models import model_to_dict
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from typing_extensions import override
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminTextareaWidget

from catalog.models import Merchant
from commerce_agent.agent.shop.settings import KEPT_SECONDS
from commerce_agent.console.base import ConsoleAdmin, MerchantFilter, display, list_shops, name_permissions
from commerce_agent.models import AgentSettings, Operator

MICROS = 1_000_000
FIELDS = (
    "persona",
    "tone",
    "languages",
    "use_claude",
    "model",
    "small_model",
    "declined_topics",
    "handoff_rules",
    "memory_needs_consent",
    "turn_micros",
    "shopper_micros",
    "shop_micros",
)
MOST_SHOPS = 10
MOST_LINES = 20
LONGEST_LINE = 200


class LinesField(forms.CharField):
    """A list as people write it: one entry a line."""

    def __init__(self, *, label: str, help_text: str) -> None:
        widget = UnfoldAdminTextareaWidget(attrs={"rows": 3})
        super().__init__(required=False, label=label, help_text=help_text, widget=widget)

    @override
    def prepare_value(self, value: object) -> object:
        """The stored entries, one a line."""
        return "\n".join(value) if isinstance(value, list) else value

    @override
    def clean(self, value: object) -> list[str]:
        """The entries. Refuses more and longer ones than a prompt has room for."""
        lines = [line.strip() for line in super().clean(value).splitlines() if line.strip()]
        if len(lines) > MOST_LINES or any(len(line) > LONGEST_LINE for line in lines):
            raise ValidationError(f"At most {MOST_LINES} lines of {LONGEST_LINE} letters.")
        return lines


class DollarsField(forms.DecimalField):
    """A budget in dollars; it is kept in millionths."""

    def __init__(self, *, label: str, of: str) -> None:
        super().__init__(
            label=label,
            min_value=Decimal(0),
            max_digits=10,
            decimal_places=4,
            help_text="In US dollars.",
            # A form without a version to start from asks its own fields, not the model's.
            initial=getattr(AgentSettings(), of),
            widget=UnfoldAdminDecimalFieldWidget,
        )

    @override
    def prepare_value(self, value: object) -> object:
        """The stored millionths as dollars."""
        return Decimal(value) / MICROS if isinstance(value, int) else value

    @override
    def clean(self, value: object) -> int:
        """The millionths."""
        return int(super().clean(value) * MICROS)


class AgentSettingsForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """The next version."""

    languages = LinesField(
        label="Languages", help_text="Codes such as en or de, one a line. Empty: the shopper's."
    )
    declined_topics = LinesField(label="Topics to decline", help_text="One a line.")
    handoff_rules = LinesField(label="When to call a person", help_text="One a line.")
    turn_micros = DollarsField(label="Budget of one reply", of="turn_micros")
    shopper_micros = DollarsField(label="Budget of one shopper a day", of="shopper_micros")
    shop_micros = DollarsField(label="Budget of the shop a day", of="shop_micros")

    class Meta:
        model = AgentSettings
        fields = ("merchant", *FIELDS)
        labels = {
            "merchant": "Shop",
            "use_claude": "Claude may answer",
            "memory_needs_consent": "Ask before remembering",
            "model": "Model",
            "small_model": "Model for summaries",
        }
        help_texts = {
            "persona": "Who the assistant is, in a few sentences. For Claude: the built-in planner has its own words.",
            "tone": "How it talks. For Claude: the built-in planner has its own words.",
            "use_claude": "Otherwise the built-in planner answers everything.",
            "memory_needs_consent": "Nothing of a shopper is remembered from visit to visit until they agree.",
            "model": "Empty: the operator's choice.",
            "small_model": "Empty: summaries are written without a model.",
        }


class AgentSettingsAdmin(ConsoleAdmin):
    """Versions of the assistant's settings. Adding one starts from the newest; none is changed or removed."""

    when_empty = "The assistant answers by its defaults until you save a first version."
    form = AgentSettingsForm
    list_display = ("version_shown", "changes", "changed_by", "changed_at", "merchant")
    list_filter = (MerchantFilter,)
    list_select_related = ("merchant", "changed_by")
    actions = None
    fieldsets = (
        ("Voice", {"fields": ("merchant", "persona", "tone", "languages")}),
        ("Conduct", {"fields": ("declined_topics", "handoff_rules", "memory_needs_consent")}),
        ("Model", {"fields": ("use_claude", "model", "small_model")}),
        ("Budgets", {"fields": ("turn_micros", "shopper_micros", "shop_micros")}),
    )
    history_fieldsets = (
        ("Version", {"fields": ("version_shown", "merchant", "changed_by", "changed_at", "difference")}),
    )

    list_before_template = "admin/commerce_agent/agentsettings/shops.html"

    @override
    def get_urls(self) -> list[URLPattern]:
        """With the page where a shop's assistant is talked to."""
        tried = self.admin_site.admin_view(self.try_it)
        return [path("try/<uuid:shop>/", tried, name="commerce_agent_agentsettings_try"), *super().get_urls()]

    @override
    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The versions, and where each shop's assistant is tried."""
        shops = list_shops(request, *name_permissions(AgentSettings, "view", "change"))[:MOST_SHOPS]
        shown: HttpResponse = super().changelist_view(
            request, {**(extra_context or {}), "shops_to_try": shops}
        )
        return shown

    def try_it(self, request: HttpRequest, shop: UUID) -> HttpResponse:
        """The shop's own chat, beside the settings it answers by."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        shops = list_shops(request, *name_permissions(AgentSettings, "view", "change"))
        merchant = get_object_or_404(shops, pk=shop)
        newest = AgentSettings.objects.filter(merchant=merchant).order_by("-version").first()
        told = [
            (AgentSettingsForm.base_fields[name].label or name.capitalize(), _write(getattr(newest, name)))
            for name in (FIELDS if newest else ())
        ]
        context = {
            **self.admin_site.each_context(request),
            "title": "Try the assistant",
            "opts": self.opts,
            "shop": merchant,
            "settings": newest,
            "told": told,
            "language": merchant.locale[:2],
            "seconds": int(KEPT_SECONDS),
            "may_add": self.has_add_permission(request),
        }
        return TemplateResponse(request, "admin/commerce_agent/agentsettings/try.html", context)

    @display(description="Version", ordering="version")
    def version_shown(self, settings: AgentSettings) -> str:
        """Its number, as decisions name it."""
        return f"Version {settings.version}"

    @display(description="Changed")
    def changes(self, settings: AgentSettings) -> str:
        """What is other than before."""
        names = [AgentSettingsForm.base_fields[name].label or name for name, _, _ in list_changes(settings)]
        return ", ".join(str(name) for name in names) or "Nothing"

    @display(description="What changed")
    def difference(self, settings: AgentSettings) -> SafeString:
        """Each change, before and after."""
        rows = [
            (AgentSettingsForm.base_fields[name].label or name, _write(before), _write(after))
            for name, before, after in list_changes(settings)
        ]
        if not rows:
            return format_html("<p>{}</p>", "Nothing")
        told = format_html_join("", "<tr><th>{}</th><td><del>{}</del></td><td><ins>{}</ins></td></tr>", rows)
        return format_html("<table><tbody>{}</tbody></table>", told)

    @override
    def get_fieldsets(self, request: HttpRequest, obj: AgentSettings | None = None) -> Any:
        """For a version that exists also what it changed."""
        return self.fieldsets if obj is None else (*self.history_fieldsets, *self.fieldsets)

    @override
    def get_readonly_fields(self, request: HttpRequest, obj: AgentSettings | None = None) -> tuple[str, ...]:
        """What is only shown."""
        return () if obj is None else ("version_shown", "changed_by", "changed_at", "difference")

    @override
    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, str | list[str]]:
        """The newest version of the shop is what the next one starts from."""
        filled = super().get_changeform_initial_data(request)
        within = list_shops(request, "commerce_agent.add_agentsettings")
        shops = [shop for shop in within[:500] if str(shop.pk) == filled.get("merchant")]
        newest = AgentSettings.objects.filter(merchant__in=shops).order_by("-version").first()
        return {**model_to_dict(newest, fields=FIELDS), **filled} if newest else filled

    @override
    def has_change_permission(self, request: HttpRequest, obj: AgentSettings | None = None) -> bool:
        """Nobody changes a version that decisions name."""
        return False

    @override
    def has_delete_permission(self, request: HttpRequest, obj: AgentSettings | None = None) -> bool:
        """Nor removes one."""
        return False

    @override
    def save_model(
        self, request: HttpRequest, obj: AgentSettings, form: AgentSettingsForm, change: bool
    ) -> None:
        """Stores the next version; two who save at once get two numbers."""
        with transaction.atomic():
            Merchant.objects.select_for_update().get(pk=obj.merchant_id)
            newest = AgentSettings.objects.filter(merchant_id=obj.merchant_id).order_by("-version").first()
            obj.version = newest.version + 1 if newest else 1
            obj.changed_by = request.user if isinstance(request.user, Operator) else None
            obj.changed_at = datetime.now(UTC)
            super().save_model(request, obj, form, change)


def list_changes(settings: AgentSettings) -> list[tuple[str, object, object]]:
    """Field, value before and value after, against the version before; the first one against the defaults."""
    before = (
        AgentSettings.objects.filter(merchant_id=settings.merchant_id, version__lt=settings.version)
        .order_by("-version")
        .first()
    ) or AgentSettings()
    pairs = [(name, getattr(before, name), getattr(settings, name)) for name in FIELDS]
    return [(name, old, new) for name, old, new in pairs if old != new]


def _write(value: object) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list):
        return "; ".join(str(each) for each in value)
    return f"${Decimal(value) / MICROS:f}" if isinstance(value, int) else str(value)
