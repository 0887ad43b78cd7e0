"""PostgreSQL is killed or restarted in the middle of a turn: nothing is half done, and what waits is answered."""

import asyncio
from pathlib import Path

from tests.agent.messages_api import MessagesApi
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


def count_crashes(log: Path) -> int:
    """Turns that the server could not commit so far."""
    return log.read_text().count("turn.crashed")


async def test_a_turn_that_could_not_be_committed_is_taken_again(
    gate: Gate, servers: OwnServers, api: MessagesApi, web_log: Path
) -> None:
    before = count_crashes(web_log)

    async def has_failed() -> bool:
        return count_crashes(web_log) > before

    with holding(api, "Nobody hears this.", "One.", "Two.") as let_go:
        async with speaking(gate) as (shopper, resume):
            await wait_until_asked(api)
            servers.kill(servers.postgres)
            let_go.set()
            await shopper.send(t="msg", cid=CID, text="a green one")
            refused = await shopper.expect("error")
            await wait_until_async(has_failed, seconds=20, what="the commit to fail")
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
    with holding(api, "One.", "Two.", "Three.") as let_go:
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
    assert [text for _, _, text in replies] in (["One.", "Two."], ["Two.", "Three."])
    assert has_limit(state)
