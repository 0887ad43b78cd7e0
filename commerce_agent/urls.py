"""Every address of the project."""

from django.urls import URLPattern, URLResolver, include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from commerce_agent.api import build_ports
from commerce_agent.console.site import build_console
from commerce_agent.health import healthz, readyz
from conversations.api.problems import show_no_such_address
from conversations.api.urls import list_addresses

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz),
    path("readyz", readyz),
    path("", include("commerce_agent.chat.urls")),
    path("", include("commerce_agent.demo.urls")),
    path("api/v1/", include((list_addresses(build_ports()), "api"))),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    re_path(r"^api/[\s\S]*$", show_no_such_address),
    path("admin/", build_console().urls),
]
