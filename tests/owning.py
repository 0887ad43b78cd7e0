"""The owner of the test database's tables, for tests that take the database itself apart."""

from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.conf import settings

from commerce_agent.isolation.acting import PLATFORM, SETTING


def get_owner_url(url: str) -> str:
    """The same database with its owner's login, where the environment names one."""
    if not settings.DATABASE_OWNER_URL:
        return url
    return urlunsplit(urlsplit(settings.DATABASE_OWNER_URL)._replace(path=urlsplit(url).path))


def connect_as_owner(url: str) -> psycopg.Connection[tuple[Any, ...]]:
    """A connection of the owner's that sees every row; each statement is committed by itself."""
    return psycopg.connect(get_owner_url(url), autocommit=True, options=f"-c {SETTING}={PLATFORM}")
