"""Redis is killed, loses everything, or hangs in the middle of a turn: the talk goes on with its context."""

import signal

import pytest

from conversations.events.messages import ServiceDegraded, ServiceRecovered
from tests.agent.messages_api import MessagesApi
from tests.chat.shopper import Gate
from tests.faults.servers import OwnServers
from tests.faults.talking import FIRST, has_limit, holding, require_all_frames, speaking, wait_until_asked
from tests.faults.witness import witnessing


@pytest.mark.parametrize("empty", [False, True], ids=["comes back with what it had", "comes back empty"])
async def test_redis_is_killed_in_the_middle_of_a_turn(
    gate: Gate, servers: OwnServers, api: MessagesApi, empty: bool
) -> None:
    with holding(api, "One.", "Two.", "Three.") as let_go:
        async with speaking(gate) as (shopper, resume):
            await wait_until_asked(api)
            servers.kill(servers.valkey)
            let_go.set()
            one = await shopper.expect("done")
            await shopper.say("a green one")
            two = await shopper.expect("done")
            servers.restart_valkey(empty=empty)
            async with witnessing(servers, resume=resume) as witness:
                await shopper.say("or a white one")
                # The lease of the first turn may be back with everything else; then nobody holds it, and it runs out.
                three = await shopper.expect("done", seconds=90)
                state = await witness.require_whole(acknowledged=(FIRST, "a green one", "or a white one"))
                await require_all_frames(shopper, witness)

    assert [(done["turn"], done["text"]) for done in (one, two, three)] == [
        (1, "One."),
        (2, "Two."),
        (3, "Three."),
    ]
    assert [exchange.said for exchange in state.transcript.tail] == [FIRST, "a green one", "or a white one"]
    assert has_limit(state)


async def test_redis_hangs_in_the_middle_of_a_turn(gate: Gate, servers: OwnServers, api: MessagesApi) -> None:
    """It takes connections and answers none, as behind a link that is cut; then it is there again."""
    with holding(api, "One.", "Two.", "Three.") as let_go:
        async with speaking(gate) as (shopper, resume):
            await wait_until_asked(api)
            servers.signal(servers.valkey, signal.SIGSTOP)
            try:
                let_go.set()
                one = await shopper.expect("done")
                await shopper.say("a green one")
                two = await shopper.expect("done")
            finally:
                servers.signal(servers.valkey, signal.SIGCONT)
            await shopper.say("or a white one")
            three = await shopper.expect("done")
            async with witnessing(servers, resume=resume) as witness:
                state = await witness.require_whole(acknowledged=(FIRST, "a green one", "or a white one"))
                await require_all_frames(shopper, witness)
                told = await witness.list_told(ServiceDegraded, ServiceRecovered)

    assert [done["text"] for done in (one, two, three)] == ["One.", "Two.", "Three."]
    assert told[:1] == ["service.degraded"]
    assert has_limit(state)
