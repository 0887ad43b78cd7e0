"""Through PgBouncer in transaction mode, where one server connection serves many clients in turn."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import AsyncConnection, AsyncCursor

from commerce_agent.isolation.acting import SETTING, acting_for
from commerce_agent.isolation.connections import Pool, build_pool
from commerce_agent.setup.child import Child, Program
from commerce_agent.setup.places import Places
from conversations.store.projection import RedisDoor
from tests.conversations.state.talking import NOON, say
from tests.isolation.conftest import Shop, make_service
from tests.running import find_free_port
from tests.waiting import wait_until

pytestmark = pytest.mark.skipif(
    shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/opt/homebrew/bin") is None,
    reason="there is no pgbouncer here; .ci/run installs it",
)
ONE_CONNECTION = """
[databases]
{name} = host={host} port={port} dbname={name} user={user} password={password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 1
max_client_conn = 50
ignore_startup_parameters = extra_float_digits
"""


@pytest.fixture(scope="module")
def pooled(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The test database's URL through a PgBouncer with one server connection."""
    folder, behind, listen = tmp_path_factory.mktemp("pgbouncer"), urlsplit(database), find_free_port()
    chosen = folder / "pgbouncer.ini"
    chosen.write_text(
        ONE_CONNECTION.format(
            name=behind.path[1:],
            host=behind.hostname,
            port=behind.port,
            user=behind.username,
            password=behind.password or "",
            listen=listen,
        )
    )
    places = Places(folder=folder / "data")
    places.make()
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    program = Program(
        name="pgbouncer",
        command=(str(shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/opt/homebrew/bin")), str(chosen)),
        environ={},
        leave_root="nobody",
        folder=folder,
    )
    child = Child(program=program, places=places)
    url = f"postgres://{behind.username}@127.0.0.1:{listen}{behind.path}"

    def answers() -> bool:
        assert child.find_exit_code() is None, child.read_tail()
        try:
            psycopg.connect(url, connect_timeout=2, prepare_threshold=None).close()
        except psycopg.OperationalError:
            return False
        return True

    try:
        wait_until(answers, what="PgBouncer")
        yield url
    finally:
        child.stop()


@pytest.fixture
async def through(pooled: str) -> AsyncIterator[Pool]:
    async with build_pool(pooled, most=6, wait=20, pooled=True) as opened:
        yield opened


async def list_titles(pool: Pool) -> list[str]:
    async with pool.connection() as lent:
        return [row[0] async for row in await lent.execute("SELECT title FROM catalog_product")]


async def test_merchants_in_turn_on_one_server_connection_see_their_own(
    through: Pool, ours: Shop, theirs: Shop
) -> None:
    async def look(shop: Shop | None) -> list[str]:
        with acting_for(*([shop.merchant] if shop else [])):
            return await list_titles(through)

    seen = await asyncio.gather(*(look((ours, theirs, None)[number % 3]) for number in range(60)))

    assert seen == [["lamps"], ["boots"], []] * 20


async def test_who_says_nothing_finds_nothing_that_another_client_said(
    through: Pool, pooled: str, ours: Shop
) -> None:
    with acting_for(ours.merchant):
        assert await list_titles(through) == ["lamps"]

    async with await AsyncConnection.connect(pooled, autocommit=True, prepare_threshold=None) as stranger:
        left = await AsyncCursor(stranger).execute("SELECT title FROM catalog_product")
        assert await left.fetchall() == []


async def test_the_check_sees_a_setting_that_stays_with_the_session(pooled: str, ours: Shop) -> None:
    """The bug that this is about, planted: another client of the pooler sees what was never meant for it."""
    async with (
        await AsyncConnection.connect(pooled, autocommit=True, prepare_threshold=None) as careless,
        await AsyncConnection.connect(pooled, autocommit=True, prepare_threshold=None) as stranger,
    ):
        await careless.execute("SELECT set_config(%s, %s, false)", [SETTING, f"{{{ours.merchant}}}"])
        try:
            left = await stranger.execute("SELECT title FROM catalog_product")
            assert await left.fetchall() == [("lamps",)]
        finally:
            await careless.execute("SELECT set_config(%s, '', false)", [SETTING])


async def test_a_conversation_goes_on_through_the_pooler(through: Pool, ours: Shop, door: RedisDoor) -> None:
    service = make_service(through, door)
    with acting_for(ours.merchant):
        for number in range(12):
            await say(service, ours.conversation, f"and {number}")
        turn = await service.take_turn(conversation=ours.conversation, at=NOON)
        assert turn is not None
        assert turn.said.endswith("and 11")
        await service.drop_turn(turn=turn)
        events = await service.list_events(conversation=ours.conversation)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
