"""The addresses of events that come in."""

from django.urls import URLPattern, path

from commerce_agent.webhooks.views import take_webhook

urlpatterns: list[URLPattern] = [path("webhooks/v1/<slug:merchant>/", take_webhook, name="webhook")]
