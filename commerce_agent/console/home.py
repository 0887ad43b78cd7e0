"""The first page: how it is going, in numbers that lead to their lists, and what is left to do at the start."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec
from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Model, Q
from django.urls import reverse
from django.utils.timesince import timesince

from catalog.models import ImportRun, ImportStatus, Merchant, Policy, Product, Variant
from commerce_agent.agent.explain.plain import tell_planner
from commerce_agent.console.audit.gate import find_only_shop, record
from commerce_agent.console.audit.missed_page import Missed, list_most_missed
from commerce_agent.console.audit.people_page import list_asked
from commerce_agent.console.filters import SOLD_OUT
from commerce_agent.console.journal import list_previews
from commerce_agent.console.navigation import get_list_url, may_view
from commerce_agent.console.numbers import Day, Look, Tile, list_chat_tiles, list_days, list_money_tiles
from commerce_agent.models import Operator
from conversations.models import Conversation, DecisionRecord

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
LATEST = 6
MISSED_SHOWN = 5
Row = TypeVar("Row", bound=Model)


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """How much of the whole a planner answered."""

    label: str
    count: int
    percent: int
    link: str


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """Something to do before the chat is of use, and whether it is done."""

    title: str
    how: str
    link: str
    done: bool
    model: str


class Talk(msgspec.Struct, frozen=True, kw_only=True):
    """One of the latest conversations."""

    id: str
    shopper: str
    opening: str
    turns: int
    waiting: bool
    active_at: datetime


class Home(msgspec.Struct, frozen=True, kw_only=True):
    """What the first page shows."""

    tiles: tuple[Tile, ...]
    shares: tuple[Share, ...]
    steps: tuple[Step, ...]
    """Empty once everything is done."""
    latest: tuple[Talk, ...]
    days: tuple[Day, ...]
    """The last two weeks; empty where there was no conversation."""
    missed: tuple[Missed, ...]
    """What was most looked for in vain in the last week."""

    @property
    def has_shops(self) -> bool:
        """Whether what was looked for in vain is of several shops."""
        return len({each.shop for each in self.missed}) > 1

    @property
    def most_talks(self) -> int:
        """Of a day, what the highest bar stands for."""
        return max((day.talks for day in self.days), default=0)


def describe_home(*, user: Operator | AnonymousUser, now: datetime) -> Home:
    """The first page for someone, put on record: only numbers whose lists may be opened, of the shops they work for."""
    look = Look(user=user, now=now)
    steps = tuple(step for step in _list_steps(look) if may_view(user, model=step.model))
    _record_look(look)
    return Home(
        tiles=tuple(tile for tile in _list_tiles(look) if may_view(user, model=tile.model)),
        shares=_list_shares(look),
        steps=() if all(step.done for step in steps) else steps,
        latest=_list_latest(look),
        days=list_days(look),
        missed=list_most_missed(user, since=now - WEEK, most=MISSED_SHOWN, within="7d"),
    )


def _record_look(look: Look) -> None:
    """The page quotes shoppers, like a list of conversations; so it is on record like one."""
    if isinstance(look.user, Operator) and may_view(look.user, model="conversations.conversation"):
        shop = find_only_shop(look.user, asked=None)
        record(user=look.user, merchant=shop, action="home.viewed", now=look.now)


def _list_tiles(look: Look) -> Iterator[Tile]:
    talks = "conversations.conversation"
    yield Tile(
        label="Conversations",
        value=_count(look.list_rows(Conversation).filter(active_at__gte=look.now - DAY).count()),
        note="active in the last 24 hours",
        link=get_list_url(talks, query="within=24h"),
        model=talks,
    )
    waiting = look.list_rows(Conversation).filter(waiting_since__isnull=False)
    oldest = waiting.order_by("waiting_since").values_list("waiting_since", flat=True).first()
    yield Tile(
        label="Waiting now",
        value=_count(waiting.count()),
        note=f"the longest for {timesince(oldest, look.now)}" if oldest else "every message is answered",
        link=get_list_url(talks, query="waiting=yes"),
        mood="low" if oldest else "good",
        model=talks,
    )
    yield _make_asked_tile(look)
    yield from list_chat_tiles(look)
    yield from list_money_tiles(look)
    yield from _list_shop_tiles(look)


def _make_asked_tile(look: Look) -> Tile:
    asked = list_asked(look.user)
    oldest = asked.order_by("asked_at").values_list("asked_at", flat=True).first()
    return Tile(
        label="Asked for a person",
        value=_count(asked.count()),
        note=f"the longest wait is {timesince(oldest, look.now)}" if oldest else "nobody waits for a person",
        link=reverse("admin:audit_people"),
        mood="none" if oldest else "good",
        model="conversations.conversation",
    )


def _list_shop_tiles(look: Look) -> Iterator[Tile]:
    yield Tile(
        label="Products",
        value=_count(look.list_rows(Product).count()),
        note=f"in {_count(look.list_rows(Variant).count())} variants",
        note_link=get_list_url("catalog.variant"),
        link=get_list_url("catalog.product"),
        model="catalog.product",
    )
    sold_out = look.list_rows(Variant).filter(SOLD_OUT).count()
    yield Tile(
        label="Sold out",
        value=_count(sold_out),
        note="variants that cannot be bought now",
        link=get_list_url("catalog.variant", query="stock=out"),
        mood="low" if sold_out else "good",
        model="catalog.variant",
    )
    run = look.list_rows(ImportRun).defer("refusals").order_by("-started_at").first()
    yield Tile(
        label="Last import",
        value=_tell_age(run, now=look.now) if run else "None yet",
        note=_tell_run(run) if run else "no feed was read",
        link=reverse("admin:catalog_importrun_change", args=[run.pk])
        if run
        else get_list_url("catalog.importrun"),
        mood="" if run is None or run.status == ImportStatus.DONE else "low",
        model="catalog.importrun",
    )


def _tell_age(run: ImportRun, *, now: datetime) -> str:
    if now - run.started_at < timedelta(minutes=1):
        return "Just now"
    return f"{timesince(run.started_at, now, depth=1)} ago"


def _tell_run(run: ImportRun) -> str:
    if run.status == ImportStatus.FAILED:
        return f"{run.file_name} failed"
    return f"{run.file_name}: {_count(run.read)} rows, {_count(run.refused)} refused"


def _count(number: int) -> str:
    return f"{number:,}"


def _list_shares(look: Look) -> tuple[Share, ...]:
    counted = (
        look.list_rows(DecisionRecord)
        .filter(at__gte=look.now - WEEK)
        .values_list("planner")
        .annotate(held=Count("id"))
        .order_by("-held")
    )
    rows = [(planner, held) for planner, held in counted]
    total = sum(held for _, held in rows)
    return tuple(
        Share(
            label=tell_planner(planner),
            count=held,
            percent=round(100 * held / total),
            link=get_list_url("conversations.decisionrecord", query=f"planner={planner}&within=7d"),
        )
        for planner, held in rows
    )


def _list_latest(look: Look) -> tuple[Talk, ...]:
    begun = look.list_rows(Conversation).filter(Q(turns__gt=0) | Q(waiting_since__isnull=False))
    rows = list(begun.order_by("-active_at")[:LATEST])
    previews = list_previews({row.pk: row.shopper_id for row in rows})
    return tuple(
        Talk(
            id=str(row.pk),
            shopper=previews[row.pk].shopper,
            opening=previews[row.pk].opening,
            turns=row.turns,
            waiting=row.waiting_since is not None,
            active_at=row.active_at,
        )
        for row in rows
    )


def _list_steps(look: Look) -> Iterator[Step]:
    shop = look.list_rows(Merchant).filter(ephemeral=False).order_by("created_at").first()
    own = reverse("admin:catalog_merchant_change", args=[shop.pk]) if shop else ""
    shops = get_list_url("catalog.merchant")
    yield Step(
        title="Add your shop",
        how="Its name, its currency and the key under which the chat is found.",
        link=own or reverse("admin:catalog_merchant_add"),
        done=shop is not None,
        model="catalog.merchant",
    )
    yield Step(
        title="Import your products",
        how="A Google Merchant feed: TSV, CSV or XML, gzipped or not.",
        link=reverse("admin:catalog_importrun_add"),
        done=look.list_rows(Product).exists(),
        model="catalog.importrun",
    )
    yield Step(
        title="Write your policies",
        how="Returns, shipping, warranty: the assistant promises what stands here and nothing else.",
        link=get_list_url("catalog.policy"),
        done=look.list_rows(Policy).exists(),
        model="catalog.policy",
    )
    yield Step(
        title="Embed the chat",
        how="Copy the snippet into your pages and say which sites may show it.",
        link=own or shops,
        done=look.list_rows(Conversation).exists(),
        model="catalog.merchant",
    )
