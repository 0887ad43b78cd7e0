"""What every audit page has in common: the frame around it, and the policy it is served with."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language

from catalog.models import Merchant
from commerce_agent.console.audit.gate import Look, may_work

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        # Product pictures live on the merchant's own image servers.
        "img-src 'self' https: data:",
        "font-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
"""The Content-Security-Policy of the audit pages: nothing inline, nothing compiled."""

TABS = (
    ("talk", "Conversation"),
    ("live", "Live"),
    ("graph", "Graph"),
    ("timeline", "Timeline"),
    ("state", "State at any point"),
    ("replay", "Replay"),
    ("whatif", "What if"),
    ("compare", "Compare"),
    ("case", "Case"),
)


def show(request: HttpRequest, template: str, *, status: int = 200, **context: Any) -> HttpResponse:  # noqa: ANN401
    """A page of ours, under its own policy, kept nowhere."""
    doors = [
        ("Find", reverse("admin:audit_find")),
        ("Asked for a person", reverse("admin:audit_people")),
        ("Queue", reverse("admin:audit_queue")),
        ("Found nothing", reverse("admin:audit_missed")),
        ("Who looked", reverse("admin:audit_chain")),
        ("Console", reverse("admin:index")),
    ]
    language = get_language() or "en"
    page = render(
        request,
        f"admin/audit/{template}.html",
        {"doors": doors, "here": request.path, "language": language, **context},
        status=status,
    )
    return guard(page)


def guard(response: HttpResponse) -> HttpResponse:
    """The answer with the policy of these pages."""
    response["Content-Security-Policy"] = POLICY
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "same-origin"
    return response


def show_look(request: HttpRequest, template: str, look: Look, *, tab: str, **context: Any) -> HttpResponse:  # noqa: ANN401
    """A page about one conversation."""
    shop = Merchant.objects.filter(pk=look.row.merchant_id).first()
    tabs = [
        {"title": title, "link": reverse(f"admin:audit_{name}", args=[look.row.pk]), "here": name == tab}
        for name, title in TABS
    ]
    return show(
        request,
        template,
        look=look,
        talk=look.row,
        shop=shop,
        tabs=tabs,
        tab=tab,
        may_work=may_work(user=look.user, row=look.row),
        **context,
    )
