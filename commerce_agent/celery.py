"""The Celery application: work after a turn, after an import, and on the clock."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "commerce_agent.settings.dev")

app = Celery("commerce_agent")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["catalog", "conversations", "commerce_agent"])
