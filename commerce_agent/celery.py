"""The Celery application: work after a turn, after an import, and on the clock."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "commerce_agent.settings.dev")

app = Celery("commerce_agent")
# Without this only the thread that imported the module would find the app; web requests run in others.
app.set_default()
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["catalog", "conversations", "commerce_agent"])
