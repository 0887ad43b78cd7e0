"""Who waits for a person, and who has which conversation."""

from datetime import datetime

import msgspec
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from catalog.models import Merchant
from commerce_agent.console.audit.gate import (
    VIEW,
    find_only_shop,
    get_reader,
    is_watching,
    keep_watch,
    name_actor,
    read_now,
    record,
)
from commerce_agent.console.audit.shell import show
from commerce_agent.console.journal import list_pleas, list_previews
from commerce_agent.models import Operator
from commerce_agent.staff import find_reach
from conversations.models import Conversation, Handover

SHOWN = 50
PAGE = "people"


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation in which a person is wanted, or is."""

    id: str
    shopper: str
    shop: str
    plea: str
    """With what words the shopper asked for a person; what they said first where that is not on record."""
    asked_at: datetime | None
    name: str
    """Who has it; empty while nobody does."""
    joined_at: datetime | None
    is_mine: bool
    waiting_since: datetime | None
    active_at: datetime


def show_people(request: HttpRequest) -> HttpResponse:
    """Those who wait for a person, the longest wait first; then those with whom one is."""
    user, now = get_reader(request), read_now()
    if not is_watching(request, user=user, of=PAGE):
        shop = find_only_shop(user, asked=None)
        record(user=user, merchant=shop, action="people.listed", now=now)
    waiting = list_asked(user).select_related("conversation")
    held = find_reach(user, VIEW).narrow(Handover.objects.filter(joined_at__isnull=False))
    rows = [*waiting[:SHOWN], *held.order_by("joined_at").select_related("conversation")[:SHOWN]]
    wanted = _describe([(row, row.conversation) for row in rows], user=user)
    return show(
        request,
        "people",
        waiting=[each for each in wanted if not each.name],
        held=[each for each in wanted if each.name],
        total=waiting.count(),
        now=now,
        watch=keep_watch(request, user=user, of=PAGE),
    )


def list_asked(user: Operator | AnonymousUser) -> "QuerySet[Handover]":
    """The conversations in which a person was asked for and has not come, the longest wait first."""
    rows = Handover.objects.filter(joined_at__isnull=True).order_by("asked_at", "conversation_id")
    return find_reach(user, VIEW).narrow(rows)


def _describe(rows: list[tuple[Handover, Conversation]], *, user: Operator) -> list[Wanted]:
    talks = {talk.pk: talk.shopper_id for _, talk in rows}
    previews, pleas = list_previews(talks), list_pleas(talks)
    shops = dict(
        Merchant.objects.filter(pk__in={talk.merchant_id for _, talk in rows}).values_list("pk", "name")
    )
    return [
        Wanted(
            id=str(talk.pk),
            shopper=previews[talk.pk].shopper,
            shop=shops.get(talk.merchant_id, ""),
            plea=pleas.get(talk.pk) or previews[talk.pk].opening,
            asked_at=row.asked_at,
            name=row.name,
            joined_at=row.joined_at,
            is_mine=row.person == name_actor(user),
            waiting_since=talk.waiting_since,
            active_at=talk.active_at,
        )
        for row, talk in rows
    ]
