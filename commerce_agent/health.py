"""Two questions that a load balancer asks: is the process alive, and can it serve."""

import asyncio

import msgspec
import psycopg
from django.conf import settings
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, HttpResponse
from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from commerce_agent.composition import build_cluster
from commerce_agent.redis_versions import say_refused_greeting, say_too_old
from commerce_agent.warming import warming

DEPENDENCY_SECONDS = 2.0
"""How long one dependency may take to answer before it counts as out of reach."""


class Dependency(msgspec.Struct, frozen=True, kw_only=True):
    """One thing the web process needs, and whether it answered."""

    ok: bool
    detail: str


WARM = Dependency(ok=True, detail="ready")


class Readiness(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of /readyz: ready only if every dependency is."""

    ready: bool
    dependencies: dict[str, Dependency]


async def healthz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Answer 200 while the process can answer at all; touches no dependency."""
    return HttpResponse("alive\n", content_type="text/plain")


async def readyz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Answer 200 when PostgreSQL, Redis, the migrations and the process itself are ready, else 503; JSON of each."""
    (postgresql, migrations), redis, cluster = await asyncio.gather(
        _ask_postgresql(), _ask_redis(), _ask_cluster()
    )
    dependencies = {
        "postgresql": postgresql,
        "migrations": migrations,
        "redis": redis,
        "turns": _ask_warming(),
    }
    if cluster is not None:
        dependencies["state_cluster"] = cluster
    answer = Readiness(ready=all(one.ok for one in dependencies.values()), dependencies=dependencies)
    return HttpResponse(
        msgspec.json.encode(answer),
        status=200 if answer.ready else 503,
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


def _ask_warming() -> Dependency:
    if warming.is_going_on:
        return Dependency(ok=False, detail="builds its patterns")
    if warming.has_failed:
        return Dependency(ok=False, detail="could not build its patterns: the log says why at warming.failed")
    return WARM


async def _ask_postgresql() -> tuple[Dependency, Dependency]:
    """Return the state of PostgreSQL and of its migrations."""
    try:
        async with asyncio.timeout(DEPENDENCY_SECONDS):
            async with await psycopg.AsyncConnection.connect(settings.DATABASE_URL) as connection:
                rows = await (await connection.execute("SELECT app, name FROM django_migrations")).fetchall()
    except psycopg.errors.UndefinedTable:
        return Dependency(ok=True, detail="answers"), Dependency(ok=False, detail="none applied")
    except (psycopg.Error, OSError, TimeoutError) as error:
        # The message may hold addresses; the kind of error is enough for a stranger, the log has the rest.
        unreachable = Dependency(ok=False, detail=type(error).__name__)
        return unreachable, Dependency(ok=False, detail="unknown")
    missing = _list_known_migrations() - {(str(app), str(name)) for app, name in rows}
    detail = f"{len(missing)} to apply: manage.py migrate" if missing else "applied"
    return Dependency(ok=True, detail="answers"), Dependency(ok=not missing, detail=detail)


def _list_known_migrations() -> frozenset[tuple[str, str]]:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    replaced = {old for migration in loader.disk_migrations.values() for old in migration.replaces}
    return frozenset(
        (str(app), str(name)) for app, name in loader.disk_migrations if (app, name) not in replaced
    )


async def _ask_cluster() -> Dependency | None:
    """None where the conversations' fast copies have no cluster of their own."""
    if not settings.STATE_CLUSTER_URL:
        return None
    return await _ask(build_cluster(seconds=DEPENDENCY_SECONDS))


async def _ask_redis() -> Dependency:
    return await _ask(
        Redis.from_url(
            settings.REDIS_URL, socket_timeout=DEPENDENCY_SECONDS, socket_connect_timeout=DEPENDENCY_SECONDS
        )
    )


async def _ask(client: Redis) -> Dependency:
    try:
        async with asyncio.timeout(DEPENDENCY_SECONDS), client:
            problem = await _find_problem(client)
    except (RedisError, OSError, TimeoutError) as error:
        return Dependency(ok=False, detail=type(error).__name__)
    return Dependency(ok=not problem, detail=problem or "answers")


async def _find_problem(client: Redis) -> str:
    try:
        await client.ping()
    except ResponseError as refused:
        if problem := say_refused_greeting(refused):
            return problem
        raise
    try:
        return say_too_old(await client.info("server"))
    except ResponseError:
        # Some servers let nobody ask; what it cannot do shows then where it is done.
        return ""
