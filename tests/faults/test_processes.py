"""The web server and the worker are killed in the middle of a turn; others finish it, once."""

import os
import secrets
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from celery import Celery
from django.conf import settings

from commerce_agent.composition import read_clock
from tests.agent.messages_api import MessagesApi
from tests.chat.serving import serving
from tests.chat.shopper import Gate
from tests.faults.conftest import get_environment
from tests.faults.servers import OwnServers
from tests.faults.talking import FIRST, has_limit, holding, require_all_frames, speaking, wait_until_asked
from tests.faults.witness import witnessing
from tests.running import find_free_port, get_test_environment, running
from tests.waiting import wait_until, wait_until_async


def get_process(log: Path) -> int:
    """The process that writes this log; its leash wrote its number beside it."""
    return int(Path(f"{log}.lock").read_text())


def kill(log: Path) -> None:
    """Ends that process, as kill -9 does."""
    os.kill(get_process(log), signal.SIGKILL)


@contextmanager
def working(*, log: Path, environment: dict[str, str]) -> Iterator[None]:
    """Runs a real worker; it has nothing to do until it is sent something."""
    command = [sys.executable, "-m", "celery", "-A", "commerce_agent", "worker", "-P", "threads"]
    command += ["--concurrency", "2", "--loglevel", "INFO", "--without-gossip", "--without-mingle"]
    with running(command=command, log=log, environment={**get_test_environment(), **environment}):
        wait_until(lambda: " ready." in log.read_text(), seconds=90, what="the worker's 'ready' line")
        yield


def open_queue(servers: OwnServers) -> Celery:
    """Sends tasks as the beat does."""
    queue = Celery(broker=servers.redis_url)
    queue.conf.update(
        broker_transport_options=settings.CELERY_BROKER_TRANSPORT_OPTIONS, task_ignore_result=True
    )
    return queue


async def finish_until_asked(servers: OwnServers, api: MessagesApi) -> None:
    """The beat goes on sending, once a second, until a worker is in the middle of the turn that was left."""
    queue, before, sent = open_queue(servers), len(api.requests), 0.0

    async def is_asked() -> bool:
        nonlocal sent
        if time.monotonic() - sent > 1:
            sent = time.monotonic()
            queue.send_task("commerce_agent.finish_turns", expires=1)
        return len(api.requests) > before

    await wait_until_async(is_asked, seconds=60, what="a worker to take what was left")


async def test_a_web_server_is_killed_in_the_middle_of_a_turn(
    gate: Gate, servers: OwnServers, api: MessagesApi, tmp_path: Path
) -> None:
    log = tmp_path / "web.log"
    doomed = serving(port=find_free_port(), log=log, **get_environment(servers, api))
    with holding(api, "One.", "Two.", lost="Nobody hears this.") as let_go, doomed as base:
        async with speaking(Gate(base=base, key=servers.shop_key)) as (shopper, resume):
            await wait_until_asked(api)
            await shopper.say("a green one", cid="while-it-runs")
            seen = (await shopper.expect("user", lambda frame: frame["cid"] == "while-it-runs"))["seq"]
            kill(log)
            let_go.set()
            code = await shopper.expect_close()

        async with gate.open() as back:
            welcome = await back.hello(resume=resume, seq=seen)
            # What it had been told was acknowledged may be sent again all the same.
            again = await back.say("a green one", cid="while-it-runs")
            one = await back.expect("done", seconds=90)
            two = await back.expect("done")
            async with witnessing(servers, resume=resume) as witness:
                state = await witness.require_whole(acknowledged=(FIRST, "a green one"))
                await require_all_frames(back, witness, after=seen)
                replies = await witness.list_replies()

    assert (code, again["dup"], welcome["head"]) == (1006, True, seen)
    assert [frame["text"] for frame in (one, two)] == ["One.", "Two."]
    assert replies == [(1, "ok", "One."), (2, "ok", "Two.")]
    assert has_limit(state)


async def test_a_worker_is_killed_in_the_middle_of_a_turn(
    servers: OwnServers, api: MessagesApi, tmp_path: Path
) -> None:
    environment, resume = get_environment(servers, api), secrets.token_urlsafe(32)
    log = tmp_path / "worker.log"
    with holding(api, "One.", lost="Nobody hears this.") as let_go:
        async with witnessing(servers, resume=resume) as witness:
            await witness.leave_waiting(FIRST, at=read_clock() - timedelta(minutes=5))
            with working(log=log, environment=environment):
                await finish_until_asked(servers, api)
                kill(log)
            let_go.set()
            assert await witness.list_replies() == []
            with working(log=tmp_path / "another.log", environment=environment):
                await finish_until_asked(servers, api)
                await wait_until_async(witness.list_replies, seconds=90, what="the reply")
            state = await witness.require_whole(acknowledged=(FIRST,))
            replies = await witness.list_replies()

    assert replies == [(1, "ok", "One.")]
    assert has_limit(state)
