"""The ASGI entrance: HTTP to Django, websockets to the chat."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "commerce_agent.settings.dev")
application = get_asgi_application()
