"""Webhooks to the shop: the addresses that are told what happens in the chat, and the log of what they were told."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from typing_extensions import override
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminURLInputWidget

from catalog.connectors.configuring import ConfigurationRefused, check_host
from commerce_agent.console.base import ConsoleAdmin, MerchantFilter, NextStep, NothingSaved, display
from commerce_agent.console.pictures import show_badge, show_moment
from commerce_agent.models import Listener, Sending, SendingState, Told
from commerce_agent.webhooks.listeners import renew_secret
from commerce_agent.webhooks.outgoing import deliver, get_message, make_test, send_again

KINDS = tuple(choice for choice in Told.choices if choice[0] != Told.TEST)
MOODS = {SendingState.WAITING: "low", SendingState.DELIVERED: "good", SendingState.GIVEN_UP: "none"}


def read_clock() -> datetime:
    """Now, as the pages have it."""
    return datetime.now(UTC)


class ListenerForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """An address without a scheme is one over HTTPS."""

    url = forms.URLField(
        assume_scheme="https",
        max_length=1000,
        widget=UnfoldAdminURLInputWidget,
        label="Address",
        help_text="It gets a POST with JSON, and answers with 200 or any other 2xx.",
    )
    kinds = forms.MultipleChoiceField(
        choices=KINDS,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        label="Tell it when",
        initial=[key for key, _ in KINDS],
    )

    class Meta:
        model = Listener
        fields = ("merchant", "name", "url", "kinds", "active")
        labels = {"merchant": "Shop"}
        help_texts = {
            "active": "What happens while it is off is not sent; what waits is sent when it is on again."
        }

    def clean_url(self) -> str:
        """Refuses an address that could never be called."""
        url: str = self.cleaned_data["url"]
        try:
            check_host(url)
        except ConfigurationRefused as error:
            raise ValidationError(str(error)) from error
        return url


class ListenerAdmin(ConsoleAdmin):
    """The addresses: each with a secret of its own, which signs what is sent there and is shown once."""

    when_empty = (
        "Your help desk or order system can be told by webhook when a shopper asks for a person or orders."
    )
    form = ListenerForm
    list_display = ("name", "merchant", "url", "told_of", "active", "last")
    list_filter = (MerchantFilter, "active")
    search_fields = ("name", "url")
    actions = ("renew",)
    change_form_outer_before_template = "admin/commerce_agent/listener/panel.html"

    @override
    def get_urls(self) -> list[URLPattern]:
        """With the one that sends a test."""
        tried = path(
            "<uuid:number>/try/", self.admin_site.admin_view(self.try_now), name="commerce_agent_listener_try"
        )
        return [tried, *super().get_urls()]

    @override
    def get_readonly_fields(self, request: HttpRequest, obj: Listener | None = None) -> tuple[str, ...]:
        """Whose address it is is settled when it is entered: its secret is bound to the shop."""
        return () if obj is None else ("merchant",)

    @override
    def get_deleted_objects(
        self, objs: "Sequence[Listener] | QuerySet[Listener]", request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """With the log of what was sent there, which nobody may delete from by itself, counted and not listed."""
        listeners = list(objs)
        allowed = all(self.has_delete_permission(request, each) for each in listeners)
        counts = {
            str(self.opts.verbose_name_plural): len(listeners),
            "sent webhooks": Sending.objects.filter(listener__in=listeners).count(),
        }
        barred = set() if allowed else {str(self.opts.verbose_name)}
        return [str(each) for each in listeners], counts, barred, []

    @override
    def save_model(self, request: HttpRequest, obj: Listener, form: Any, change: bool) -> None:
        """A new address gets its secret; one that was mended, or is switched on, need not rest from before."""
        if change:
            if "url" in form.changed_data or ("active" in form.changed_data and obj.active):
                obj.held_until, obj.hangs = None, 0
            super().save_model(request, obj, form, change)
            return
        obj.created_at = read_clock()
        super().save_model(request, obj, form, change)
        request.made_secret = renew_secret(obj, at=obj.created_at)  # type: ignore[attr-defined]  # read below

    @override
    def response_add(
        self, request: HttpRequest, obj: Listener, post_url_continue: Any = None
    ) -> HttpResponse:
        """Shows the secret in this answer itself: a message for the next page would leave it in a cookie."""
        secret: str = request.made_secret  # type: ignore[attr-defined]  # set by `save_model`
        return self._show(request, obj, secret=secret)

    @admin.action(description="Make a new secret", permissions=["change"])
    def renew(self, request: HttpRequest, queryset: "QuerySet[Listener]") -> HttpResponse | None:
        """Makes a new secret for one address; the old one signs on beside it for a day."""
        chosen = list(queryset[:2])
        if len(chosen) != 1:
            messages.error(request, "Choose one address: each secret is shown on a page of its own.")
            return None
        return self._show(request, chosen[0], secret=renew_secret(chosen[0], at=read_clock()))

    def _show(self, request: HttpRequest, listener: Listener, *, secret: str) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Your new secret",
            "listener": listener,
            "secret": secret,
        }
        return TemplateResponse(request, "admin/commerce_agent/listener/made.html", context)

    def try_now(self, request: HttpRequest, number: UUID) -> HttpResponse:
        """Sends a test at once and leads to what became of it."""
        listener = get_object_or_404(self.get_queryset(request), pk=number)
        if not self.has_change_permission(request, listener):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        sending = make_test(listener, now=read_clock())
        deliver((get_message(sending, now=read_clock()),), now=read_clock)
        return _lead_to(sending)

    @display(description="Told when")
    def told_of(self, listener: Listener) -> str:
        """What it is told of."""
        return ", ".join(sorted(listener.kinds)) or "Nothing"

    @display(description="Last sent")
    def last(self, listener: Listener) -> SafeString:
        """What became of the newest message."""
        newest = listener.sendings.first()
        return show_state(newest) if newest else format_html("{}", "–")


class SendingAdmin(NothingSaved):
    """The log: what was sent, how often it was tried, what was answered. Each can be sent again."""

    when_empty = "What your addresses are told is listed here for 30 days."
    next_step = NextStep(
        title="Add an address",
        address="admin:commerce_agent_listener_add",
        permission="commerce_agent.add_listener",
    )
    list_display = ("made", "kind", "address", "merchant", "shown_state", "tried", "answered", "next_try")
    list_filter = (MerchantFilter, "state", "kind")
    list_select_related = ("listener", "merchant")
    search_fields = ("=conversation_id", "body__order", "listener__name")
    search_help_text = "Order number, conversation or name of the address"
    fields = ("address", "kind", "made", "shown_state", "next_try", "sent", "tries_shown")
    readonly_fields = fields
    actions = ("again",)
    change_form_outer_before_template = "admin/commerce_agent/sending/panel.html"

    @override
    def get_urls(self) -> list[URLPattern]:
        """With the one that sends again."""
        again = path(
            "<uuid:number>/again/",
            self.admin_site.admin_view(self.again_now),
            name="commerce_agent_sending_again",
        )
        return [again, *super().get_urls()]

    @override
    def has_add_permission(self, request: HttpRequest) -> bool:
        """They come from the chat."""
        return False

    @override
    def has_delete_permission(self, request: HttpRequest, obj: Sending | None = None) -> bool:
        """The log is pruned by the clock."""
        return False

    @admin.action(description="Send again", permissions=["change"])
    def again(self, request: HttpRequest, queryset: "QuerySet[Sending]") -> None:
        """Has the chosen ones sent once more."""
        count = send_again(queryset, now=read_clock())
        messages.success(request, f"{count} will be sent again within a few seconds, each with its own id.")

    def again_now(self, request: HttpRequest, number: UUID) -> HttpResponse:
        """Sends one again at once and shows what became of it."""
        sending = get_object_or_404(self.get_queryset(request), pk=number)
        if not self.has_change_permission(request, sending):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        send_again(Sending.objects.filter(pk=sending.pk), now=read_clock())
        deliver((get_message(sending, now=read_clock()),), now=read_clock)
        return _lead_to(sending)

    @display(description="Address", ordering="listener__name")
    def address(self, sending: Sending) -> str:
        """Who was told."""
        return f"{sending.listener.name} ({sending.listener.url})"

    @display(description="When", ordering="made_at")
    def made(self, sending: Sending) -> SafeString:
        """When it was noted."""
        return show_moment(sending.made_at)

    @display(description="State", ordering="state")
    def shown_state(self, sending: Sending) -> SafeString:
        """How far it is."""
        return show_state(sending)

    @display(description="Tried")
    def tried(self, sending: Sending) -> int:
        """How often it was sent."""
        return len(sending.attempts)

    @display(description="Last answer")
    def answered(self, sending: Sending) -> str:
        """What the last attempt was answered with."""
        return tell_attempt(sending.attempts[-1]) if sending.attempts else "–"

    @display(description="Next attempt", ordering="due_at")
    def next_try(self, sending: Sending) -> SafeString:
        """When it is tried next."""
        return show_moment(sending.due_at)

    @display(description="Sent")
    def sent(self, sending: Sending) -> SafeString:
        """The body, as it is signed."""
        return format_html("<pre>{}</pre>", json.dumps(sending.body, indent=2))

    @display(description="Attempts")
    def tries_shown(self, sending: Sending) -> str:
        """Each attempt, the newest first."""
        lines = (
            f"{each['at'][:19].replace('T', ' ')} UTC: {tell_attempt(each)}" for each in sending.attempts
        )
        return "\n".join(reversed(list(lines))) or "None yet."


def show_state(sending: Sending) -> SafeString:
    """How far a message is."""
    return show_badge(mood=MOODS[SendingState(sending.state)], words=sending.get_state_display())


def tell_attempt(attempt: dict[str, Any]) -> str:
    """What an attempt was answered with."""
    took = f"after {attempt['milliseconds']} ms"
    return attempt["problem"] or f"Answered {attempt['status']} {took}"


def _lead_to(sending: Sending) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:commerce_agent_sending_change", args=[sending.pk]))
