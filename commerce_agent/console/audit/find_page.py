"""The first page of the audit: find a conversation, keep a search."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, QueryDict
from django.urls import reverse

from catalog.models import Merchant
from commerce_agent.agent.explain.plain import tell_planner, tell_rule
from commerce_agent.console.asked_ids import find_uuid
from commerce_agent.console.audit.finding import (
    TYPED,
    Found,
    Search,
    find_conversations,
    list_choices,
    list_made_up,
    read_search,
)
from commerce_agent.console.audit.gate import (
    NOT_A_CHOICE,
    find_only_shop,
    get_reader,
    list_merchants_of,
    read_now,
    read_number,
    record,
)
from commerce_agent.console.audit.indexing import CATCH_UP, LATELY, index_conversations
from commerce_agent.console.audit.shell import show
from commerce_agent.console.audit.traits import MARKS, OUTCOMES
from commerce_agent.console.journal import Preview, Telling, list_previews, list_tellings
from commerce_agent.models import Case, CaseFlag, ConversationTraits, Operator, SavedView
from conversations.models import Conversation

OPENING_FRAMES = 3
LABELS = {"outcome": OUTCOMES, "mark": MARKS}
SHOWN_TRAITS = ("outcome", "mark")
PERSONAL = frozenset({"q", "order"})
"""What of a search may name somebody. It is never kept: it would outlive what is erased of them."""


class Badge(msgspec.Struct, frozen=True, kw_only=True):
    """A trait in words."""

    words: str
    mood: str


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation in the list."""

    id: str
    link: str
    opening: str
    shopper: str
    shop: str
    turns: int
    active_at: Any
    planners: tuple[str, ...]
    badges: tuple[Badge, ...]
    flags: int
    case: str
    waiting: bool
    told: tuple[Telling, ...]
    """Where a policy is asked for: the turns that rested on it."""


def show_find(request: HttpRequest) -> HttpResponse:
    """The conversations that the address asks for."""
    user, now = get_reader(request), read_now()
    index_conversations(since=now - LATELY, most=CATCH_UP)
    search = read_search(request.GET, now=now)
    told = tuple(tell_given(search, user=user).items())
    shop = find_only_shop(user, asked=search.shop)
    record(user=user, merchant=shop, action="conversations.searched", now=now, detail=told)
    found = find_conversations(search, user=user)
    shops = _list_shops(user)
    return show(
        request,
        "find",
        search=search,
        found=found,
        lines=_list_lines(found, shops=shops, policy=search.given.get("policy", "")),
        fields=_list_fields(search, user=user),
        shops=shops if len(shops) > 1 else {},
        views=list_views(user),
        following=_get_following(search, found),
    )


def tell_given(search: Search, *, user: Operator) -> dict[str, str]:
    """What of a search goes on record: each choice, and of what was typed or made up that it was given."""
    instead = dict.fromkeys(TYPED, "given") | dict.fromkeys(list_made_up(search, user=user), NOT_A_CHOICE)
    return {name: instead.get(name, value) for name, value in search.given.items()}


def list_views(user: Operator) -> list[SavedView]:
    """The searches that someone kept, and those shared with the staff of a shop whose conversations they may see."""
    shops = list_merchants_of(user)
    views = SavedView.objects.filter(Q(by=user) | Q(shared=True, by__in=list_peers(user))).select_related(
        "by"
    )
    return [
        view
        for view in views
        if shops is None or view.by_id == user.pk or find_uuid(QueryDict(view.query).get("shop", "")) in shops
    ]


def list_peers(user: Operator) -> QuerySet[Operator]:
    """Whose shared searches someone sees: those of people they share a shop with, and of the platform's own."""
    shops = list_merchants_of(user)
    if shops is None:
        return Operator.objects.all()
    own = Q(memberships__merchant__in=shops) | Q(is_superuser=True) | Q(every_shop=True)
    return Operator.objects.filter(own)


def _get_following(search: Search, found: Found) -> str:
    if found.following is None:
        return ""
    given = f"{search.query}&" if search.query else ""
    return f"?{given}after={found.following.text}"


def _list_shops(user: Operator) -> dict[UUID, str]:
    shops = Merchant.objects.filter(ephemeral=False).order_by("name")
    own = list_merchants_of(user)
    return dict((shops if own is None else shops.filter(pk__in=own)).values_list("pk", "name")[:200])


def _list_fields(search: Search, *, user: Operator) -> list[dict[str, Any]]:
    """The choices, each with what is chosen; one that is chosen stays although no recent conversation has it."""
    titles = {"outcome": "Outcome", "rule": "Rejected by rule", "connector": "Out of reach", "mark": "Mark",
              "planner": "Planner", "policy": "Policy used", "tool": "Tool called"}  # fmt: skip
    choices = list_choices(user)
    fields = []
    for name, title in titles.items():
        chosen = search.given.get(name, "")
        values = dict.fromkeys(
            (*LABELS.get(name, {}), *choices.get(name, ()), *((chosen,) if chosen else ()))
        )
        fields.append(
            {
                "name": name,
                "title": title,
                "chosen": chosen,
                "choices": [(value, tell_trait(name=name, value=value)) for value in values],
            }
        )
    flags = [("any", "Any flag"), *CaseFlag.Kind.choices]
    cases = list(Case.Status.choices)
    return [
        *fields,
        {"name": "flag", "title": "Flag", "chosen": search.given.get("flag", ""), "choices": flags},
        {"name": "case", "title": "Case", "chosen": search.given.get("case", ""), "choices": cases},
    ]


def tell_trait(*, name: str, value: str) -> str:
    """A trait's value in words."""
    if name == "planner":
        return tell_planner(value)
    if name == "rule":
        return tell_rule(value)
    return LABELS.get(name, {}).get(value, value.replace("_", " "))


def _list_lines(found: Found, *, shops: dict[UUID, str], policy: str) -> list[Line]:
    names = [row.pk for row in found.rows]
    told = list_tellings(names, policy=policy) if policy else {}
    previews = list_previews({row.pk: row.shopper_id for row in found.rows})
    cases = Case.objects.filter(pk__in=names).annotate(
        standing=Count("flags", filter=Q(flags__resolved_at__isnull=True))
    )
    known = {case.pk: case for case in cases}
    waiting = set(
        Conversation.objects.filter(pk__in=names, waiting_since__isnull=False).values_list("pk", flat=True)
    )
    return [
        _make_line(row, preview=previews[row.pk], shop=shops.get(row.merchant_id, ""), case=known.get(row.pk),
                   waiting=row.pk in waiting, told=told.get(row.pk, ()))
        for row in found.rows
    ]  # fmt: skip


def _make_line(
    row: ConversationTraits,
    *,
    preview: Preview,
    shop: str,
    case: Any,  # noqa: ANN401 - a Case with its count
    waiting: bool,
    told: tuple[Telling, ...],
) -> Line:
    held = [trait.partition(":") for trait in row.traits]
    bad = {"failed", "nothing", "stale", "claim_stopped", "out_of_reach", "rated_bad"}
    return Line(
        id=str(row.pk),
        link=reverse("admin:audit_talk", args=[row.pk]),
        opening=preview.opening or "Opened, nothing said yet",
        shopper=preview.shopper,
        shop=shop,
        turns=row.turns,
        active_at=row.active_at,
        planners=tuple(tell_planner(value) for name, _, value in held if name == "planner"),
        badges=tuple(
            Badge(words=tell_trait(name=name, value=value), mood="low" if value in bad else "unknown")
            for name, _, value in held
            if name in SHOWN_TRAITS and (name, value) != ("outcome", "answered")
        ),
        flags=getattr(case, "standing", 0),
        case=case.get_status_display() if case else "",
        waiting=waiting,
        told=told,
    )


def keep_view(request: HttpRequest) -> HttpResponse:
    """Keeps the search of an address under a name, or lets go of one. One that is shared belongs to a single shop, but
    for those that the platform's own staff share among themselves.
    """
    user = get_reader(request)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if gone := request.POST.get("drop", ""):
        SavedView.objects.filter(by=user, pk=read_number(gone)).delete()
        return HttpResponseRedirect(reverse("admin:audit_find"))
    # Only a search is kept: whatever else an address may hold is left out.
    search = read_search(QueryDict(request.POST.get("query", "")).dict(), now=read_now())
    name = request.POST.get("name", "").replace("\x00", "").strip()[:80]
    unkept = PERSONAL | list_made_up(search, user=user)
    kept = {each: value for each, value in search.given.items() if each not in unkept}
    if not name or not kept:
        messages.error(
            request, "Nothing was kept. Words and order numbers are left out, for they may name somebody."
        )
        return HttpResponseRedirect(f"{reverse('admin:audit_find')}?{search.query}")
    is_shared = "shared" in request.POST
    if is_shared and (shop := find_only_shop(user, asked=search.shop)):
        kept["shop"] = str(shop)
    elif is_shared and list_merchants_of(user) is not None:
        is_shared = False
        messages.error(request, "Kept for you alone: to share it, choose the shop whose staff shall see it.")
    query = urlencode(kept)
    SavedView.objects.update_or_create(by=user, name=name, defaults={"query": query, "shared": is_shared})
    return HttpResponseRedirect(f"{reverse('admin:audit_find')}?{query}")
