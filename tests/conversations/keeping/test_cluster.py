"""The fast copy on a Redis Cluster of three nodes: what belongs to one conversation lies on one of them."""

import gc
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack

import pytest
from channels_redis.pubsub import RedisPubSubChannelLayer
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool
from redis import Redis
from redis.asyncio import RedisCluster
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.crc import key_slot
from redis.exceptions import RedisError

from commerce_agent.setup.environment import SetupError
from commerce_agent.setup.valkey import get_valkey_binary
from conversations.ids import ConversationId, MerchantId
from conversations.service import Conversations
from conversations.store.projection import RedisDoor
from tests.boxes import make_boxes
from tests.conversations.state.conftest import merchant
from tests.conversations.state.talking import NOON, Ear, answer, make_notice, require_one_truth, say, take
from tests.running import find_free_port, running
from tests.waiting import wait_until

__all__ = ["merchant"]


NODES = 3
SLOTS = 16384
TALKS = 24
PREFIX = "cluster:"


@pytest.fixture(autouse=True)
async def _swept() -> AsyncIterator[None]:
    """redis-py forgets a cluster's first node with its connection open; in the loop that made it, it can be closed."""
    yield
    for node in [each for each in gc.get_objects() if issubclass(type(each), ClusterNode)]:
        await node.disconnect()


def start_node(stack: ExitStack, factory: pytest.TempPathFactory) -> Redis:
    folder, port, bus = factory.mktemp("node"), find_free_port(), find_free_port()
    options = {
        "bind": "127.0.0.1",
        "port": port,
        "cluster-enabled": "yes",
        "cluster-port": bus,
        "cluster-node-timeout": 2000,
        "cluster-require-full-coverage": "no",
        "dir": folder,
        "save": "",
    }
    command = [str(get_valkey_binary().path)]
    command += [word for name, value in options.items() for word in (f"--{name}", str(value))]
    stack.enter_context(running(command=command, log=folder / "node.log"))
    node = Redis(host="127.0.0.1", port=port, socket_timeout=5)
    stack.callback(node.close)
    wait_until(lambda: answers(node), seconds=30, what="a node")
    return node


def answers(node: Redis) -> bool:
    try:
        return bool(node.ping())
    except RedisError:
        return False


def is_whole(node: Redis) -> bool:
    told = set(node.execute_command("CLUSTER", "INFO").decode().split())
    return {"cluster_state:ok", f"cluster_known_nodes:{NODES}"} <= told


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Redis]]:
    """Three masters that share the slots."""
    try:
        get_valkey_binary()
    except SetupError as error:
        pytest.skip(f"a cluster needs a Valkey for this machine: {error}")
    with ExitStack() as stack:
        nodes = [start_node(stack, tmp_path_factory) for _ in range(NODES)]
        for number, node in enumerate(nodes):
            first, after = SLOTS * number // NODES, SLOTS * (number + 1) // NODES
            node.execute_command("CLUSTER", "ADDSLOTSRANGE", first, after - 1)
        for node in nodes[1:]:
            port = node.get_connection_kwargs()["port"]
            bus = node.config_get("cluster-port")["cluster-port"]
            nodes[0].execute_command("CLUSTER", "MEET", "127.0.0.1", port, bus)
        for node in nodes:
            wait_until(lambda node=node: is_whole(node), seconds=30, what="the cluster")  # type: ignore[misc]
        yield nodes


@pytest.fixture
async def door(nodes: list[Redis]) -> AsyncIterator[RedisDoor]:
    cluster = RedisCluster(
        host="127.0.0.1",
        port=nodes[0].get_connection_kwargs()["port"],
        socket_timeout=1.0,
        retry=Retry(NoBackoff(), 1),
    )
    made = RedisDoor(client=cluster)
    yield made
    await made.close()


@pytest.fixture
def service(pool: AsyncConnectionPool[AsyncConnection], door: RedisDoor) -> Conversations:
    return Conversations(boxes=make_boxes(pool), pool=pool, door=door, prefix=PREFIX, announce=Ear().hear)


def list_keys(node: Redis, conversation: ConversationId) -> set[str]:
    return {key.decode() for key in node.scan_iter(match=f"*{{{conversation}}}*", count=1000)}


async def test_state_tail_and_lease_of_a_conversation_lie_on_one_node(
    service: Conversations, merchant: MerchantId, nodes: list[Redis]
) -> None:
    placed: list[int] = []
    for number in range(TALKS):
        talk = await service.open_conversation(merchant=merchant, at=NOON)
        await say(service, talk, "shoes")
        await answer(service, await take(service, talk))
        await service.record_arrivals(conversation=talk, events=(make_notice(),), at=NOON)
        await say(service, talk, "boots")
        turn = await take(service, talk)

        assert not turn.without_redis
        assert turn.lease.kept_in == "redis"
        assert await service.take_turn(conversation=talk, at=NOON) is None
        assert await service.renew(turn=turn)
        found = [list_keys(node, talk) for node in nodes]
        expected = {f"{PREFIX}{{{talk}}}:{name}" for name in ("state", "tail", "turn")}
        assert sorted(map(len, found)) == [0, 0, 3]
        assert set().union(*found) == expected
        assert len({key_slot(key.encode()) for key in expected}) == 1
        placed.append(next(at for at, keys in enumerate(found) if keys))

        state = await answer(service, turn, f"number {number}")
        kept = await service._projection.find_state(conversation=talk)
        assert kept == state == await require_one_truth(service, talk)
    # Conversations spread over the nodes; that 24 miss one of three is less likely than one in a thousand.
    assert set(placed) == {0, 1, 2}


async def test_hints_reach_listeners_through_any_node(nodes: list[Redis]) -> None:
    port = nodes[1].get_connection_kwargs()["port"]
    layer = RedisPubSubChannelLayer(hosts=[f"redis://127.0.0.1:{port}"], prefix="hints")
    other = RedisPubSubChannelLayer(
        hosts=[f"redis://127.0.0.1:{nodes[2].get_connection_kwargs()['port']}"], prefix="hints"
    )
    channel = await layer.new_channel()
    await layer.group_add("talk", channel)

    await other.group_send("talk", {"type": "conversation.frame", "head": 3})

    assert await layer.receive(channel) == {"type": "conversation.frame", "head": 3}
    await layer.flush()
    await other.flush()


async def test_a_lost_node_takes_the_fast_copy_along_and_nothing_else(
    service: Conversations, merchant: MerchantId, nodes: list[Redis]
) -> None:
    talks = [await service.open_conversation(merchant=merchant, at=NOON) for _ in range(TALKS)]
    for talk in talks:
        await say(service, talk, "shoes")
        await answer(service, await take(service, talk))
    lost = nodes[2]
    on_it = next(talk for talk in talks if list_keys(lost, talk))
    lost.shutdown(nosave=True)

    await say(service, on_it, "boots")
    turn = await take(service, on_it)

    assert turn.without_redis
    assert [exchange.said for exchange in turn.state.transcript.tail] == ["shoes"]
    state = await answer(service, turn)
    assert state == await require_one_truth(service, on_it)
