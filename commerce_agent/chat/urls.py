from django.urls import path

from commerce_agent.chat.requests import export, list_events, take_message
from commerce_agent.chat.views import renew_ticket, show_frame, show_guide, show_preview, show_style

urlpatterns = [
    path("docs/widget/", show_guide, name="widget-guide"),
    path("w/<slug:key>/", show_frame, name="widget-frame"),
    path("w/<slug:key>/events/", list_events, name="widget-events"),
    path("w/<slug:key>/export/", export, name="widget-export"),
    path("w/<slug:key>/messages/", take_message, name="widget-messages"),
    path("w/<slug:key>/preview/", show_preview, name="widget-preview"),
    path("w/<slug:key>/style.css", show_style, name="widget-style"),
    path("w/<slug:key>/ticket/", renew_ticket, name="widget-ticket"),
]
