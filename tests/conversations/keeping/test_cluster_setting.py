"""STATE_CLUSTER_URL: conversations with their fast copies on a Redis Cluster, here of one node with every slot."""

import asyncio
import gc
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import AsyncClient
from redis import Redis
from redis.asyncio.cluster import ClusterNode

from commerce_agent.composition import Platform, open_platform
from commerce_agent.setup.environment import SetupError
from commerce_agent.setup.valkey import get_valkey_binary
from conversations.ids import ConversationId, MerchantId
from tests.conversations.keeping.test_cluster import SLOTS, start_node
from tests.conversations.state.conftest import merchant
from tests.conversations.state.talking import NOON, answer, make_notice, require_one_truth, say, take
from tests.running import get_test_environment
from tests.waiting import wait_until

__all__ = ["merchant"]


SCRIPTS = Path(__file__).parents[1] / "scripts"
TALKS = 5


@pytest.fixture(autouse=True)
async def _swept() -> AsyncIterator[None]:
    """redis-py forgets a cluster's first node with its connection open; in the loop that made it, it can be closed."""
    yield
    for node in [each for each in gc.get_objects() if issubclass(type(each), ClusterNode)]:
        await node.disconnect()


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    try:
        get_valkey_binary()
    except SetupError as error:
        pytest.skip(f"a cluster needs a Valkey for this machine: {error}")
    with ExitStack() as stack:
        node = start_node(stack, tmp_path_factory)
        node.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, SLOTS - 1)
        wait_until(
            lambda: b"cluster_state:ok" in node.execute_command("CLUSTER", "INFO"),
            seconds=30,
            what="the cluster",
        )
        yield node


@pytest.fixture
def address(node: Redis, monkeypatch: pytest.MonkeyPatch) -> str:
    """The cluster's, named by the setting."""
    url = f"redis://127.0.0.1:{node.get_connection_kwargs()['port']}"
    monkeypatch.setattr(settings, "STATE_CLUSTER_URL", url)
    # On a machine that is busy with other tests an answer may take longer than a shopper would wait.
    monkeypatch.setattr("commerce_agent.composition.REDIS_TIMEOUT", 15.0)
    return url


def list_names(node: Redis, conversation: ConversationId) -> set[str]:
    found = node.scan_iter(match=f"*{{{conversation}}}*", count=1000)
    return {key.decode().rpartition(":")[2] for key in found}


async def talk(platform: Platform, conversation: ConversationId) -> None:
    service = platform.conversations
    await say(service, conversation, "shoes")
    turn = await take(service, conversation)
    assert not turn.without_redis
    assert turn.lease.kept_in == "redis"
    assert await service.take_turn(conversation=conversation, at=NOON) is None
    await answer(service, turn)


async def test_copies_and_leases_are_on_the_cluster_and_nothing_of_them_elsewhere(
    database: str, address: str, node: Redis, merchant: MerchantId
) -> None:
    elsewhere = Redis.from_url(settings.REDIS_URL)
    async with open_platform(quiet=True, prefix=f"cluster-{uuid4().hex}:") as platform:
        service = platform.conversations
        opened = [await service.open_conversation(merchant=merchant, at=NOON) for _ in range(TALKS)]
        await asyncio.gather(*(talk(platform, conversation) for conversation in opened))
        for conversation in opened:
            await service.record_arrivals(conversation=conversation, events=(make_notice(),), at=NOON)
            await say(service, conversation, "boots")

        # One question for all of them, whichever slots they are in.
        states = await service.many.load(conversations=opened)
        assert {name: len(state.transcript.waiting) for name, state in states.items()} == dict.fromkeys(
            opened, 1
        )
        for conversation in opened:
            assert list_names(node, conversation) == {"state", "tail"}
            assert list_names(elsewhere, conversation) == set()

        platform.door.shut()
        turn = await take(service, opened[0])
        assert (turn.without_redis, turn.lease.kept_in) == (True, "postgresql")
        platform.door.open()
        await answer(service, turn)
        await require_one_truth(service, opened[0])

        await platform.forget_keys()
        assert [list_names(node, conversation) for conversation in opened] == [set()] * TALKS
    elsewhere.close()


async def test_without_the_cluster_turns_go_on_through_postgresql(
    database: str, merchant: MerchantId, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "STATE_CLUSTER_URL", "redis://127.0.0.1:1")
    async with open_platform(quiet=True, prefix=f"cluster-{uuid4().hex}:") as platform:
        service = platform.conversations
        conversation = await service.open_conversation(merchant=merchant, at=NOON)
        await say(service, conversation, "shoes")
        turn = await take(service, conversation)
        assert (turn.without_redis, turn.lease.kept_in) == (True, "postgresql")
        await answer(service, turn)
        await service.record_arrivals(conversation=conversation, events=(make_notice(),), at=NOON)

        states = await service.many.load(conversations=[conversation])
        assert states == {conversation: await require_one_truth(service, conversation)}


async def test_a_process_is_ready_where_the_cluster_answers(
    database: str, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = (await AsyncClient().get("/readyz")).json()["dependencies"]
    monkeypatch.setattr(settings, "STATE_CLUSTER_URL", "redis://127.0.0.1:1")
    gone = await AsyncClient().get("/readyz")

    assert there["state_cluster"] == {"ok": True, "detail": "answers"}
    assert (gone.status_code, gone.json()["dependencies"]["state_cluster"]["ok"]) == (503, False)


@pytest.mark.parametrize(
    "script", ["redis_is_flushed_three_times_in_one_talk", "redis_goes_away_and_comes_back"]
)
def test_a_script_runs_on_the_cluster_that_the_environment_names(
    database: str, address: str, node: Redis, script: str
) -> None:
    node.config_resetstat()
    environment = {**get_test_environment(), "DATABASE_URL": database, "STATE_CLUSTER_URL": address}

    ran = subprocess.run(
        [sys.executable, "manage.py", "converse", str(SCRIPTS / f"{script}.yaml"), "--json"],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert ran.returncode == 0, ran.stderr[-2000:]
    steps = [json.loads(line) for line in ran.stdout.splitlines()]
    said = [step["reply"] for step in steps if step["reply"]]
    assert len(said) > 3
    # A take and a write each turn, and nothing is left behind.
    assert node.info("commandstats")["cmdstat_eval"]["calls"] >= 2 * len(said)
    assert node.dbsize() == 0
