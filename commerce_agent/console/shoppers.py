"""The shoppers a shop has named."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from typing_extensions import override

from catalog.models import Order
from commerce_agent.console.base import EMBED_THE_CHAT, MerchantFilter, display
from commerce_agent.console.journal import ShopperCard, list_named, list_shoppers, name_shopper
from commerce_agent.console.navigation import get_list_url
from commerce_agent.console.personal import cover
from commerce_agent.console.pictures import show_moment
from commerce_agent.console.shopper_rights import RightsAdmin
from conversations.models import Shopper


class ShopperAdmin(RightsAdmin):
    """Who the shop has named to the chat: by its own customer key, with the tier it gave."""

    when_empty = "Whom your shop names to the chat stands here. Anonymous shoppers do not."
    next_step = EMBED_THE_CHAT
    list_display = ("called", "tier", "talks", "known")
    list_filter = (MerchantFilter, "tier")
    search_fields = ("id",)
    search_help_text = "Customer key or whole name; both lie sealed, so no part of them is found"
    fields = ("called", "name_shown", "key_shown", "tier", "talks", "orders", "known")
    readonly_fields = fields

    @override
    def get_queryset(self, request: HttpRequest) -> QuerySet[Shopper]:
        """The shoppers with the number of their conversations."""
        found: QuerySet[Shopper] = super().get_queryset(request)
        return found.annotate(held=Count("conversation"))

    @override
    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Shopper], search_term: str
    ) -> tuple[QuerySet[Shopper], bool]:
        """Finds by the customer key or the whole name."""
        words = search_term.strip()
        return (queryset.filter(Q(pk__in=list_named(words=words))) if words else queryset), False

    @override
    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The list, each row with what was opened of it."""
        page = super().get_changelist_instance(request)
        rows = list(page.result_list)
        known = list_shoppers(shoppers=[row.pk for row in rows])
        for row in rows:
            row.card = known.get(row.pk)
        page.result_list = rows
        return page

    @override
    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """One shopper, opened."""
        shopper: Any = super().get_object(request, object_id, from_field)
        if shopper is not None:
            shopper.card = list_shoppers(shoppers=[shopper.pk]).get(shopper.pk)
        return shopper

    @display(description="Shopper")
    def called(self, shopper: Shopper) -> str:
        """How every list calls them."""
        card = _find_card(shopper)
        return name_shopper(shopper.pk, known={shopper.pk: card} if card else {})

    @display(description="Name")
    def name_shown(self, shopper: Shopper) -> str:
        """The name that the shop gave."""
        card = _find_card(shopper)
        return cover(shopper, card.name if card else "")

    @display(description="Key")
    def key_shown(self, shopper: Shopper) -> str:
        """The merchant's own customer key."""
        return cover(shopper, _get_key(shopper))

    @display(description="Known since", ordering="created_at")
    def known(self, shopper: Shopper) -> SafeString:
        """When the shop first named the shopper."""
        return show_moment(shopper.created_at)

    @display(description="Conversations", ordering="held")
    def talks(self, shopper: Any) -> SafeString:  # noqa: ANN401 - a Shopper with its annotation
        """How many conversations, leading to them."""
        address = get_list_url("conversations.conversation", query=urlencode({"q": shopper.pk}))
        return format_html('<a class="ca-link" href="{}">{}</a>', address, shopper.held)

    @display(description="Orders")
    def orders(self, shopper: Shopper) -> SafeString | int:
        """How many orders; leading to them where the key, by which they are found, is seen."""
        key = _get_key(shopper)
        count = Order.objects.filter(merchant_id=shopper.merchant_id, customer_key=key).count() if key else 0
        if cover(shopper, key) != key:
            return count
        address = get_list_url("catalog.order", query=urlencode({"q": key}))
        return format_html('<a class="ca-link" href="{}">{}</a>', address, count)


def _get_key(shopper: Shopper) -> str:
    card = _find_card(shopper)
    return card.key if card else ""


def _find_card(shopper: Any) -> ShopperCard | None:  # noqa: ANN401 - a Shopper with its card
    card: ShopperCard | None = getattr(shopper, "card", None)
    return card
