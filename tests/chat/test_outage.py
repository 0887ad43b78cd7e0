"""What the chat does when something behind it is gone."""

import uuid
from pathlib import Path

from catalog.models import Merchant
from commerce_agent.chat.tickets import grant_ticket
from tests.chat.serving import serving
from tests.chat.shopper import Gate
from tests.running import find_free_port

NOBODY = "127.0.0.1:1"
"""An address at which nothing listens."""


async def test_without_redis_the_conversation_goes_on(merchant: Merchant, tmp_path: Path) -> None:
    port = find_free_port()
    with serving(port=port, log=tmp_path / "web.log", REDIS_URL=f"redis://{NOBODY}/0") as base:
        gate = Gate(base=base, key=merchant.key)
        async with gate.open() as shopper:
            await shopper.hello()
            resume = (await shopper.say("hello"))["resume"]
            done = await shopper.expect("done")
        async with gate.open() as again:
            await again.hello(resume=resume)
            await again.expect("done")

    assert done["turn"] == 1
    assert again.durable == shopper.durable


async def test_without_postgresql_the_client_is_told_to_come_back(merchant: Merchant, tmp_path: Path) -> None:
    port = find_free_port()
    with serving(port=port, log=tmp_path / "web.log", DATABASE_URL=f"postgres://app@{NOBODY}/none") as base:
        async with Gate(base=base, key=merchant.key).open() as shopper:
            await shopper.send(t="hello", v=1, ticket=grant_ticket(merchant=merchant.key))
            code = await shopper.expect_close()

    assert code == 4012
    assert (shopper.frames[-1]["t"], shopper.frames[-1]["retry"]) == ("bye", True)


async def test_a_restart_loses_nothing(merchant: Merchant, tmp_path: Path) -> None:
    port = find_free_port()
    cid = str(uuid.uuid4())
    with serving(port=port, log=tmp_path / "web.log") as base:
        gate = Gate(base=base, key=merchant.key)
        async with gate.open() as shopper:
            await shopper.hello()
            resume = (await shopper.say("hello", cid=cid))["resume"]
            await shopper.expect("done")

    with serving(port=port, log=tmp_path / "web.log"):
        async with gate.open() as again:
            await again.hello(resume=resume)
            await again.expect("done")
            ack = await again.say("hello", cid=cid)

    assert again.durable == shopper.durable
    assert ack["dup"] is True
