"""What the model cost each shop, day by day."""

from decimal import Decimal

from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet, Sum
from django.http import HttpRequest
from typing_extensions import override

from commerce_agent.console.base import MerchantFilter, ReadOnlyAdmin, display
from commerce_agent.console.filters import SpentFilter
from commerce_agent.models import ModelSpend

MICROS = 1_000_000


class ModelSpendAdmin(ReadOnlyAdmin):
    """A row for each day and shop. What single shoppers cost is kept for their budget and not shown."""

    when_empty = "A model has cost nothing yet."
    list_display = ("day", "cost", "calls", "tokens", "merchant")
    list_display_links = None
    list_filter = (MerchantFilter, SpentFilter)
    list_select_related = ("merchant",)
    ordering = ("-day",)
    list_before_template = "admin/sums.html"

    @override
    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """The list, with what is listed comes to: the cost on the first page leads here."""
        listed: ChangeList = super().get_changelist_instance(request)
        micros = listed.queryset.aggregate(sum=Sum("micros"))["sum"]
        listed.sums = f"${Decimal(micros) / MICROS:.2f}" if micros else ""  # type: ignore[attr-defined]  # for the template
        return listed

    @override
    def get_queryset(self, request: HttpRequest) -> QuerySet[ModelSpend]:
        """The shops' rows."""
        found: QuerySet[ModelSpend] = super().get_queryset(request)
        return found.filter(payer="")

    @display(description="Cost", ordering="micros")
    def cost(self, spend: ModelSpend) -> str:
        """In dollars."""
        return f"${Decimal(spend.micros) / MICROS:.4f}"
