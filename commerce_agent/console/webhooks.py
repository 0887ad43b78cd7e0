"""Webhooks: the keys that shops sign with, and what was delivered."""

from datetime import datetime
from http import HTTPStatus

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from typing_extensions import override

from catalog.ids import MerchantId
from catalog.inbox import reopen_events
from catalog.models import Delivery, WebhookKey
from commerce_agent.console.base import MerchantFilter, NextStep, NothingSaved, display
from commerce_agent.console.pictures import show_badge, show_moment
from commerce_agent.console.signing_keys import NewKeyForm, SigningKeyAdmin
from commerce_agent.signing_keys import NewKey
from commerce_agent.webhooks.keys import WEBHOOK_KEYS, make_key


class NewWebhookKeyForm(NewKeyForm):
    """Whose key it is and what signs with it."""

    class Meta:
        model = WebhookKey
        fields = ("merchant", "name")


class WebhookKeyAdmin(SigningKeyAdmin[WebhookKey]):
    """The keys that a shop's systems sign their news with."""

    when_empty = "A key lets your own systems say that stock, prices or products changed."
    ring = WEBHOOK_KEYS
    form = NewWebhookKeyForm
    made_template = "admin/catalog/webhookkey/made.html"
    made_title = "Your new webhook key"

    @override
    def make(self, wanted: WebhookKey, *, at: datetime) -> NewKey[WebhookKey]:
        return make_key(merchant=MerchantId(str(wanted.merchant_id)), name=wanted.name, at=at)

    @override
    def describe(self, request: HttpRequest, row: WebhookKey) -> dict[str, object]:
        return {"address": request.build_absolute_uri(f"/webhooks/v1/{row.merchant.key}/")}


class DeliveryAdmin(NothingSaved):
    """The log: what came, what was refused and why. What could not be applied can be tried again."""

    when_empty = "What your systems send by webhook is listed here."
    next_step = NextStep(
        title="Make a webhook key",
        address="admin:catalog_webhookkey_add",
        permission="catalog.add_webhookkey",
    )
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
