"""A Redis that lacks what every message needs is refused by its version, before anybody speaks."""

import json

import pytest
from django.conf import settings
from django.test import AsyncClient

from commerce_agent.redis_versions import say_too_old
from commerce_agent.setup.environment import SetupError
from commerce_agent.setup.servers import ServerUrls, require_answers
from tests.setup.old_redis import running_old_redis

PROBLEM = "is 6.0.16, and 6.2 is the least that will do"
OLDER = "is older than 6, and 6.2 is the least that will do"


async def test_not_ready_on_a_redis_that_is_too_old(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with running_old_redis("6.0.16") as url:
        monkeypatch.setattr(settings, "REDIS_URL", url)
        answer = await AsyncClient().get("/readyz")

    assert answer.status_code == 503
    assert json.loads(answer.content)["dependencies"]["redis"] == {"ok": False, "detail": PROBLEM}


@pytest.mark.parametrize(
    ("version", "problem"),
    [
        ("5.0.7", "is older than 6, and 6.2 is the least that will do"),
        ("6.0.16", PROBLEM),
        ("6.2.0", ""),
        ("7.2.4", ""),
    ],
)
def test_nothing_is_started_on_one_that_is_too_old(database: str, version: str, problem: str) -> None:
    with running_old_redis(version) as url:
        urls = ServerUrls(
            database_url=settings.DATABASE_URL, redis_url=url, embedded_postgres=False, embedded_valkey=False
        )
        if not problem:
            require_answers(urls)
        else:
            with pytest.raises(SetupError, match=f"Redis {problem}.*REDIS_URL"):
                require_answers(urls)


@pytest.mark.parametrize("told", ["", "unstable", "255.255.255", "10.0.1"])
def test_what_tells_no_version_or_a_newer_one_is_taken(told: str) -> None:
    assert say_too_old({"redis_version": told} if told else {}) == ""
