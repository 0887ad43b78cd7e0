"""What the model cost each shop, day by day."""

from decimal import Decimal

from django.db.models import QuerySet
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

    @override
    def get_queryset(self, request: HttpRequest) -> QuerySet[ModelSpend]:
        """The shops' rows."""
        found: QuerySet[ModelSpend] = super().get_queryset(request)
        return found.filter(payer="")

    @display(description="Cost", ordering="micros")
    def cost(self, spend: ModelSpend) -> str:
        """In dollars."""
        return f"${Decimal(spend.micros) / MICROS:.4f}"
