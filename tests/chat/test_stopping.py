"""Ending a reply from another process, and ending a process in the middle of a reply."""

import os
import signal
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from catalog.models import Merchant
from tests.agent.messages_api import MessagesApi, Reply, running_messages_api
from tests.chat.serving import serving
from tests.chat.shopper import Gate, Shopper
from tests.chat.test_outage import NOBODY
from tests.running import find_free_port, find_status
from tests.waiting import wait_until_async


@pytest.fixture
def messages_api() -> Iterator[MessagesApi]:
    with running_messages_api() as api:
        yield api


def get_environment(api: MessagesApi) -> dict[str, str]:
    return {"DJANGO_SETTINGS_MODULE": "tests.chat.claude_settings", "ANTHROPIC_BASE_URL": api.url}


def end_server(log: Path) -> None:
    """Ends the server as a supervisor does; its leash wrote its number beside its log."""
    os.kill(int(Path(f"{log}.lock").read_text()), signal.SIGTERM)


async def wait_for_request(api: MessagesApi) -> None:
    async def is_asked() -> bool:
        return bool(api.requests)

    await wait_until_async(is_asked)


@asynccontextmanager
async def open_two_sides(
    merchant: Merchant, api: MessagesApi, *, folder: Path, environment: dict[str, str]
) -> AsyncIterator[tuple[Shopper, Shopper]]:
    """One conversation on two servers: who spoke is on the one that answers, who wants it to stop on the other."""
    answering = serving(port=find_free_port(), log=folder / "one.log", **environment)
    other = serving(port=find_free_port(), log=folder / "two.log", **environment)
    with answering as here, other as there:
        async with Gate(base=here, key=merchant.key).open() as speaker:
            await speaker.hello()
            resume = (await speaker.say("hello"))["resume"]
            await wait_for_request(api)
            async with Gate(base=there, key=merchant.key).open() as stopper:
                await stopper.hello(resume=resume)
                yield speaker, stopper


async def test_a_stop_reaches_the_process_that_answers(
    merchant: Merchant, tmp_path: Path, messages_api: MessagesApi
) -> None:
    held = threading.Event()
    messages_api.replies = [Reply(text="Too late.", held=held)]
    environment = get_environment(messages_api)
    async with open_two_sides(merchant, messages_api, folder=tmp_path, environment=environment) as (
        speaker,
        stopper,
    ):
        turn = (await stopper.have("turn"))["turn"]

        await stopper.send(t="stop", cid="stop-0001", turn=turn + 1)
        assert (await stopper.expect("ack"))["cid"] == "stop-0001"
        await stopper.send(t="ping")
        await stopper.expect("pong")
        assert "done" not in [frame["t"] for frame in (*speaker.frames, *stopper.frames)]

        await stopper.send(t="stop", turn=turn)
        done = await speaker.expect("done")
        held.set()

    assert (done["turn"], done["status"]) == (turn, "stopped")


async def test_a_stop_that_nobody_can_have_heard_is_not_acknowledged(
    merchant: Merchant, tmp_path: Path, messages_api: MessagesApi
) -> None:
    held = threading.Event()
    messages_api.replies = [Reply(text="Too late.", held=held)]
    environment = {**get_environment(messages_api), "REDIS_URL": f"redis://{NOBODY}/0"}
    async with open_two_sides(merchant, messages_api, folder=tmp_path, environment=environment) as (
        speaker,
        stopper,
    ):
        turn = (await stopper.have("turn"))["turn"]
        await stopper.send(t="stop", cid="stop-0001", turn=turn)
        refused = await stopper.expect("error")

        await speaker.send(t="stop", cid="stop-0002", turn=turn)
        heard = await speaker.expect("ack")
        done = await speaker.expect("done")
        await stopper.send(t="stop", cid="stop-0001", turn=turn)
        needless = await stopper.expect("ack")
        held.set()

    assert (refused["code"], refused["cid"], refused["retry_after"]) == ("unavailable", "stop-0001", 2.0)
    assert (heard["cid"], done["turn"], done["status"]) == ("stop-0002", turn, "stopped")
    assert needless["cid"] == "stop-0001"


async def test_a_server_that_ends_lets_its_turns_end(
    merchant: Merchant, tmp_path: Path, messages_api: MessagesApi
) -> None:
    held = threading.Event()
    messages_api.replies = [Reply(text="Hello to you.", held=held)]
    port, log = find_free_port(), tmp_path / "web.log"
    with serving(port=port, log=log, **get_environment(messages_api)) as base:
        gate = Gate(base=base, key=merchant.key)
        async with gate.open() as shopper:
            await shopper.hello()
            resume = (await shopper.say("hello"))["resume"]
            await wait_for_request(messages_api)
            end_server(log)
            code = await shopper.expect_close()

        async def is_deaf() -> bool:
            return find_status(f"{base}/healthz") is None

        await wait_until_async(is_deaf)
        held.set()

        async def is_over() -> bool:
            return "Finished server process" in log.read_text()

        await wait_until_async(is_over)

    with serving(port=port, log=tmp_path / "next.log"):
        async with gate.open() as again:
            await again.hello(resume=resume)
            done = await again.have("done")

    assert code in (1012, 1001)
    assert (done["text"], done.get("status", "ok")) == ("Hello to you.", "ok")
    assert "Traceback" not in log.read_text()
