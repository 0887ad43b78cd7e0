"""What every test may ask for. Nothing is emptied between tests: each makes a merchant of its own."""

import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextvars import ContextVar
from pathlib import Path
from urllib.parse import quote

import hypothesis
import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import setup_databases, teardown_databases
from pytest_django.plugin import DjangoDbBlocker
from redis import Redis as SyncRedis
from redis.asyncio import Redis

from commerce_agent.composition import settle_collector
from commerce_agent.isolation import acting
from commerce_agent.isolation.connections import Pool, build_pool
from commerce_agent.isolation.owning import as_owner, grant_run_time
from commerce_agent.redis_wire import build_client
from conversations.store.projection import RedisDoor
from tests import waiting
from tests.merchant_api import RunningApi, running_merchant_api
from tests.running import running, running_web

# Playwright runs its own event loop in the main thread; a browser test calls the ORM outside of it.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

# Tests are about many merchants. What lets somebody in acts for that one alone, in here too; the processes that tests
# start begin with nobody.
acting._told = ContextVar("told", default=acting.PLATFORM)


# A busy machine is no fault of what is tested; all else is as it is set for this machine, or for CI.
hypothesis.settings.register_profile(
    "any machine",
    hypothesis.settings.default,
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("any machine")


LONG = (
    "agent/test_hostile.py",
    "setup/test_up.py",
    "conversations/test_scripts.py",
    "agent/claude/test_corpus.py",
    "api/test_schema.py",
    "faults/test_processes.py",
    "faults/test_postgresql.py",
    "flows/test_kills.py",
    "browser/test_lines.py",
    "browser/test_accessibility.py",
    "console/audit/test_browser.py",
    "setup/test_production.py",
    "conversations/keeping/test_migration.py",
)
"""Files that take half a minute or more: a worker that begins one at the end keeps the other waiting."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files."""
    items.sort(key=lambda item: not item.path.as_posix().endswith(LONG))


def pytest_collection_finish() -> None:
    """Collect as a serving process does: else the collector walks through all that was imported, again and again."""
    settle_collector()


def get_test_database_url() -> str:
    """The URL of the test database that pytest-django has made."""
    chosen = connection.settings_dict
    login = quote(chosen["USER"], safe="")
    if chosen["PASSWORD"]:
        login += ":" + quote(chosen["PASSWORD"], safe="")
    return f"postgres://{login}@{chosen['HOST']}:{chosen['PORT'] or 5432}/{quote(chosen['NAME'], safe='')}"


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
    django_db_modify_db_settings: None,
    django_db_keepdb: bool,
    django_db_createdb: bool,
) -> Iterator[None]:
    """Make a test database for each worker whatever the tests are marked with, and drop it at the end."""
    keep = django_db_keepdb and not django_db_createdb
    with django_db_blocker.unblock():
        with as_owner():
            made = setup_databases(verbosity=0, interactive=False, aliases={"default"}, keepdb=keep)
        grant_run_time()
    yield
    if not django_db_keepdb:
        with django_db_blocker.unblock(), as_owner():
            teardown_databases(made, verbosity=0)


@pytest.fixture(scope="session")
def database(
    django_db_setup: None, forgotten_keys: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[str]:
    """The migrated test database, open to the ORM, to pools and to other processes; its URL.

    What a test writes is committed and stays, so a test works inside a merchant (uuid) of its own.
    """
    before = settings.DATABASE_URL
    with django_db_blocker.unblock():
        settings.DATABASE_URL = get_test_database_url()
        yield settings.DATABASE_URL
        settings.DATABASE_URL = before
        # Threads and pools that a test left connected would keep the database from being dropped.
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                # The server's own workers are not ours to end, and hold nothing.
                " AND backend_type = 'client backend'"
            )
        connection.close()


@pytest.fixture
async def pool(database: str) -> AsyncIterator[Pool]:
    """An open pool on the test database, in this test's event loop; autocommit as on the turn path."""
    async with build_pool(database, most=8, wait=30) as opened:
        yield opened


@pytest.fixture
async def redis(forgotten_keys: None) -> AsyncIterator[Redis]:
    """A client of the real Redis; keys start with `settings.REDIS_PREFIX`, random in every run."""
    client: Redis = build_client(settings.REDIS_URL, seconds=30)
    yield client
    await client.aclose()


@pytest.fixture
async def door(redis: Redis) -> AsyncIterator[RedisDoor]:
    """The way to that Redis, which a test can shut."""
    made = RedisDoor(client=redis)
    yield made
    await made.close()


@pytest.fixture(scope="session")
def forgotten_keys() -> Iterator[None]:
    """Remove this run's keys from Redis at the end; other runs may use the same server."""
    yield
    client = SyncRedis.from_url(settings.REDIS_URL)
    for key in client.scan_iter(match=f"{settings.REDIS_PREFIX}*", count=500):
        client.delete(key)
    client.close()


@pytest.fixture(scope="session")
def running_shop(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of a real web server (uvicorn, a process of its own) on the test database."""
    with running_web(log=tmp_path_factory.mktemp("web") / "web.log") as base:
        yield base


@pytest.fixture(scope="session")
def running_api(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApi]:
    """The shipped merchant API (uvicorn, a process of its own) on the test database."""
    with running_merchant_api(log=tmp_path_factory.mktemp("merchant-api") / "api.log") as api:
        yield api


@pytest.fixture
def merchant_api(running_api: RunningApi) -> Iterator[RunningApi]:
    """The same, behaving before and after the test."""
    running_api.behave()
    yield running_api
    running_api.behave()


@pytest.fixture(scope="session")
def running_worker(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A real Celery worker on the test database; the path of its log."""
    log = tmp_path_factory.mktemp("worker") / "worker.log"
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "commerce_agent",
        "worker",
        "-P",
        "threads",
        "--loglevel",
        "INFO",
    ]
    with running(
        command=[*command, "--concurrency", "2", "--without-gossip", "--without-mingle"], log=log
    ) as child:

        def ready() -> bool:
            assert child.poll() is None, log.read_text()[-4000:]
            return " ready." in log.read_text()

        waiting.wait_until(ready, seconds=90, what="the worker's 'ready' line")
        yield log
