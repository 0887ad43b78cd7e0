"""The merchant API as a process of its own: `uvicorn --factory catalog.merchant_api.serving:build_application`."""

from collections.abc import Awaitable, Callable
from typing import Any

import django
from django.utils.module_loading import import_string

Application = Callable[..., Awaitable[Any]]


def build_application() -> Application:
    """The application. Raises ImproperlyConfigured where it has no key to know its callers by."""
    django.setup()
    # What takes orders writes to Django's tables, which can be named from here on.
    build: Callable[[], Application] = import_string("catalog.merchant_api.building.build_application")
    return build()
