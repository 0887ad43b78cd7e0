"""API keys: made here, shown once, revoked here."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString
from typing_extensions import override
from unfold.widgets import UnfoldAdminSelectWidget

from catalog.models import Merchant
from commerce_agent.console.base import ConsoleAdmin, MerchantFilter, display, list_shops, narrow_shops
from commerce_agent.console.conversations import list_shop_names
from commerce_agent.console.pictures import show_badge, show_moment
from conversations.api.keys import GrantedKey, grant_key, revoke_keys
from conversations.ids import MerchantId
from conversations.models import ApiKey

READ_ONLY = ("prefix", "scope", "state", "made", "used")


class NewKeyForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """Whose key it is, what uses it, and what it may do."""

    merchant = forms.ModelChoiceField(
        queryset=Merchant.objects.filter(ephemeral=False), widget=UnfoldAdminSelectWidget, label="Shop"
    )

    class Meta:
        model = ApiKey
        fields = ("name", "scope", "requests_per_minute")


class ApiKeyAdmin(ConsoleAdmin):
    """Keys of the shop's own systems. One is revoked rather than deleted, so that its use stays known."""

    when_empty = "A key lets your own systems read and feed conversations."
    list_display = ("name", "prefix", "scope", "requests_per_minute", "used", "made", "state", "shop")
    list_filter = (MerchantFilter, "scope")
    search_fields = ("name", "prefix")
    actions = ("revoke",)

    @override
    def get_form(
        self, request: HttpRequest, obj: ApiKey | None = None, change: bool = False, **options: Any
    ) -> Any:
        """A new key is a shop's; later only its name and its rate may change."""
        if obj is not None:
            return super().get_form(request, obj, change=change, **options)
        form = super().get_form(request, obj, change=change, **{**options, "form": NewKeyForm})
        return narrow_shops(form, to=list_shops(request, "conversations.add_apikey"))

    @override
    def get_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> tuple[str, ...]:
        """What is asked for a new key; what is shown of one that exists."""
        asked = ("name", "scope", "requests_per_minute")
        return ("merchant", *asked) if obj is None else ("name", "requests_per_minute", *READ_ONLY)

    @override
    def get_readonly_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> tuple[str, ...]:
        """What a key may do is settled when it is made."""
        return () if obj is None else READ_ONLY

    @override
    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        """Makes a new key whole, with its secret; of one that exists its name and rate are stored."""
        if change:
            obj.save(update_fields=["name", "requests_per_minute"])
            return
        granted = grant_key(
            merchant=MerchantId(str(form.cleaned_data["merchant"].pk)),
            name=obj.name,
            scope=ApiKey.Scope(obj.scope),
            at=datetime.now(UTC),
            per_minute=obj.requests_per_minute,
        )
        obj.pk, obj.prefix = granted.row.pk, granted.row.prefix
        request.granted_key = granted  # type: ignore[attr-defined]  # read by `response_add`, of this request

    @override
    def response_add(self, request: HttpRequest, obj: ApiKey, post_url_continue: Any = None) -> HttpResponse:
        """Shows the key in this answer itself: a message for the next page would leave it in a cookie."""
        granted: GrantedKey = request.granted_key  # type: ignore[attr-defined]  # set by `save_model`
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Your new API key",
            "key": granted.row,
            "secret": granted.secret,
            "shop": list_shop_names()[granted.row.merchant_id],
        }
        return TemplateResponse(request, "admin/conversations/apikey/made.html", context)

    @override
    def has_delete_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        """A key is revoked; when it was used stays known."""
        return False

    @override
    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """The list, each row with its shop's name."""
        page: ChangeList = super().get_changelist_instance(request)
        names = list_shop_names()
        rows = list(page.result_list)
        for row in rows:
            row.shop_name = names.get(row.merchant_id, "")
        page.result_list = rows
        return page

    @admin.action(description="Revoke", permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        """Ends the chosen keys at once."""
        ids: tuple[UUID, ...] = tuple(queryset.values_list("pk", flat=True))
        count = revoke_keys(ids=ids, at=datetime.now(UTC))
        messages.success(request, f"{count} revoked. Requests with them are refused from now on.")

    @display(description="State", ordering="revoked_at")
    def state(self, key: ApiKey) -> SafeString:
        """Whether it is good."""
        if key.revoked_at is None:
            return show_badge(mood="good", words="Good")
        return show_badge(mood="none", words=f"Revoked {key.revoked_at:%d %b %Y, %H:%M}")

    @display(description="Made", ordering="created_at")
    def made(self, key: ApiKey) -> SafeString:
        """When it was made."""
        return show_moment(key.created_at)

    @display(description="Last used", ordering="last_used_at")
    def used(self, key: ApiKey) -> SafeString:
        """When it last asked something, to the minute."""
        return show_moment(key.last_used_at)

    @display(description="Shop")
    def shop(self, key: Any) -> str:  # noqa: ANN401 - an ApiKey with its shop's name
        """Whose key it is."""
        return str(getattr(key, "shop_name", ""))
