from django.contrib import admin
from django.urls import URLPattern, URLResolver, path

from commerce_agent.health import healthz, readyz

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz),
    path("readyz", readyz),
    path("admin/", admin.site.urls),
]
