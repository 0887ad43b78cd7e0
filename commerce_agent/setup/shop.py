"""What a database needs before the shop opens: its tables, the demo shop, an account for the admin."""

import io
import os
import secrets
import time

import django
from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.migrations.executor import MigrationExecutor

from commerce_agent.isolation.acting import acting_for_platform
from commerce_agent.isolation.owning import as_owner
from commerce_agent.setup.places import Places

ADMIN = "admin"
PASSWORD_BYTES = 12
MIGRATION_LOCK = 7_421_096_315
"""A PostgreSQL advisory lock of our own: two commands that start at once do not migrate at once."""
LOCK_PAUSE_SECONDS = 0.2


def set_up_django(*, places: Places) -> None:
    """Load Django; in development the secret keys are this data folder's own unless the environment names
    others.
    """
    if os.environ["DJANGO_SETTINGS_MODULE"].endswith(".dev"):
        places.make()
        os.environ.setdefault("SECRET_KEY", places.get_secrets().secret_key)
        os.environ.setdefault("KEY_ENCRYPTION_KEYS", places.get_key_encryption_keys())
    django.setup()


def migrate_if_behind() -> bool:
    """Apply the migrations that are missing and say whether there were any."""
    if not _is_behind():
        return False
    with as_owner(), connection.cursor() as cursor:
        # An index that is built beside others waits for every statement that runs, so none may wait for this lock.
        while not _take_lock(cursor):
            time.sleep(LOCK_PAUSE_SECONDS)
        try:
            call_command("migrate", interactive=False, verbosity=0)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATION_LOCK])
    return True


@acting_for_platform("the first start, which stocks the demo shop")
def stock_if_empty() -> bool:
    """Seed the demo shop where the database holds no merchant at all; say whether that was so."""
    merchants = apps.get_model("catalog", "Merchant")
    if not settings.DEMO_SHOP or merchants._default_manager.exists():  # noqa: SLF001
        return False
    call_command("seed_demo", stdout=io.StringIO())
    return True


def make_admin_if_none() -> str | None:
    """Make the first account of the admin and return its password, which is kept hashed only; None where one
    exists.
    """
    operators = get_user_model()._default_manager  # noqa: SLF001
    if operators.filter(is_superuser=True).exists():
        return None
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    operators.create_superuser(username=ADMIN, email="", password=password)
    return password


def _take_lock(cursor: CursorWrapper) -> bool:
    cursor.execute("SELECT pg_try_advisory_lock(%s)", [MIGRATION_LOCK])
    return bool(cursor.fetchone()[0])


def _is_behind() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
