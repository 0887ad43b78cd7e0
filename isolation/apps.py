from django.apps import AppConfig


class IsolationConfig(AppConfig):
    """What keeps merchants apart in PostgreSQL."""

    name = "isolation"
