"""Conversations and their decisions, to be read; nothing here can be changed."""

from abc import abstractmethod
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.timesince import timesince
from typing_extensions import override

from catalog.models import Merchant
from commerce_agent.agent.explain.plain import tell_planner
from commerce_agent.console.asked_ids import find_uuid
from commerce_agent.console.base import EMBED_THE_CHAT, MerchantFilter, ReadOnlyAdmin, display
from commerce_agent.console.filters import (
    ActiveFilter,
    DecidedFilter,
    KnownFilter,
    PlannerFilter,
    WaitingFilter,
)
from commerce_agent.console.journal import (
    list_named,
    list_previews,
    list_shoppers,
    name_shopper,
)
from commerce_agent.console.personal import record_listing
from commerce_agent.console.pictures import show_badge, show_moment
from conversations.models import Conversation, DecisionRecord, ShownEntity

READ_METHODS = ("GET", "HEAD")


def list_shop_names() -> dict[UUID, str]:
    """The shops' names by id."""
    return dict(Merchant.objects.values_list("id", "name"))


class ReadElsewhereAdmin(ReadOnlyAdmin):
    """A list whose rows are read on the audit's pages, where each look is put on record."""

    @abstractmethod
    def get_address(self, row: Any) -> str:  # noqa: ANN401 - a row of the list
        """Where a row is read."""

    @override
    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Leads there; there is nothing to post."""
        if request.method not in READ_METHODS:
            return HttpResponseNotAllowed(READ_METHODS)
        if not self.has_view_permission(request):
            raise PermissionDenied
        number = find_uuid(object_id)
        row = number and self.get_queryset(request).filter(pk=number).first()
        if not row:
            missing: HttpResponse = self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
            return missing
        return HttpResponseRedirect(self.get_address(row))


class ConversationAdmin(ReadElsewhereAdmin):
    """Every conversation: who talked, when, whether someone waits; its page tells all of it."""

    when_empty = "The first one appears as soon as a shopper writes to the chat."
    next_step = EMBED_THE_CHAT
    list_display = ("opening", "shopper_shown", "turns", "state", "planner", "active", "opened", "shop")
    list_display_links = ("opening",)
    list_filter = (MerchantFilter, ActiveFilter, WaitingFilter, PlannerFilter, KnownFilter)
    search_fields = ("id",)
    search_help_text = "Shopper's key or whole name, SKU that was shown, or the conversation's id"
    list_per_page = 30

    @override
    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        """The conversations, each with the planner of its latest reply."""
        latest = DecisionRecord.objects.filter(conversation=OuterRef("pk")).order_by("-at").values("planner")
        found: QuerySet[Conversation] = super().get_queryset(request)
        return found.annotate(latest_planner=Subquery(latest[:1]))

    @override
    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Conversation], search_term: str
    ) -> tuple[QuerySet[Conversation], bool]:
        """Finds by shopper, by an item that was shown, or by id."""
        words = search_term.strip()
        if not words:
            return queryset, False
        shown = ShownEntity.objects.filter(conversation=OuterRef("pk"), key__iexact=words)
        wanted = Q(shopper__in=list_named(words=words)) | Q(Exists(shown))
        if number := find_uuid(words):
            wanted |= Q(pk=number) | Q(shopper=number)
        return queryset.filter(wanted), False

    @override
    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The list, with the first words of each conversation on this page. That they were read is on record."""
        page = super().get_changelist_instance(request)
        record_listing(request, page, model=self.model)
        rows = list(page.result_list)
        names = list_shop_names()
        previews = list_previews({row.pk: row.shopper_id for row in rows})
        for row in rows:
            row.shopper_name = previews[row.pk].shopper
            row.first_words = previews[row.pk].opening
            row.shop_name = names.get(row.merchant_id, "")
        page.result_list = rows
        return page

    @display(description="Conversation")
    def opening(self, conversation: Any) -> str:  # noqa: ANN401 - a Conversation with its first words
        """What the shopper said first."""
        words = getattr(conversation, "first_words", "")
        return Truncator(words).chars(70) if words else "Opened, nothing said yet"

    @display(description="Shopper")
    def shopper_shown(self, conversation: Any) -> str:  # noqa: ANN401 - a Conversation with its shopper's name
        """Who talked."""
        return str(getattr(conversation, "shopper_name", ""))

    @display(description="Waiting", ordering="waiting_since")
    def state(self, conversation: Conversation) -> SafeString:
        """Whether a message has no answer yet, and for how long."""
        if conversation.waiting_since is None:
            return show_badge(mood="good", words="Answered")
        return show_badge(mood="low", words=f"Waiting for {timesince(conversation.waiting_since)}")

    @display(description="Planner", ordering="latest_planner")
    def planner(self, conversation: Any) -> str:  # noqa: ANN401 - a Conversation with its annotation
        """Which planner answered last."""
        return tell_planner(conversation.latest_planner) if conversation.latest_planner else ""

    @display(description="Last activity", ordering="active_at")
    def active(self, conversation: Conversation) -> SafeString:
        """When something was last said."""
        return show_moment(conversation.active_at)

    @display(description="Opened", ordering="opened_at")
    def opened(self, conversation: Conversation) -> SafeString:
        """When the chat was opened."""
        return show_moment(conversation.opened_at)

    @display(description="Shop")
    def shop(self, conversation: Any) -> str:  # noqa: ANN401 - a Conversation with its shop's name
        """Whose conversation it is."""
        return str(getattr(conversation, "shop_name", ""))

    @override
    def get_address(self, row: Conversation) -> str:
        """The audit's page of it."""
        return reverse("admin:audit_talk", args=[row.pk])


class DecisionAdmin(ReadElsewhereAdmin):
    """Every decision, leading to its turn in the conversation."""

    when_empty = "Each reply leaves one: what it rested on, and why."
    next_step = EMBED_THE_CHAT
    list_display = ("turn_shown", "shopper_shown", "planner_shown", "made", "shop")
    list_display_links = ("turn_shown",)
    list_filter = (MerchantFilter, DecidedFilter, PlannerFilter)
    list_select_related = ("conversation",)
    search_fields = ("id",)
    search_help_text = "Shopper's key or whole name, or the id of a decision or conversation"

    @override
    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[DecisionRecord], search_term: str
    ) -> tuple[QuerySet[DecisionRecord], bool]:
        """Finds by shopper or by id."""
        words = search_term.strip()
        if not words:
            return queryset, False
        wanted = Q(conversation__shopper__in=list_named(words=words))
        if number := find_uuid(words):
            wanted |= Q(pk=number) | Q(conversation=number)
        return queryset.filter(wanted), False

    @override
    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The list, each row with its shop's name. That it was looked at is on record."""
        page = super().get_changelist_instance(request)
        record_listing(request, page, model=self.model)
        names = list_shop_names()
        rows = list(page.result_list)
        known = list_shoppers(shoppers=[row.conversation.shopper_id for row in rows])
        for row in rows:
            row.shopper_name = name_shopper(row.conversation.shopper_id, known=known)
            row.shop_name = names.get(row.merchant_id, "")
        page.result_list = rows
        return page

    @display(description="Turn", ordering="turn")
    def turn_shown(self, decision: DecisionRecord) -> str:
        """The turn it decided, and of which conversation."""
        return f"Turn {decision.turn} of {str(decision.conversation_id)[:8]}"

    @display(description="Shopper")
    def shopper_shown(self, decision: Any) -> str:  # noqa: ANN401 - a DecisionRecord with its shopper's name
        """Who was answered."""
        return str(getattr(decision, "shopper_name", ""))

    @display(description="Planner", ordering="planner")
    def planner_shown(self, decision: DecisionRecord) -> str:
        """Which planner answered."""
        return tell_planner(decision.planner)

    @display(description="Made", ordering="at")
    def made(self, decision: DecisionRecord) -> SafeString:
        """When it was made."""
        return show_moment(decision.at)

    @display(description="Shop")
    def shop(self, decision: Any) -> str:  # noqa: ANN401 - a DecisionRecord with its shop's name
        """Whose conversation it is."""
        return str(getattr(decision, "shop_name", ""))

    @override
    def get_address(self, row: DecisionRecord) -> str:
        """Its turn in the conversation."""
        return reverse("admin:audit_turn", args=[row.conversation_id, row.turn])
