"""The two roles of a database: the one that owns the tables and migrates, and the one that everything else runs as.

DATABASE_URL names the second. Where DATABASE_OWNER_URL is not set, they are one: FORCE still holds it to the policies,
but it could take them away.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import environ
from django.conf import settings
from django.db import connection, transaction

LOGIN = ("USER", "PASSWORD", "HOST", "PORT")

GRANTS = (
    "GRANT USAGE ON SCHEMA public TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {role}",
)
"""What runs may read and write rows."""
READ_ONLY = ("django_migrations", "conversations_accessrecord", "conversations_accesshead")
"""What it may not write: migrations are the owner's, and the chain of accesses grows by its function alone."""
CLOSE = "REVOKE CREATE ON SCHEMA public FROM PUBLIC"
"""Whoever may create there could lay a function of their own in the way of one that acts as the owner."""
OWNERS_WAYS = """
SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = 'public' AND p.prosecdef
"""
BYPASSES = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"


@contextmanager
def as_owner() -> Iterator[None]:
    """Django's connection logs in as the tables' owner within the block; not within a transaction."""
    chosen = connection.settings_dict
    before = {name: chosen[name] for name in LOGIN}
    owner = _read_login(settings.DATABASE_OWNER_URL) if settings.DATABASE_OWNER_URL else before
    if owner == before:
        yield
        return
    connection.close()
    chosen.update(owner)
    try:
        yield
    finally:
        connection.close()
        chosen.update(before)


def grant_run_time() -> None:
    """Lets the role that DATABASE_URL names read and write rows, and it alone call what acts as the owner."""
    run_time = str(_read_login(settings.DATABASE_URL)["USER"])
    with as_owner(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(CLOSE)
        cursor.execute(OWNERS_WAYS)
        ways = [str(row[0]) for row in cursor.fetchall()]
        for way in ways:
            cursor.execute(f"REVOKE EXECUTE ON FUNCTION {way} FROM PUBLIC")
        if connection.settings_dict["USER"] == run_time:
            return
        role, known = connection.ops.quote_name(run_time), connection.introspection.table_names(cursor)
        for grant in (*GRANTS, *(f"GRANT EXECUTE ON FUNCTION {way} TO {{role}}" for way in ways)):
            cursor.execute(grant.format(role=role))
        for table in set(READ_ONLY) & set(known):
            cursor.execute(f"REVOKE INSERT, UPDATE, DELETE ON {table} FROM {role}")


def is_held_to_policies() -> bool:
    """Whether the role that everything runs as is one that policies hold for."""
    with connection.cursor() as cursor:
        cursor.execute(BYPASSES)
        (bypasses,) = cursor.fetchone()
    return not bypasses


def _read_login(url: str) -> dict[str, object]:
    named = environ.Env.db_url_config(url)
    return {name: named.get(name, "") for name in LOGIN}
