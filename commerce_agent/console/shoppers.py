"""The shoppers a shop has named."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from typing_extensions import override

from catalog.models import Order
from commerce_agent.console.base import MerchantFilter, ReadOnlyAdmin, display
from commerce_agent.console.navigation import get_list_url
from commerce_agent.console.pictures import show_moment
from conversations.models import Shopper


class ShopperAdmin(ReadOnlyAdmin):
    """Who the shop has named to the chat: by its own customer key, with the tier it gave."""

    list_display = ("name_shown", "key", "tier", "talks", "known")
    list_filter = (MerchantFilter, "tier")
    search_fields = ("name", "key")
    fields = ("name_shown", "key", "tier", "talks", "orders", "known")
    readonly_fields = fields

    @override
    def get_queryset(self, request: HttpRequest) -> QuerySet[Shopper]:
        """The shoppers with the number of their conversations."""
        found: QuerySet[Shopper] = super().get_queryset(request)
        return found.annotate(held=Count("conversation"))

    @display(description="Shopper", ordering="name")
    def name_shown(self, shopper: Shopper) -> str:
        """The name, or the key where there is none."""
        return str(shopper)

    @display(description="Known since", ordering="created_at")
    def known(self, shopper: Shopper) -> SafeString:
        """When the shop first named the shopper."""
        return show_moment(shopper.created_at)

    @display(description="Conversations", ordering="held")
    def talks(self, shopper: Any) -> SafeString:  # noqa: ANN401 - a Shopper with its annotation
        """How many conversations, leading to them."""
        address = get_list_url("conversations.conversation", query=urlencode({"q": shopper.key}))
        return format_html('<a class="ca-link" href="{}">{}</a>', address, shopper.held)

    @display(description="Orders")
    def orders(self, shopper: Shopper) -> SafeString:
        """How many orders, leading to them."""
        count = Order.objects.filter(merchant_id=shopper.merchant_id, customer_key=shopper.key).count()
        address = get_list_url("catalog.order", query=urlencode({"q": shopper.key}))
        return format_html('<a class="ca-link" href="{}">{}</a>', address, count)
