"""The sidebar, grouped as a merchant thinks, and the badge that says which installation this is."""

from collections.abc import Iterator

import msgspec
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import reverse

from commerce_agent.models import Operator


class Door(msgspec.Struct, frozen=True, kw_only=True):
    """A list that the sidebar leads to."""

    title: str
    icon: str
    model: str
    """As `app.model`: it names the page and the permission."""
    address: str = ""
    """The name of another page than the model's list, where the door leads there."""


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Doors under one heading."""

    title: str
    doors: tuple[Door, ...]


GROUPS = (
    Group(
        title="Conversations",
        doors=(
            Door(
                title="Find and audit",
                icon="manage_search",
                model="conversations.conversation",
                address="admin:audit_find",
            ),
            Door(
                title="Asked for a person",
                icon="support_agent",
                model="conversations.conversation",
                address="admin:audit_people",
            ),
            Door(
                title="Queue", icon="inbox", model="conversations.conversation", address="admin:audit_queue"
            ),
            Door(
                title="Who looked",
                icon="verified_user",
                model="conversations.conversation",
                address="admin:audit_chain",
            ),
            Door(title="Conversations", icon="forum", model="conversations.conversation"),
            Door(title="Decisions", icon="account_tree", model="conversations.decisionrecord"),
            Door(title="Shoppers", icon="group", model="conversations.shopper"),
            Door(title="Orders", icon="receipt_long", model="catalog.order"),
        ),
    ),
    Group(
        title="Shop",
        doors=(
            Door(title="Products", icon="inventory_2", model="catalog.product"),
            Door(title="Stock and prices", icon="warehouse", model="catalog.variant"),
            Door(title="Categories", icon="category", model="catalog.category"),
            Door(title="Brands", icon="sell", model="catalog.brand"),
            Door(title="Synonyms", icon="translate", model="catalog.synonym"),
            Door(title="Imports", icon="upload_file", model="catalog.importrun"),
        ),
    ),
    Group(
        title="Terms",
        doors=(
            Door(title="Policies", icon="gavel", model="catalog.policy"),
            Door(title="Promotions", icon="percent", model="catalog.promotion"),
        ),
    ),
    Group(
        title="Settings",
        doors=(
            Door(title="Shop and embedding", icon="storefront", model="catalog.merchant"),
            Door(title="Looks of the chat", icon="palette", model="commerce_agent.widgetlook"),
            Door(title="Assistant", icon="tune", model="commerce_agent.agentsettings"),
            Door(title="Model costs", icon="payments", model="commerce_agent.modelspend"),
            Door(title="Connectors", icon="cable", model="catalog.connector"),
            Door(title="Outages", icon="power_off", model="catalog.breakerchange"),
            Door(title="API keys", icon="key", model="conversations.apikey"),
            Door(title="Identity keys", icon="fingerprint", model="commerce_agent.identitykey"),
            Door(title="Webhook keys", icon="webhook", model="catalog.webhookkey"),
            Door(title="Webhooks received", icon="call_received", model="catalog.delivery"),
            Door(title="Poll sources", icon="sync", model="catalog.pollsource"),
            Door(title="Webhooks to you", icon="call_made", model="commerce_agent.listener"),
            Door(title="Webhooks sent", icon="outbox", model="commerce_agent.sending"),
            Door(title="Staff", icon="groups", model="commerce_agent.membership"),
            Door(title="Operators", icon="badge", model="commerce_agent.operator"),
            Door(title="Operator groups", icon="shield_person", model="auth.group"),
        ),
    ),
)


def list_groups(request: HttpRequest) -> list[dict[str, object]]:
    """The sidebar for whoever asks: only what they may open."""
    home: dict[str, object] = {"title": "Home", "icon": "home", "link": reverse("admin:index")}
    shown: list[dict[str, object]] = [{"items": [home]}]
    for group in GROUPS:
        items = list(_list_items(group, user=request.user))
        if items:
            shown.append({"title": group.title, "separator": True, "items": items})
    return shown


def _list_items(group: Group, *, user: Operator | AnonymousUser) -> Iterator[dict[str, object]]:
    for door in group.doors:
        if may_view(user, model=door.model):
            link = reverse(door.address) if door.address else get_list_url(door.model)
            yield {"title": door.title, "icon": door.icon, "link": link}


def may_view(user: Operator | AnonymousUser, *, model: str) -> bool:
    """Whether someone may open the list of a model, named as `app.model`."""
    app, _, name = model.partition(".")
    return user.has_perm(f"{app}.view_{name}") or user.has_perm(f"{app}.change_{name}")


def get_list_url(model: str, *, query: str = "") -> str:
    """The address of a model's list, with a filter where one is given."""
    address = reverse(f"admin:{model.replace('.', '_')}_changelist")
    return f"{address}?{query}" if query else address


def get_environment_badge(request: HttpRequest) -> list[str]:  # noqa: ARG001 - the theme hands it in
    """The name of the installation and the colour it is shown in."""
    if settings.DEBUG:
        return ["Development", "info"]
    if settings.DEMO_SHOP:
        return ["Demonstration", "warning"]
    return ["Production", "success"]
