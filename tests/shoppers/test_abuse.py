"""What is too much is refused and says when to come back; nothing is counted then, and nobody else pays for it."""

from itertools import count
from typing import Any
from uuid import uuid4

import pytest

from commerce_agent.chat import protocol
from commerce_agent.chat.budgets import Budgets, Speaker
from commerce_agent.chat.limits import Rates
from commerce_agent.chat.line import Line
from commerce_agent.chat.merchants import Shop
from commerce_agent.chat.proof_of_work import ProofOfWork, count_noughts
from commerce_agent.chat.protocol import FrameRefused
from commerce_agent.chat.session import ChatSession
from commerce_agent.composition import Platform
from conversations.ids import MerchantId, ShopperId
from tests.shoppers.conftest import NOON

SHOP = MerchantId(str(uuid4()))
FEW: Any = {"ticket": (3, 100), "address": (5, 100), "shopper": (4, 100), "shop": (7, 100)}
ABROAD = "203.0.114.7"


@pytest.fixture(autouse=True)
def on_a_busy_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Redis may take its time here: what is not counted in time is let through, which is not what is tested."""
    monkeypatch.setattr("commerce_agent.chat.budgets.LONGEST_WAIT", 30.0)


@pytest.fixture
def budgets(platform: Platform) -> Budgets:
    return Budgets(door=platform.door, prefix=platform.prefix, secret="of the tests", limits=FEW)


async def draw(budgets: Budgets, times: int, **speaker: Any) -> int:
    """How many of so many messages were let through."""
    refused: list[FrameRefused] = []
    for _ in range(times):
        given = {"merchant": SHOP, "ticket": "t", **speaker}
        try:
            await budgets.draw(Speaker(**given), now=NOON, cid="c")
        except FrameRefused as error:
            refused.append(error)
    assert {error.code for error in refused} <= {"slow_down"}
    assert all(error.retry_after and 0 < error.retry_after <= 60 for error in refused)
    return times - len(refused)


async def test_each_budget_holds_by_itself(budgets: Budgets) -> None:
    shopper = ShopperId(str(uuid4()))
    assert await draw(budgets, 9, ticket="a") == 3
    assert await draw(budgets, 9, ticket="b", merchant=MerchantId(str(uuid4()))) == 3
    two = [await draw(budgets, 3, ticket=ticket, address=ABROAD, merchant="m2") for ticket in "cde"]
    assert two == [3, 2, 0]
    named = [await draw(budgets, 3, ticket=ticket, shopper=shopper, merchant="m3") for ticket in "fgh"]
    assert named == [3, 1, 0]
    assert await draw(budgets, 9, ticket="i") == 3
    assert await draw(budgets, 9, ticket="j") == 1


async def test_an_address_is_the_same_however_it_is_written_and_a_network_of_one_client_is_one(
    budgets: Budgets,
) -> None:
    for own in (ABROAD, f"::ffff:{ABROAD}"), ("2a00:1450:4001:82a::1", "2a00:1450:4001:82a:7::2"):
        shop = MerchantId(str(uuid4()))
        for number, (address, let_through) in enumerate(zip(own, (3, 2), strict=True)):
            assert await draw(budgets, 3, ticket=str(number), address=address, merchant=shop) == let_through
        other = "2a00:1450:4001:82b::1"
        assert await draw(budgets, 2, ticket="other", address=other, merchant=shop) == 2


async def test_what_is_refused_draws_on_no_budget(budgets: Budgets) -> None:
    await draw(budgets, 30, ticket="a")

    assert await draw(budgets, 3, ticket="b") == 3


async def test_a_message_in_the_chat_draws_on_the_budgets(
    platform: Platform, budgets: Budgets, outfitter: MerchantId
) -> None:
    sent: list[protocol.Outbound] = []

    async def send(frame: protocol.Outbound) -> None:
        sent.append(frame)

    async def nothing(*_: object) -> None:
        return

    async def told(*_: object) -> bool:
        return True

    shop = Shop(
        id=outfitter,
        key="outfitter",
        name="Outfitter",
        currency="USD",
        locale="en-US",
        shop_url="",
        origins=(),
    )
    line = Line(
        send=send,
        subscribe=lambda conversation: None,
        unsubscribe=nothing,
        tell=told,
        now=lambda: NOON,
        monotonic=lambda: 0.0,
    )
    session = ChatSession(platform=platform, shop=shop, line=line, rates=Rates())
    session._budgets = budgets
    for number in range(3):
        await session.take(protocol.Msg(cid=f"message-{number}", text="hello"))
    with pytest.raises(FrameRefused) as refused:
        await session.take(protocol.Msg(cid="message-3", text="hello"))

    assert refused.value.code == "slow_down"
    assert [frame.cid for frame in sent if isinstance(frame, protocol.Ack)] == [
        "message-0",
        "message-1",
        "message-2",
    ]


async def test_a_proxy_is_nobodys_address_and_no_key_names_one(platform: Platform, budgets: Budgets) -> None:
    for address in ("127.0.0.1", "10.2.3.4", "::1", "testclient", ""):
        await draw(budgets, 1, ticket=address, address=address)
    await draw(budgets, 1, ticket="x", address=ABROAD)

    keys = [key async for key in platform.redis.scan_iter(match=f"{platform.prefix}budget:*")]
    assert sum(b":address:" in key for key in keys) == 2
    assert not any(ABROAD.encode() in key for key in keys)


async def test_without_redis_nobody_is_refused(platform: Platform, budgets: Budgets) -> None:
    platform.door.shut()

    assert await draw(budgets, 20) == 20
    platform.door.open()


async def test_who_solves_nothing_leaves_the_shops_budget_to_the_others(platform: Platform) -> None:
    """Whoever is asked to step up and sends on and on is never through, and nobody else pays for it."""
    work = ProofOfWork(door=platform.door, prefix=platform.prefix, bits=8, since=50)
    budgets = Budgets(
        door=platform.door, prefix=platform.prefix, secret="of the tests", limits=FEW, step_up=work
    )
    flood = Speaker(merchant=SHOP, ticket="flood")
    # One of three is below half.
    await budgets.draw(flood, now=NOON, cid="m-0")
    for number in range(1, 30):
        with pytest.raises(FrameRefused) as refused:
            await budgets.draw(flood, now=NOON, cid=f"m-{number}", answer=f"made up:{number}")
        assert (refused.value.code, refused.value.cid) == ("step_up", f"m-{number}")

    # Nothing that was refused was drawn on any budget: of the shop's seven there is room for six.
    plain = Budgets(door=platform.door, prefix=platform.prefix, secret="of the tests", limits=FEW)
    assert [await draw(plain, 3, ticket=ticket) for ticket in ("x", "y")] == [3, 3]
    assert await draw(plain, 3, ticket="z") == 0


async def test_a_proof_of_work_lets_on_once_and_for_its_own_ticket(platform: Platform) -> None:
    work = ProofOfWork(door=platform.door, prefix=platform.prefix, bits=8, since=50)
    mine, other = (Speaker(merchant=SHOP, ticket=ticket) for ticket in ("mine", "other"))

    await work.require(mine, used=49, answer="", now=NOON)
    with pytest.raises(FrameRefused) as refused:
        await work.require(mine, used=50, answer="", now=NOON)
    task = refused.value.text
    number = next(n for n in count() if count_noughts(f"{task}:{n}") >= 8)
    wrong = next(n for n in count() if count_noughts(f"{task}:{n}") < 8)

    assert refused.value.code == "step_up"
    for speaker, answer in (
        (mine, f"{task}:{wrong}"),
        (other, f"{task}:{number}"),
        (mine, f"x{task}:{number}"),
    ):
        with pytest.raises(FrameRefused):
            await work.require(speaker, used=90, answer=answer, now=NOON)
    await work.require(mine, used=90, answer=f"{task}:{number}", now=NOON)
    with pytest.raises(FrameRefused):
        await work.require(mine, used=90, answer=f"{task}:{number}", now=NOON)
