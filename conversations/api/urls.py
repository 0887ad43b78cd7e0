"""The API's addresses."""

from django.urls import URLPattern, path

from conversations.api.base import ApiView
from conversations.api.handing import HandoffView
from conversations.api.journal import EventsView, ExportView
from conversations.api.knowing import DecisionsView, EntitiesView, FactsView, StateView
from conversations.api.linking import GraphView, GroundsView, MentionsView, ToldView
from conversations.api.opening import ConversationsView, ConversationView, MessagesView
from conversations.api.ports import Ports
from conversations.api.shoppers import (
    ConsentView,
    CorrectingView,
    ErasureView,
    ForgettingView,
    MemoryView,
    ShopperExportView,
)

PAGES: tuple[tuple[str, type[ApiView], str], ...] = (
    ("", ConversationsView, "conversations"),
    ("<uuid:conversation>/", ConversationView, "conversation"),
    ("<uuid:conversation>/messages/", MessagesView, "messages"),
    ("<uuid:conversation>/handoff/", HandoffView, "handoff"),
    ("<uuid:conversation>/state/", StateView, "state"),
    ("<uuid:conversation>/entities/", EntitiesView, "entities"),
    ("<uuid:conversation>/facts/", FactsView, "facts"),
    ("<uuid:conversation>/decisions/", DecisionsView, "decisions"),
    ("<uuid:conversation>/graph/", GraphView, "graph"),
    ("<uuid:conversation>/graph/mentions/", MentionsView, "mentions"),
    ("<uuid:conversation>/graph/told/", ToldView, "told"),
    ("<uuid:conversation>/graph/decisions/<uuid:decision>/", GroundsView, "grounds"),
    ("<uuid:conversation>/events/", EventsView, "events"),
    ("<uuid:conversation>/export/", ExportView, "export"),
)


SHOPPER_PAGES: tuple[tuple[str, type[ApiView], str], ...] = (
    ("<str:key>/memory/", MemoryView, "memory"),
    ("<str:key>/memory/forget/", ForgettingView, "forget-items"),
    ("<str:key>/memory/correct/", CorrectingView, "correct-item"),
    ("<str:key>/consent/", ConsentView, "consent"),
    ("<str:key>/export/", ShopperExportView, "shopper-export"),
    ("<str:key>/erase/", ErasureView, "erase-shopper"),
)


def list_addresses(ports: Ports) -> list[URLPattern]:
    """Where each view is, wired to the running process."""
    return [
        path(f"{root}/{where}", view.as_view(ports=ports), name=name)
        for root, pages in (("conversations", PAGES), ("shoppers", SHOPPER_PAGES))
        for where, view, name in pages
    ]
