"""How static files are served where they are collected."""

COLLECTED_STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "commerce_agent.settings.storage.ModuleStaticFilesStorage"},
}
