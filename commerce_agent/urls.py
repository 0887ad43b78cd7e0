"""Every address of the project."""

from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from commerce_agent.composition import get_conversations
from commerce_agent.console.site import build_console
from commerce_agent.health import healthz, readyz
from conversations.api.views import ConversationEventsView, ConversationList, ConversationStateView

api: list[URLPattern | URLResolver] = [
    path("conversations/", ConversationList.as_view(), name="conversation-list"),
    path(
        "conversations/<uuid:conversation>/state/",
        ConversationStateView.as_view(get_conversations=get_conversations),
        name="conversation-state",
    ),
    path(
        "conversations/<uuid:conversation>/events/",
        ConversationEventsView.as_view(get_conversations=get_conversations),
        name="conversation-events",
    ),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz),
    path("readyz", readyz),
    path("", include("commerce_agent.chat.urls")),
    path("", include("commerce_agent.demo.urls")),
    path("api/v1/", include((api, "api"))),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    path("admin/", build_console().urls),
]
