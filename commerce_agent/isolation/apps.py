from django.apps import AppConfig


class IsolationConfig(AppConfig):
    """What keeps merchants apart in PostgreSQL."""

    name = "commerce_agent.isolation"
