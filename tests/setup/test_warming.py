"""A process that has just started is ready only once it has built what its first turn would wait for."""

import json
import threading
from collections.abc import Iterator

import pytest
from asgiref.typing import (
    ASGIReceiveEvent,
    ASGISendEvent,
    LifespanScope,
    LifespanShutdownEvent,
    LifespanStartupEvent,
)
from celery.signals import worker_init
from django.conf import settings
from django.test import AsyncClient

from commerce_agent import asgi, health, tasks
from commerce_agent.agent.grounding import make_ready
from commerce_agent.agent.warming import build_patterns
from commerce_agent.warming import Warming
from tests.waiting import wait_until

LIFESPAN = LifespanScope(type="lifespan", asgi={"version": "3.0", "spec_version": "2.0"}, state={})


class Building:
    """Stands still until it is let go."""

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.built = 0
        self.warming = Warming(build=self)

    def __call__(self) -> None:
        assert self.let_go.wait(20)
        self.built += 1


@pytest.fixture
def building(monkeypatch: pytest.MonkeyPatch) -> Iterator[Building]:
    """What this process builds at its start, for the test to hold up."""
    held = Building()
    for module in (asgi, health, tasks):
        monkeypatch.setattr(module, "warming", held.warming)
    monkeypatch.setattr(settings, "WARM_UP", True)
    yield held
    held.let_go.set()
    held.warming.finish(seconds=60)


async def ask_ready() -> tuple[int, bool]:
    """The status of /readyz, and whether turns are ready."""
    answer = await AsyncClient().get("/readyz")
    return answer.status_code, json.loads(answer.content)["dependencies"]["turns"]["ok"]


async def start_and_stop() -> list[str]:
    """What the ASGI application answers to its server's start and end."""
    told: list[str] = []
    events: list[ASGIReceiveEvent] = [
        LifespanStartupEvent(type="lifespan.startup"),
        LifespanShutdownEvent(type="lifespan.shutdown"),
    ]

    async def receive() -> ASGIReceiveEvent:
        return events.pop(0)

    async def send(event: ASGISendEvent) -> None:
        told.append(event["type"])

    await asgi.live(LIFESPAN, receive, send)
    return told


async def test_the_web_server_answers_at_once_and_is_ready_once_it_is_warm(
    database: str, building: Building
) -> None:
    assert await ask_ready() == (200, True)

    assert await start_and_stop() == ["lifespan.startup.complete", "lifespan.shutdown.complete"]

    assert await ask_ready() == (503, False)
    building.let_go.set()
    wait_until(lambda: not building.warming.is_going_on)
    assert await ask_ready() == (200, True)
    assert building.built == 1


def test_a_worker_is_warm_before_its_first_task(building: Building) -> None:
    building.let_go.set()

    worker_init.send(sender="a worker")
    worker_init.send(sender="a worker")

    assert (building.built, building.warming.is_going_on) == (1, False)


async def test_a_process_that_cannot_build_them_is_alive_and_never_ready(
    database: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Its turns would fail as well: a balancer leaves it out, and nothing restarts it in a circle."""

    def build() -> None:
        raise ValueError("a pattern that is none")

    warming = Warming(build=build)
    monkeypatch.setattr(health, "warming", warming)
    warming.finish(seconds=60)

    assert (warming.is_going_on, warming.has_failed) == (False, True)
    answer = await AsyncClient().get("/readyz")
    turns = json.loads(answer.content)["dependencies"]["turns"]
    assert (answer.status_code, turns["ok"]) == (503, False)
    assert "warming.failed" in turns["detail"]
    assert "warming.failed" in caplog.text
    assert "none" not in turns["detail"]
    assert (await AsyncClient().get("/healthz")).status_code == 200


def test_the_first_sentence_finds_its_patterns_built() -> None:
    build_patterns()

    assert make_ready.cache_info().currsize == 1
