"""Policies, version by version: saving a changed text makes a new version, and earlier ones stay."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from typing_extensions import override
from unfold.widgets import UnfoldAdminTextareaWidget

from catalog.ids import MerchantId
from catalog.models import Category, Merchant, Policy, PolicyScope, Variant
from catalog.policies import TermsUnreadable, TermValue, read_terms, set_policy, write_terms
from commerce_agent.console.base import ConsoleAdmin, MerchantFilter, display
from commerce_agent.console.differences import show_changed_terms, show_difference
from commerce_agent.console.navigation import may_view
from commerce_agent.console.news import announce
from commerce_agent.console.pictures import show_badge, show_moment

SHOWN_VERSIONS = 50
LEADS_TO_TALKS = "leads_to_talks"
"""Marks a policy that is shown to somebody who may see conversations."""


class TermsField(forms.CharField):
    """Terms as people write them: a name and a value on each line."""

    def __init__(self, **options: object) -> None:
        super().__init__(
            required=False,
            label="Terms",
            widget=UnfoldAdminTextareaWidget(attrs={"rows": 4, "spellcheck": "false"}),
            help_text="What the assistant can reckon with, one a line: window_days: 60",
            **options,  # type: ignore[arg-type]  # Django's own options, handed on
        )

    @override
    def prepare_value(self, value: object) -> object:
        """The stored terms, one a line."""
        if isinstance(value, dict):
            return write_terms(value)
        return value

    @override
    def clean(self, value: object) -> dict[str, TermValue]:
        """The terms by name. Refuses what is not a list of names with plain values."""
        try:
            return read_terms(super().clean(value))
        except TermsUnreadable as refusal:
            raise ValidationError(str(refusal)) from refusal

    @override
    def has_changed(self, initial: object, data: object) -> bool:
        """Whether the terms say something else than before; spacing does not count."""
        try:
            return (initial or {}) != self.clean(data)
        except ValidationError:
            return True


class PolicyForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """A policy's words and terms; for a new one also its name and what it covers."""

    terms = TermsField()

    class Meta:
        model = Policy
        fields = ("merchant", "name", "title", "text", "terms", "scope", "scope_value")
        labels = {"merchant": "Shop", "scope": "Covers", "scope_value": "Which one"}

    @override
    def clean(self) -> dict[str, object]:
        """Refuses a scope that covers nothing, and a second policy of the same name and scope."""
        said: dict[str, object] = super().clean() or {}
        if self.instance.pk is not None:
            return said
        merchant, scope = said.get("merchant"), said.get("scope")
        value = str(said.get("scope_value") or "").strip()
        if not isinstance(merchant, Merchant) or not scope:
            return said
        said["scope_value"] = value = "" if scope == PolicyScope.STORE else value
        if scope == PolicyScope.SKU and not Variant.objects.filter(merchant=merchant, sku=value).exists():
            self.add_error("scope_value", "There is no variant with this SKU.")
        if scope == PolicyScope.CATEGORY and not _covers_shelf(merchant=merchant, value=value):
            self.add_error("scope_value", "There is no category with this name or path.")
        same = Policy.objects.filter(
            merchant=merchant, name=said.get("name"), scope=scope, scope_value=value
        ).first()
        if same is not None:
            self.add_error("name", "There is such a policy for this scope. Open it to write a new version.")
        return said


def _covers_shelf(*, merchant: Merchant, value: str) -> bool:
    shelves = Category.objects.filter(merchant=merchant)
    return bool(value) and (
        shelves.filter(path__iexact=value).exists() or shelves.filter(name__iexact=value).exists()
    )


def list_versions(policy: Policy) -> QuerySet[Policy]:
    """All versions of a policy for its scope, the newest first."""
    same = Policy.objects.filter(
        merchant_id=policy.merchant_id,
        name=policy.name,
        scope=policy.scope,
        scope_value=policy.scope_value,
    )
    return same.order_by("-version")


def _show_change(policy: Policy, *, before: Policy | None) -> SafeString:
    if before is None:
        return format_html('<p class="ca-quote">{}</p>', policy.text)
    return format_html(
        '<p class="ca-quote">{}</p>{}',
        show_difference(before=before.text, after=policy.text),
        show_changed_terms(before=before.terms or {}, after=policy.terms or {}),
    )


def _link_told(policy: Policy) -> SafeString:
    """Leads to the conversations whose replies rested on this version."""
    asked = urlencode({"policy": policy.ref, "shop": policy.merchant_id})
    return format_html(
        ' · <a class="ca-link" href="{}?{}">Who was told this</a>', reverse("admin:audit_find"), asked
    )


class PolicyAdmin(ConsoleAdmin):
    """What the shop promises. The narrowest scope wins: an SKU's, then a category's, then the store's."""

    when_empty = (
        "The assistant promises what stands in a policy and nothing else. Begin with returns and shipping."
    )
    form = PolicyForm
    list_display = ("title", "name", "covers", "version", "standing", "since", "merchant")
    list_filter = (MerchantFilter, "name", "scope")
    list_select_related = ("merchant",)
    search_fields = ("title", "name", "text", "scope_value")
    search_help_text = "Title, text, name or what it covers"
    autocomplete_fields = ("merchant",)
    actions = None
    formfield_overrides = {models.TextField: {"widget": UnfoldAdminTextareaWidget(attrs={"rows": 6})}}

    @override
    def get_queryset(self, request: HttpRequest) -> QuerySet[Policy]:
        """The policies, each with whether a later version replaced it."""
        later = Policy.objects.filter(
            merchant_id=OuterRef("merchant_id"),
            name=OuterRef("name"),
            scope=OuterRef("scope"),
            scope_value=OuterRef("scope_value"),
            version__gt=OuterRef("version"),
        )
        found: QuerySet[Policy] = super().get_queryset(request)
        return found.annotate(replaced=Exists(later))

    @override
    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Policy | None:
        """The version; it leads to conversations only whoever may see those."""
        found: Policy | None = super().get_object(request, object_id, from_field)
        if found is not None and may_view(request.user, model="conversations.conversation"):
            found.__dict__[LEADS_TO_TALKS] = True
        return found

    @override
    def get_fieldsets(self, request: HttpRequest, obj: Policy | None = None) -> Any:
        """The words first; what it covers; and, where it exists, its versions."""
        words = ("Words", {"fields": ("title", "text", "terms")})
        scope = ("What it covers", {"fields": ("merchant", "name", "scope", "scope_value")})
        if obj is None:
            return (scope, words)
        return (
            words,
            ("What it covers", {"fields": ("name", "covers")}),
            ("Versions", {"fields": ("versions",)}),
        )

    @override
    def get_readonly_fields(self, request: HttpRequest, obj: Policy | None = None) -> tuple[str, ...]:
        """Name and scope are what a policy is known by; they stay as they are."""
        return () if obj is None else ("name", "covers", "versions")

    @override
    def has_change_permission(self, request: HttpRequest, obj: Policy | None = None) -> bool:
        """The newest version can be rewritten; an earlier one was said to shoppers and stays."""
        if not super().has_change_permission(request, obj):
            return False
        return obj is None or not list_versions(obj).filter(version__gt=obj.version).exists()

    @override
    def has_delete_permission(self, request: HttpRequest, obj: Policy | None = None) -> bool:
        """Shoppers were told of it, so it stays."""
        return False

    @display(description="Covers")
    def covers(self, policy: Policy) -> str:
        """What it holds for."""
        if policy.scope == PolicyScope.STORE:
            return "The whole store"
        return f"{'Category' if policy.scope == PolicyScope.CATEGORY else 'SKU'} {policy.scope_value}"

    @display(description="Written", ordering="observed_at")
    def since(self, policy: Policy) -> SafeString:
        """When this version was written."""
        return show_moment(policy.observed_at)

    @display(description="Standing")
    def standing(self, policy: Policy) -> SafeString:
        """Whether this version holds now."""
        now = datetime.now(UTC)
        if getattr(policy, "replaced", False):
            return show_badge(mood="unknown", words="Replaced")
        if policy.valid_from and policy.valid_from > now:
            return show_badge(mood="low", words=f"From {policy.valid_from:%d %b %Y}")
        if policy.valid_until and policy.valid_until <= now:
            return show_badge(mood="none", words="Ended")
        return show_badge(mood="good", words="In force")

    @display(description="")
    def versions(self, policy: Policy) -> SafeString:
        """Every version, the newest first, each with what it changed."""
        found = list(list_versions(policy)[: SHOWN_VERSIONS + 1])
        earlier = [*found[1:], None][: len(found)]
        rows = format_html_join(
            "",
            "<li><details{}><summary>Version {} · {}</summary>{}"
            '<p class="ca-faint"><a class="ca-link" href="{}">Open</a>{}</p></details></li>',
            (
                (
                    " open" if version.pk == policy.pk else "",
                    version.version,
                    f"{version.observed_at:%d %b %Y, %H:%M} UTC",
                    _show_change(version, before=before),
                    reverse("admin:catalog_policy_change", args=[version.pk]),
                    _link_told(version) if LEADS_TO_TALKS in policy.__dict__ else "",
                )
                for version, before in list(zip(found, earlier, strict=True))[:SHOWN_VERSIONS]
            ),
        )
        return format_html('<ol class="ca-versions">{}</ol>', rows)

    @override
    def save_model(self, request: HttpRequest, obj: Policy, form: PolicyForm, change: bool) -> None:
        """Writes the next version and tells the open conversations; the version that was open stays."""
        if change and not form.changed_data:
            return
        event = set_policy(
            merchant=MerchantId(str(obj.merchant_id)),
            name=obj.name,
            title=obj.title,
            text=obj.text,
            terms=form.cleaned_data["terms"],
            scope=obj.scope,
            scope_value=obj.scope_value,
            at=datetime.now(UTC),
        )
        announce(event)
        obj.pk = list_versions(obj).values_list("pk", flat=True)[0]

    @override
    def response_change(self, request: HttpRequest, obj: Policy) -> HttpResponse:
        """Leads to the version that was just written."""
        answer: HttpResponse = super().response_change(request, obj)
        if "_continue" in request.POST:
            return HttpResponseRedirect(reverse("admin:catalog_policy_change", args=[obj.pk]))
        return answer
