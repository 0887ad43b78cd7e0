"""Addresses that are asked for changes, of shops that cannot send them: login, cadence, and whether they work."""

from typing import Any

from asgiref.sync import async_to_sync
from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from typing_extensions import override
from unfold.widgets import UnfoldAdminURLInputWidget

from catalog.connectors import Allowed
from catalog.connectors.configuring import ConfigurationRefused, check_host
from catalog.connectors.fetching import Fetcher
from catalog.models import ConnectorLogin, PollSource
from commerce_agent.console.base import ConsoleAdmin, MerchantFilter, display
from commerce_agent.console.logins import LoginForm
from commerce_agent.console.pictures import show_moment
from commerce_agent.webhooks.poll_logins import seal_poll_secret
from commerce_agent.webhooks.polling import describe_due
from commerce_agent.webhooks.trying import try_source


class PollSourceForm(LoginForm):
    """An address without a scheme is one over HTTPS."""

    url = forms.URLField(
        assume_scheme="https", max_length=1000, widget=UnfoldAdminURLInputWidget, label="Address"
    )

    class Meta:
        model = PollSource
        fields = ("merchant", "name", "url", "seconds", "active", "login", "login_name")
        labels = {"merchant": "Shop", "login": "Knows us by"}

    @override
    def clean(self) -> dict[str, object]:
        """Refuses an address or a login that could never be used."""
        said: dict[str, Any] = super().clean() or {}
        if self.errors:
            return said
        try:
            check_host(said["url"])
        except ConfigurationRefused as error:
            self.add_error("url", ValidationError(str(error)))
        else:
            self.check_login(said)
        return said


class PollSourceAdmin(ConsoleAdmin):
    """Addresses of shops that cannot send: asked on the clock, with the same JSON as a webhook carries."""

    when_empty = "A shop whose systems cannot send changes is asked for them on the clock."
    form = PollSourceForm
    list_display = ("name", "merchant", "url", "seconds", "active", "asked", "outcome")
    list_filter = (MerchantFilter, "active")
    search_fields = ("name", "url")
    change_form_outer_before_template = "admin/catalog/pollsource/panel.html"
    fieldsets = (
        (None, {"fields": ("merchant", "name", "active")}),
        ("Where", {"fields": ("url", "seconds")}),
        ("Login", {"fields": ("login", "login_name", "secret")}),
        ("Lately", {"fields": ("asked_at", "outcome", "cursor")}),
    )

    @override
    def get_urls(self) -> list[URLPattern]:
        """With the page that tries an address."""
        tried = path(
            "<int:number>/try/", self.admin_site.admin_view(self.try_now), name="catalog_pollsource_try"
        )
        return [tried, *super().get_urls()]

    @override
    def get_readonly_fields(self, request: HttpRequest, obj: PollSource | None = None) -> tuple[str, ...]:
        """Whose address it is is settled when it is entered: its secret is bound to the shop."""
        told = ("asked_at", "outcome", "cursor")
        return told if obj is None else ("merchant", *told)

    @override
    def save_model(self, request: HttpRequest, obj: PollSource, form: Any, change: bool) -> None:
        """Seals a new secret. The row comes first: its number is part of what the secret is bound to.

        Another address is asked from its beginning: how far the last one was read says nothing of it.
        """
        if "url" in form.changed_data:
            obj.cursor = ""
        if obj.login == ConnectorLogin.NONE:
            obj.sealed_secret = b""
        obj.save()
        secret = form.cleaned_data["secret"]
        if secret and obj.login != ConnectorLogin.NONE:
            obj.sealed_secret = seal_poll_secret(secret, source=obj)
            obj.save(update_fields=["sealed_secret"])

    def try_now(self, request: HttpRequest, number: int) -> HttpResponse:
        """Asks the address once and shows the request, and the events that it names or what is wrong."""
        source = get_object_or_404(self.get_queryset(request), pk=number)
        if not self.has_change_permission(request, source):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        fetcher = Fetcher(allowed=Allowed(networks=tuple(settings.CONNECTOR_PRIVATE_NETWORKS)))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"Trying {source}",
            "back": reverse("admin:catalog_pollsource_change", args=[source.pk]),
            "tried": async_to_sync(try_source)(describe_due(source), fetcher=fetcher),
        }
        return TemplateResponse(request, "admin/catalog/pollsource/tried.html", context)

    @display(description="Last asked", ordering="asked_at")
    def asked(self, source: PollSource) -> SafeString:
        """When it was last asked."""
        return show_moment(source.asked_at)
