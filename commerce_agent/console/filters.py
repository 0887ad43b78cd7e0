"""The filters of the lists; each is a plain choice whose address can be shared."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.admin import RelatedOnlyFieldListFilter, SimpleListFilter
from django.db.models import Exists, Model, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from typing_extensions import override

from catalog.models import BreakerChange, BreakerState, OrderStatus, Variant
from conversations.models import DecisionRecord

PERIODS = (("24h", "Last 24 hours", 1), ("7d", "Last 7 days", 7), ("30d", "Last 30 days", 30))
SOLD_OUT = Q(stock__quantity=0) | Q(stock__quantity__isnull=True, availability="out_of_stock")
"""A variant that cannot be bought now: none left, or, where nobody counts, the shop says so."""


def list_sold_out() -> QuerySet[Variant]:
    """The variants that are sold out, over all shops."""
    return Variant.objects.filter(SOLD_OUT)


def list_away(changes: QuerySet[BreakerChange]) -> QuerySet[BreakerChange]:
    """Of these changes those that left a system out of reach until now: its newest, unless that closed its breaker."""
    same = BreakerChange.objects.filter(merchant_id=OuterRef("merchant_id"), kind=OuterRef("kind"))
    newest = same.order_by("-at", "-id").values("pk")[:1]
    return changes.exclude(state=BreakerState.CLOSED).filter(pk=Subquery(newest))


class OnlyShown(RelatedOnlyFieldListFilter):
    """A choice among what the rows of the list have, so that no other shop's shelves are named."""


class PeriodFilter(SimpleListFilter):
    """Rows of the last day, week or month, by the field a subclass names."""

    title = "time"
    parameter_name = "within"
    field = ""

    @override
    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The periods."""
        return [(key, label) for key, label, _ in PERIODS]

    @override
    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        """The rows within the chosen period."""
        days = {key: days for key, _, days in PERIODS}.get(self.value() or "")
        if days is None:
            return queryset
        return queryset.filter(**{f"{self.field}__gte": datetime.now(UTC) - timedelta(days=days)})


class ActiveFilter(PeriodFilter):
    """By the last message or reply."""

    title = "last activity"
    field = "active_at"


class DecidedFilter(PeriodFilter):
    """By when the decision was made."""

    field = "at"


class PlacedFilter(PeriodFilter):
    """By when the order was placed."""

    title = "placed"
    field = "placed_at"


class SpentFilter(PeriodFilter):
    """By the day: as many days as the period has, today among them."""

    @override
    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        """The rows of these days."""
        days = {key: days for key, _, days in PERIODS}.get(self.value() or "")
        return queryset if days is None else queryset.filter(day__gt=datetime.now(UTC) - timedelta(days=days))


class OriginFilter(SimpleListFilter):
    """Orders that were placed in a chat, or elsewhere."""

    title = "where it was placed"
    parameter_name = "origin"

    @override
    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """In the chat, or not; cancelled ones of the chat are not what it sold."""
        return [("chat", "In the chat, not cancelled"), ("elsewhere", "Elsewhere")]

    @override
    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        """The rows from there."""
        if self.value() == "chat":
            return queryset.filter(token__isnull=False).exclude(status=OrderStatus.CANCELLED)
        return queryset.filter(token__isnull=True) if self.value() == "elsewhere" else queryset


class WaitingFilter(SimpleListFilter):
    """Conversations with a message that nobody has answered."""

    title = "waiting"
    parameter_name = "waiting"

    @override
    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Waiting or answered."""
        return [("yes", "Waiting for a reply"), ("no", "Answered")]

    @override
    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        """The rows that wait, or those that do not."""
        if self.value() not in {"yes", "no"}:
            return queryset
        return queryset.filter(waiting_since__isnull=self.value() == "no")


class PlannerFilter(SimpleListFilter):
    """Conversations in which a planner answered at least once."""

    title = "planner"
    parameter_name = "planner"

    @override
    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The two planners, and what was closed early."""
        return [("claude", "Claude"), ("builtin", "Built-in planner"), ("none", "Nobody")]

    @override
    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        """The rows that the planner had a part in."""
        if not self.value():
            return queryset
        if queryset.model is DecisionRecord:
            return queryset.filter(planner=self.value())
        decided = DecisionRecord.objects.filter(conversation=OuterRef("pk"), planner=self.value())
        return queryset.filter(Exists(decided))


class KnownFilter(SimpleListFilter):
    """Conversations with a shopper the shop knows, or with an anonymous one."""

    title = "shopper"
    parameter_name = "known"

    @override
    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Known or anonymous."""
        return [("yes", "Known to the shop"), ("no", "Anonymous")]

    @override
    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        """The rows with a known shopper, or without."""
        if self.value() not in {"yes", "no"}:
            return queryset
        return queryset.filter(shopper__isnull=self.value() == "no")


class StockFilter(SimpleListFilter):
    """Variants by what is left of them; products by whether any of their variants can be bought."""

    title = "stock"
    parameter_name = "stock"

    @override
    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """How much there is."""
        return [("out", "Sold out"), ("low", "5 or fewer left"), ("in", "In stock")]

    @override
    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        """The rows with that much stock."""
        chosen = self.value()
        if chosen not in {"out", "low", "in"}:
            return queryset
        variants = {
            "out": list_sold_out(),
            "low": Variant.objects.filter(stock__quantity__range=(1, 5)),
            "in": Variant.objects.exclude(SOLD_OUT),
        }[chosen]
        if queryset.model is Variant:
            return queryset.filter(pk__in=variants.values("pk"))
        if chosen == "out":
            buyable = Variant.objects.filter(product=OuterRef("pk")).exclude(SOLD_OUT)
            return queryset.filter(~Exists(buyable))
        return queryset.filter(Exists(variants.filter(product=OuterRef("pk"))))


class AwayFilter(SimpleListFilter):
    """Outages that last."""

    title = "whether it lasts"
    parameter_name = "lasts"

    @override
    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Those that last; of the others the history is the whole list."""
        return [("yes", "Out of reach now")]

    @override
    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The changes since which a system is out of reach."""
        return list_away(queryset) if self.value() == "yes" else queryset


class SaleFilter(SimpleListFilter):
    """Variants with a sale price."""

    title = "sale"
    parameter_name = "sale"

    @override
    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Reduced or not."""
        return [("yes", "Reduced"), ("no", "At the full price")]

    @override
    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        """The rows with a sale price, or without."""
        if self.value() not in {"yes", "no"}:
            return queryset
        return queryset.filter(sale_price__isnull=self.value() == "no")
