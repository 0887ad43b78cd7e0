"""What the chat did for the shop lately, in numbers that lead to the conversations or rows they count."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TypeVar

import msgspec
from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, F, Model, Q, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.urls import reverse

from catalog.models import BreakerChange, Order, OrderStatus
from commerce_agent.console.base import find_shop_field, name_permissions
from commerce_agent.console.filters import list_away
from commerce_agent.console.navigation import get_list_url, may_view
from commerce_agent.console.pictures import show_sums
from commerce_agent.models import ConversationTraits, Counted, ModelSpend, Operator
from commerce_agent.staff import find_reach

Row = TypeVar("Row", bound=Model)
WEEK = timedelta(days=7)
CHARTED = 14
"""Days."""
MICROS = 1_000_000
TALKS = "conversations.conversation"
COUNTED_TILES = (
    # Each counts conversations, as its list does, so each is named as what happened to one.
    ("Handed to a person", Counted.PERSON, "outcome=person"),
    ("Found nothing", Counted.NOTHING, "outcome=nothing"),
    ("Kept from a stale fact", Counted.CAUGHT, "mark=caught"),
    ("Kept from a false claim", Counted.CLAIM_STOPPED, "mark=claim_stopped"),
    ("Told of a change", Counted.NEWS, "mark=news"),
)


class Tile(msgspec.Struct, frozen=True, kw_only=True):
    """A number and the list it counts."""

    label: str
    value: str
    note: str
    link: str
    note_link: str = ""
    """Where the note's own number leads, if it has one."""
    mood: str = ""
    model: str


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """What one day held."""

    day: date
    talks: int
    orders: int
    sold: str
    height: int
    """Of its bar, in hundredths of the highest."""
    link: str
    orders_link: str

    @property
    def top(self) -> int:
        """Where the bar begins, from above."""
        return 100 - self.height


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """Who looks, and when."""

    user: Operator | AnonymousUser
    now: datetime

    def list_rows(self, model: type[Row]) -> "QuerySet[Row]":
        """The rows of a table that they may see."""
        reach = find_reach(self.user, *name_permissions(model, "view", "change"))
        field = find_shop_field(model) or "merchant_id"
        rows = model._default_manager.all()  # noqa: SLF001 - Django's public name for it
        return reach.narrow(rows, by=field)

    def list_talks(self) -> "QuerySet[ConversationTraits]":
        """What the conversations of the last week that they may see can be found by."""
        reach = find_reach(self.user, "conversations.view_conversation")
        return reach.narrow(ConversationTraits.objects.filter(active_at__gte=self.now - WEEK))


def list_chat_tiles(look: Look) -> Iterator[Tile]:
    """How the last week's conversations went."""
    bits = {f"is_{flag.value}": F("counted").bitand(flag.value) for flag in Counted}
    held = {f"of_{flag.value}": Count("pk", filter=Q(**{f"is_{flag.value}__gt": 0})) for flag in Counted}
    counts = look.list_talks().alias(**bits).aggregate(total=Count("pk"), **held)
    total, resolved = counts["total"], counts[f"of_{Counted.RESOLVED.value}"]
    share = f"{round(100 * resolved / total)} % of {total:,}" if total else "no conversation read yet"
    every = f"{reverse('admin:audit_find')}?within=7d" if total else ""
    yield _make_tile(
        "Resolved",
        resolved,
        note=f"{share}, in 7 days",
        note_link=every,
        asked="resolved=yes",
        mood="good",
    )
    for label, flag, asked in COUNTED_TILES:
        count = counts[f"of_{flag.value}"]
        mood = "low" if count and flag in {Counted.PERSON, Counted.NOTHING} else ""
        unit = "conversation" if count == 1 else "conversations"
        yield _make_tile(label, count, note=f"{unit} in 7 days", asked=asked, mood=mood)


def _make_tile(label: str, count: int, *, note: str, asked: str, mood: str, note_link: str = "") -> Tile:
    link = f"{reverse('admin:audit_find')}?{asked}&within=7d"
    return Tile(
        label=label,
        value=f"{count:,}",
        note=note,
        note_link=note_link,
        link=link,
        mood=mood,
        model=TALKS,
    )


def list_money_tiles(look: Look) -> Iterator[Tile]:
    """What the chat sold in a week, what the model cost for it, and which systems are left alone."""
    sold = list_sold(look).filter(placed_at__gte=look.now - WEEK)
    link = get_list_url("catalog.order", query="within=7d&origin=chat")
    yield Tile(
        label="Orders from the chat",
        value=f"{sold.count():,}",
        note="in 7 days, cancelled ones left out",
        link=link,
        model="catalog.order",
    )
    yield Tile(
        label="Sold in the chat",
        value=show_sums(sold) or "–",
        note="in 7 days",
        link=link,
        model="catalog.order",
    )
    spent = look.list_rows(ModelSpend).filter(payer="", day__gt=(look.now - WEEK).date())
    micros = spent.aggregate(sum=Sum("micros"))["sum"] or 0
    yield Tile(
        label="Cost of the model",
        value=f"${Decimal(micros) / MICROS:.2f}",
        note="in 7 days",
        link=get_list_url("commerce_agent.modelspend", query="within=7d"),
        model="commerce_agent.modelspend",
    )
    yield _make_breaker_tile(look)


def _make_breaker_tile(look: Look) -> Tile:
    away = list(list_away(look.list_rows(BreakerChange)))
    names = ", ".join(sorted({str(change.get_kind_display()) for change in away}))
    return Tile(
        label="Systems out of reach",
        value=f"{len(away):,}",
        note=names or "every system answers",
        link=get_list_url("catalog.breakerchange", query="lasts=yes"),
        mood="none" if away else "good",
        model="catalog.breakerchange",
    )


def list_sold(look: Look) -> "QuerySet[Order]":
    """The orders that were placed in a chat and still stand."""
    return look.list_rows(Order).filter(token__isnull=False).exclude(status=OrderStatus.CANCELLED)


def list_days(look: Look) -> tuple[Day, ...]:
    """The last two weeks, day by day; none where nobody may see conversations or there was none."""
    if not may_view(look.user, model=TALKS):
        return ()
    first = (look.now - timedelta(days=CHARTED - 1)).date()
    since = datetime.combine(first, time.min, tzinfo=look.now.tzinfo)
    reach = find_reach(look.user, "conversations.view_conversation")
    talks = _count_days(reach.narrow(ConversationTraits.objects.filter(active_at__gte=since)), by="active_at")
    sold = list_sold(look).filter(placed_at__gte=since)
    orders = _count_days(sold, by="placed_at")
    highest = max(talks.values(), default=0)
    if not highest:
        return ()
    return tuple(
        Day(
            day=day,
            talks=talks.get(day, 0),
            orders=orders.get(day, 0),
            sold=show_sums(sold.filter(placed_at__date=day)) if day in orders else "–",
            height=round(100 * talks.get(day, 0) / highest),
            link=f"{reverse('admin:audit_find')}?from={day}&to={day}",
            orders_link=get_list_url("catalog.order", query=f"origin=chat&placed_at__date={day}"),
        )
        for day in (first + timedelta(days=number) for number in range(CHARTED))
    )


def _count_days(rows: "QuerySet[Row]", *, by: str) -> dict[date, int]:
    counted = rows.order_by().annotate(of_day=TruncDate(by)).values_list("of_day").annotate(held=Count("pk"))
    return dict(counted)
