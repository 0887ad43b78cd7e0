"""Webhooks: the keys that shops sign with, what was delivered, and the addresses that are asked instead."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString
from typing_extensions import override
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminURLInputWidget

from catalog.ids import MerchantId
from catalog.inbox import reopen_events
from catalog.models import Delivery, Merchant, PollSource, WebhookKey
from commerce_agent.console.base import ConsoleAdmin, MerchantFilter, display, list_shops, narrow_shops
from commerce_agent.console.pictures import show_badge, show_moment
from commerce_agent.webhooks.keys import NewKey, TooManyKeys, end_keys, make_key, rotate_key

MADE = "admin/catalog/webhookkey/made.html"


class NewWebhookKeyForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """Whose key it is and what signs with it."""

    merchant = forms.ModelChoiceField(
        queryset=Merchant.objects.filter(ephemeral=False), widget=UnfoldAdminSelectWidget, label="Shop"
    )

    class Meta:
        model = WebhookKey
        fields = ("merchant", "name")

    @override
    def clean(self) -> dict[str, Any]:
        """A shop has two good keys at most: the one in use and the one that takes its place."""
        cleaned: dict[str, Any] = super().clean() or {}
        shop = cleaned.get("merchant")
        good = WebhookKey.objects.filter(merchant=shop).exclude(ends_at__lte=datetime.now(UTC))
        if shop is not None and good.count() > 1:
            raise forms.ValidationError(str(TooManyKeys()))
        return cleaned


class WebhookKeyAdmin(ConsoleAdmin):
    """Made here, shown once, replaced with a day's overlap, ended at once."""

    list_display = ("name", "key_id", "merchant", "made", "used", "state")
    list_filter = (MerchantFilter,)
    search_fields = ("name", "key_id")
    actions = ("replace", "end")
    form = NewWebhookKeyForm

    @override
    def get_form(
        self, request: HttpRequest, obj: WebhookKey | None = None, change: bool = False, **options: Any
    ) -> Any:
        """A new key is for one of the shops that whoever asks keeps the keys of."""
        form = super().get_form(request, obj, change=change, **options)
        return narrow_shops(form, to=list_shops(request, "catalog.add_webhookkey"))

    @override
    def save_model(self, request: HttpRequest, obj: WebhookKey, form: Any, change: bool) -> None:
        """Makes the key whole, with its secret."""
        made = make_key(merchant=MerchantId(str(obj.merchant_id)), name=obj.name, at=datetime.now(UTC))
        obj.pk = made.row.pk
        request.made_key = made  # type: ignore[attr-defined]  # read by `response_add`, of this request

    @override
    def response_add(
        self, request: HttpRequest, obj: WebhookKey, post_url_continue: Any = None
    ) -> HttpResponse:
        """Shows the secret in this answer itself: a message for the next page would leave it in a cookie."""
        made: NewKey = request.made_key  # type: ignore[attr-defined]  # set by `save_model`
        return self._show(request, made)

    def _show(self, request: HttpRequest, made: NewKey) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Your new webhook key",
            "key": made.row,
            "secret": made.secret,
            "address": request.build_absolute_uri(f"/webhooks/v1/{made.row.merchant.key}/"),
        }
        return TemplateResponse(request, MADE, context)

    @override
    def has_change_permission(self, request: HttpRequest, obj: WebhookKey | None = None) -> bool:
        """A key is replaced or ended, never altered; the actions need this permission on the list."""
        return obj is None and super().has_change_permission(request, obj)

    @override
    def has_delete_permission(self, request: HttpRequest, obj: WebhookKey | None = None) -> bool:
        """A key is ended; when it was used stays known."""
        return False

    @admin.action(description="Replace by a new one", permissions=["add"])
    def replace(self, request: HttpRequest, queryset: QuerySet[WebhookKey]) -> HttpResponse | None:
        """Makes the successor of one key; the old one stays good for a day."""
        chosen = list(queryset[:2])
        if len(chosen) != 1:
            messages.error(request, "Choose one key: each secret is shown on a page of its own.")
            return None
        try:
            made = rotate_key(key=chosen[0], at=datetime.now(UTC))
        except TooManyKeys as refusal:
            messages.error(request, str(refusal))
            return None
        return self._show(request, made)

    @admin.action(description="End", permissions=["change"])
    def end(self, request: HttpRequest, queryset: QuerySet[WebhookKey]) -> None:
        """Ends the chosen keys at once."""
        count = end_keys(ids=tuple(queryset.values_list("pk", flat=True)), at=datetime.now(UTC))
        messages.success(request, f"{count} ended. What is signed with them is refused from now on.")

    @display(description="State", ordering="ends_at")
    def state(self, key: WebhookKey) -> SafeString:
        """Whether it is good, and how long."""
        if key.ends_at is None:
            return show_badge(mood="good", words="Good")
        ended = key.ends_at <= datetime.now(UTC)
        return show_badge(
            mood="none", words=f"{'Ended' if ended else 'Good until'} {key.ends_at:%d %b %Y, %H:%M}"
        )

    @display(description="Made", ordering="created_at")
    def made(self, key: WebhookKey) -> SafeString:
        """When it was made."""
        return show_moment(key.created_at)

    @display(description="Last used", ordering="last_used_at")
    def used(self, key: WebhookKey) -> SafeString:
        """When something was last signed with it, to the minute."""
        return show_moment(key.last_used_at)


class DeliveryAdmin(ConsoleAdmin):
    """The log: what came, what was refused and why. What could not be applied can be tried again."""

    list_display = ("received", "via", "merchant", "outcome", "accepted", "known", "refused", "failed")
    list_filter = (MerchantFilter, "status")
    search_fields = ("via", "problem", "events__event_id", "events__subject")
    fields = ("merchant", "via", "received_at", "status", "problem", "size", "listed")
    readonly_fields = fields
    actions = ("apply_again",)

    @override
    def has_add_permission(self, request: HttpRequest) -> bool:
        """Deliveries come from outside."""
        return False

    @override
    def has_delete_permission(self, request: HttpRequest, obj: Delivery | None = None) -> bool:
        """The log is pruned by the clock."""
        return False

    @admin.action(description="Apply again what was refused", permissions=["change"])
    def apply_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        """Has the refused events tried once more: the product they name may be there now."""
        count = reopen_events(deliveries=tuple(queryset.values_list("pk", flat=True)))
        messages.success(request, f"{count} events are tried again within a few seconds.")

    @display(description="Received", ordering="received_at")
    def received(self, delivery: Delivery) -> SafeString:
        """When it came."""
        return show_moment(delivery.received_at)

    @display(description="Answered", ordering="status")
    def outcome(self, delivery: Delivery) -> SafeString:
        """With what it was answered."""
        good = delivery.status == HTTPStatus.ACCEPTED
        return show_badge(mood="good" if good else "none", words=f"{delivery.status} {delivery.problem}"[:60])

    @display(description="Not applied")
    def failed(self, delivery: Delivery) -> int:
        """How many of its events could not be applied."""
        return delivery.events.filter(status="refused").count()

    @display(description="Events")
    def listed(self, delivery: Delivery) -> str:
        """What became of each, refusals first."""
        refused = [f"{each['place']}. {each['id']}: {each['reason']}" for each in delivery.refusals]
        events = [
            f"{event.event_id}: {event.kind} {event.subject}, {event.get_status_display().lower()}"
            + (f" ({event.problem})" if event.problem else "")
            for event in delivery.events.all()[:200]
        ]
        return "\n".join([*refused, *events]) or "None."


class PollSourceForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """An address without a scheme is one over HTTPS."""

    url = forms.URLField(assume_scheme="https", max_length=1000, widget=UnfoldAdminURLInputWidget)


class PollSourceAdmin(ConsoleAdmin):
    """Addresses of shops that cannot send: asked on the clock, with the same JSON as a webhook carries."""

    form = PollSourceForm
    list_display = ("name", "merchant", "url", "seconds", "active", "asked", "outcome")
    list_filter = (MerchantFilter, "active")
    search_fields = ("name", "url")
    fields = ("merchant", "name", "url", "seconds", "active", "asked_at", "outcome", "cursor")
    readonly_fields = ("asked_at", "outcome", "cursor")

    @display(description="Last asked", ordering="asked_at")
    def asked(self, source: PollSource) -> SafeString:
        """When it was last asked."""
        return show_moment(source.asked_at)
