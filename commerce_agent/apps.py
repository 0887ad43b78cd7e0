from django.apps import AppConfig

from commerce_agent.celery import app as celery


class CommerceAgentConfig(AppConfig):
    name = "commerce_agent"
    verbose_name = "Console"
    default_auto_field = "django.db.models.BigAutoField"
    celery = celery
    """The web process sends tasks too, so the Celery application exists as soon as Django does."""
