from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from commerce_agent.health import healthz, readyz

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz),
    path("readyz", readyz),
    path("", include("commerce_agent.chat.urls")),
    path("admin/", admin.site.urls),
]
