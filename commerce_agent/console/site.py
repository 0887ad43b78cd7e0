"""The admin site: which pages it has, its first page, and the policy every answer carries."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.contrib.auth.models import Group
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.urls import URLPattern, URLResolver, path
from typing_extensions import override
from unfold.sites import UnfoldAdminSite

from catalog.models import (
    Brand,
    BreakerChange,
    Category,
    Connector,
    Delivery,
    ImportRun,
    Merchant,
    Order,
    Policy,
    PollSource,
    Product,
    Promotion,
    Synonym,
    Variant,
    WebhookKey,
)
from commerce_agent.console.agent_settings import AgentSettingsAdmin
from commerce_agent.console.audit.addresses import list_addresses
from commerce_agent.console.base import ConsoleAdmin
from commerce_agent.console.connectors import BreakerChangeAdmin, ConnectorAdmin
from commerce_agent.console.conversations import ConversationAdmin, DecisionAdmin
from commerce_agent.console.csp import POLICY
from commerce_agent.console.home import describe_home
from commerce_agent.console.identity_keys import IdentityKeyAdmin
from commerce_agent.console.imports import ImportRunAdmin
from commerce_agent.console.keys import ApiKeyAdmin
from commerce_agent.console.memberships import MembershipAdmin, Welcome
from commerce_agent.console.merchants import MerchantAdmin
from commerce_agent.console.operators import OperatorAdmin, OperatorGroupAdmin
from commerce_agent.console.orders import OrderAdmin
from commerce_agent.console.outgoing import ListenerAdmin, SendingAdmin
from commerce_agent.console.policies import PolicyAdmin
from commerce_agent.console.polling import PollSourceAdmin
from commerce_agent.console.products import BrandAdmin, CategoryAdmin, ProductAdmin, SynonymAdmin
from commerce_agent.console.promotions import PromotionAdmin
from commerce_agent.console.shoppers import ShopperAdmin
from commerce_agent.console.spending import ModelSpendAdmin
from commerce_agent.console.variants import VariantAdmin
from commerce_agent.console.webhooks import DeliveryAdmin, WebhookKeyAdmin
from commerce_agent.console.widget_looks import WidgetLookAdmin
from commerce_agent.models import (
    AgentSettings,
    IdentityKey,
    Listener,
    Membership,
    ModelSpend,
    Operator,
    Sending,
    WidgetLook,
)
from commerce_agent.staff import acting_for_staff
from conversations.models import ApiKey, Conversation, DecisionRecord, Shopper

PAGES: tuple[tuple[type[Model], type[ConsoleAdmin]], ...] = (
    (Product, ProductAdmin),
    (Variant, VariantAdmin),
    (Category, CategoryAdmin),
    (Brand, BrandAdmin),
    (Synonym, SynonymAdmin),
    (Policy, PolicyAdmin),
    (Promotion, PromotionAdmin),
    (Conversation, ConversationAdmin),
    (DecisionRecord, DecisionAdmin),
    (Shopper, ShopperAdmin),
    (Order, OrderAdmin),
    (ImportRun, ImportRunAdmin),
    (Connector, ConnectorAdmin),
    (BreakerChange, BreakerChangeAdmin),
    (AgentSettings, AgentSettingsAdmin),
    (ModelSpend, ModelSpendAdmin),
    (Merchant, MerchantAdmin),
    (ApiKey, ApiKeyAdmin),
    (WebhookKey, WebhookKeyAdmin),
    (IdentityKey, IdentityKeyAdmin),
    (WidgetLook, WidgetLookAdmin),
    (Delivery, DeliveryAdmin),
    (PollSource, PollSourceAdmin),
    (Listener, ListenerAdmin),
    (Sending, SendingAdmin),
    (Membership, MembershipAdmin),
    (Operator, OperatorAdmin),
    (Group, OperatorGroupAdmin),
)

View = Callable[..., HttpResponse]
Answer = TypeVar("Answer", bound=HttpResponseBase)


class ConsoleSite(UnfoldAdminSite):
    """The console."""

    index_title = "Home"
    enable_nav_sidebar = True

    @override
    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """Every page behind the login carries the policy."""
        wrapped: View = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            with acting_for_staff(request.user):
                answer: HttpResponse = wrapped(request, *args, **kwargs)
                if isinstance(answer, SimpleTemplateResponse):
                    # A page asks for its rows as it is written.
                    answer.render()
            return _guard(answer)

        return guarded

    @override
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """So does the login itself."""
        shown: HttpResponse = super().login(request, extra_context)
        return _guard(shown)

    @override
    def get_urls(self) -> list[URLPattern | URLResolver]:
        """With the page for a first password, which stands before the login, and the audit's own."""
        welcome = path("welcome/<uidb64>/<token>/", self.welcome, name="welcome")
        return [welcome, *list_addresses(self.admin_view), *super().get_urls()]

    def welcome(self, request: HttpRequest, uidb64: str, token: str) -> HttpResponseBase:
        """Lets somebody who was invited choose a password."""
        view = Welcome.as_view(extra_context={**self.each_context(request), "title": "Choose your password"})
        return _guard(view(request, uidb64=uidb64, token=token))

    @override
    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The first page with its numbers."""
        home = describe_home(user=request.user, now=datetime.now(UTC))
        shown: HttpResponse = super().index(request, {**(extra_context or {}), "home": home})
        return shown


def _guard(response: Answer) -> Answer:
    # The audit's pages come with a stricter policy of their own.
    if "Content-Security-Policy" not in response:
        response["Content-Security-Policy"] = POLICY
    response["Cache-Control"] = "no-store"
    return response


def build_console() -> ConsoleSite:
    """The site with all its pages; it is built once, where the addresses are laid out."""
    site = ConsoleSite(name="admin")
    for model, page in PAGES:
        site.register(model, page)
    return site
