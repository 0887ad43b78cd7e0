from django.apps import AppConfig


class CommerceAgentConfig(AppConfig):
    name = "commerce_agent"
    default_auto_field = "django.db.models.BigAutoField"
