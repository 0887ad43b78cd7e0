"""The two questions of a load balancer."""

import json

import pytest
from django.conf import settings
from django.test import AsyncClient

DEAD_POSTGRES = "postgres://nobody@127.0.0.1:1/none"
DEAD_REDIS = "redis://127.0.0.1:1/0"


async def test_alive_touches_no_dependency(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "DATABASE_URL", DEAD_POSTGRES)
    monkeypatch.setattr(settings, "REDIS_URL", DEAD_REDIS)

    answer = await AsyncClient().get("/healthz")

    assert (answer.status_code, answer.content) == (200, b"alive\n")


async def test_ready_with_everything_there(database: str) -> None:
    answer = await AsyncClient().get("/readyz")

    assert answer.status_code == 200
    assert json.loads(answer.content)["dependencies"]["migrations"] == {"ok": True, "detail": "applied"}


@pytest.mark.parametrize(
    ("setting", "url", "down"),
    [("DATABASE_URL", DEAD_POSTGRES, {"postgresql", "migrations"}), ("REDIS_URL", DEAD_REDIS, {"redis"})],
)
async def test_not_ready_names_what_is_missing_and_no_address(
    database: str, monkeypatch: pytest.MonkeyPatch, setting: str, url: str, down: set[str]
) -> None:
    monkeypatch.setattr(settings, setting, url)

    answer = await AsyncClient().get("/readyz")

    body = json.loads(answer.content)
    assert answer.status_code == 503
    assert body["ready"] is False
    assert {name for name, one in body["dependencies"].items() if not one["ok"]} == down
    assert "127.0.0.1" not in answer.content.decode()
