"""PostgreSQL is killed or restarted in the middle of a turn: nothing is half done, and what waits is answered."""

import asyncio
import uuid
from contextlib import AsyncExitStack
from pathlib import Path

from commerce_agent.isolation.connections import Pool, build_pool
from tests.agent.messages_api import MessagesApi, Reply
from tests.chat.shopper import Gate
from tests.faults.servers import OwnServers
from tests.faults.talking import (
    FIRST,
    has_limit,
    holding,
    insist,
    require_all_frames,
    speaking,
    wait_until_asked,
)
from tests.faults.witness import witnessing
from tests.waiting import wait_until_async

CID = "while-it-is-away"
IDLE = 4
"""Connections that stand open while nothing is asked."""


def count_crashes(log: Path) -> int:
    """Turns that the server could not commit so far."""
    return log.read_text().count("turn.crashed")


async def test_a_turn_that_could_not_be_committed_is_taken_again(
    gate: Gate, servers: OwnServers, api: MessagesApi, web_log: Path
) -> None:
    before = count_crashes(web_log)

    async def has_failed() -> bool:
        return count_crashes(web_log) > before

    with holding(api, "One.", "Two.", lost="Nobody hears this.") as let_go:
        async with speaking(gate) as (shopper, resume):
            await wait_until_asked(api)
            servers.kill(servers.postgres)
            let_go.set()
            await shopper.send(t="msg", cid=CID, text="a green one")
            refused = await shopper.expect("error")
            await wait_until_async(has_failed, what="the commit to fail")
            await asyncio.to_thread(servers.restart_postgres)
            ack = await insist(shopper, "a green one", cid=CID)
            one = await shopper.expect("done")
            two = await shopper.expect("done")
            async with witnessing(servers, resume=resume) as witness:
                state = await witness.require_whole(acknowledged=(FIRST, "a green one"))
                await require_all_frames(shopper, witness)
                replies = await witness.list_replies()

    assert (refused["code"], refused["cid"], ack.get("dup", False)) == ("unavailable", CID, False)
    assert [(done["turn"], done["text"]) for done in (one, two)] == [(1, "One."), (2, "Two.")]
    assert replies == [(1, "ok", "One."), (2, "ok", "Two.")]
    assert has_limit(state)


async def test_a_restart_in_the_middle_of_a_turn_loses_and_doubles_nothing(
    gate: Gate, servers: OwnServers, api: MessagesApi
) -> None:
    """The commit finds it away and fails, or waits until it is back: the turn is answered once either way."""
    with holding(api, "One.", "Two.") as let_go:
        async with speaking(gate) as (shopper, resume):
            await wait_until_asked(api)
            await asyncio.to_thread(servers.postgres.stop)
            let_go.set()
            await asyncio.to_thread(servers.restart_postgres)
            await insist(shopper, "a green one", cid=CID)
            done = [await shopper.expect("done") for _ in range(2)]
            async with witnessing(servers, resume=resume) as witness:
                state = await witness.require_whole(acknowledged=(FIRST, "a green one"))
                await require_all_frames(shopper, witness)
                replies = await witness.list_replies()

    assert replies == [(frame["turn"], "ok", frame["text"]) for frame in done]
    assert [text for _, _, text in replies] == ["One.", "Two."]
    assert has_limit(state)


async def test_a_pool_hands_out_none_of_the_connections_that_a_crash_has_closed(servers: OwnServers) -> None:
    async with build_pool(servers.database_url, least=IDLE, most=IDLE, wait=10) as pool:
        await pool.wait()
        before = await list_backends(pool)
        servers.kill(servers.postgres)
        await asyncio.to_thread(servers.restart_postgres)

        after = await list_backends(pool)

    assert (len(before), len(after)) == (IDLE, IDLE)
    assert not before & after


async def list_backends(pool: Pool) -> set[int]:
    """The servers' processes behind all connections of the pool, each asked over its own."""
    async with AsyncExitStack() as held:
        connections = [await held.enter_async_context(pool.connection()) for _ in range(IDLE)]
        rows = [await (await each.execute("SELECT pg_backend_pid()")).fetchone() for each in connections]
    return {row[0] for row in rows if row}


async def test_no_message_is_refused_for_the_connections_of_before_a_crash(
    gate: Gate, servers: OwnServers, api: MessagesApi
) -> None:
    """The web server holds some for as many shoppers as spoke at once; all speak again once PostgreSQL is back."""
    async with AsyncExitStack() as open_sockets:
        shoppers = [await open_sockets.enter_async_context(gate.open()) for _ in range(2 * IDLE)]
        for shopper in shoppers:
            await shopper.hello()
        for text in ("a green one", "a blue one"):
            api.replies.extend(Reply(text="One.") for _ in shoppers)
            await asyncio.gather(
                *(shopper.send(t="msg", cid=str(uuid.uuid4()), text=text) for shopper in shoppers)
            )
            for shopper in shoppers:
                await shopper.expect("done")
            if text == "a green one":
                servers.kill(servers.postgres)
                await asyncio.to_thread(servers.restart_postgres)

    told = [frame["t"] for shopper in shoppers for frame in shopper.frames]
    assert (told.count("error"), told.count("ack"), told.count("done")) == (0, 4 * IDLE, 4 * IDLE)
