"""A talk of nobody known is paid for with the others from its address: a new talk is no new budget."""

from datetime import timedelta

import pytest
from redis.asyncio import Redis

from catalog.connectors import RedisGate
from commerce_agent.agent.spending.payers import SHOPPERS_OF_A_PLACE, AnonymousPayers
from commerce_agent.chat.budgets import Budgets, Speaker
from commerce_agent.composition import Platform
from commerce_agent.models import ModelSpend
from conversations.ids import ConversationId, MerchantId
from tests.agent.conftest import NOW
from tests.agent.messages_api import MessagesApi, Reply
from tests.agent.shop_settings import choose
from tests.agent.talking import find_decision, open_talk, say

OFFICE, HOME = "93.184.216.34", "8.8.4.4"
DEAREST = 16_500
"""What 1000 tokens in and 20 out cost of a model that is not known."""


def make_budgets(platform: Platform) -> Budgets:
    """Those of one socket."""
    return Budgets(
        door=platform.door, prefix=platform.prefix, secret="secret", anonymous=platform.turns.anonymous
    )


async def open_from(platform: Platform, merchant: str, *, address: str, ticket: str = "t") -> ConversationId:
    """A new talk of nobody known."""
    conversation = await open_talk(platform, merchant=merchant)
    speaker = Speaker(merchant=MerchantId(merchant), ticket=ticket, address=address)
    await make_budgets(platform).note_payer(speaker, conversation=conversation)
    return conversation


async def list_planners(platform: Platform, talks: list[ConversationId]) -> list[str]:
    """Who answers one message in each."""
    return [find_decision(await say(platform, talk, "a lamp")).planner for talk in talks]


async def spend_at_each_turn(messages_api: MessagesApi, merchant: str) -> None:
    """Each answer costs more than a shopper may spend in a day."""
    await choose(merchant, shopper_micros=DEAREST - 1_000, shop_micros=10_000_000)
    messages_api.answer = lambda body: Reply(text="Which lamp do you like?", usage={"input_tokens": 1000})


@pytest.mark.parametrize(("addresses", "tickets"), [((OFFICE,) * 5, "abcde"), (("10.0.0.7",) * 5, "sssss")])
async def test_new_talks_from_one_place_share_a_budget(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str, addresses: tuple[str, ...], tickets: str
) -> None:
    await spend_at_each_turn(messages_api, lamp_shop)
    talks = [
        await open_from(claude, lamp_shop, address=address, ticket=ticket)
        for address, ticket in zip(addresses, tickets, strict=True)
    ]

    assert await list_planners(claude, talks) == ["claude"] * SHOPPERS_OF_A_PLACE + ["builtin"] * 2

    decision = find_decision(await say(claude, talks[-1], "a green lamp"))
    assert decision.planner_reason == "the budget of this address is spent for today"
    other = await open_from(claude, lamp_shop, address=HOME, ticket="z")
    assert await list_planners(claude, [other]) == ["claude"]
    account = await ModelSpend.objects.aget(merchant_id=lamp_shop, payer="")
    assert (account.micros, account.reserved) == ((SHOPPERS_OF_A_PLACE + 1) * DEAREST, 0)


async def test_nothing_kept_names_the_address_and_nobody_known_pays_for_others(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    await spend_at_each_turn(messages_api, lamp_shop)
    talk = await open_from(claude, lamp_shop, address=OFFICE)
    await list_planners(claude, [talk])
    card = await claude.conversations.shoppers.record(
        merchant=MerchantId(lamp_shop), key="s-1", name="", tier=None, at=NOW
    )
    known = Speaker(merchant=MerchantId(lamp_shop), ticket="t", address=OFFICE, shopper=card.id)
    theirs = await claude.conversations.open_conversation(
        merchant=MerchantId(lamp_shop), currency="EUR", at=NOW, shopper=card.id
    )

    await make_budgets(claude).note_payer(known, conversation=theirs)

    kept = await claude.redis.get(f"{claude.prefix}payer:{talk}")
    left = await claude.redis.ttl(f"{claude.prefix}payer:{talk}")
    assert isinstance(kept, bytes)
    assert OFFICE.encode() not in kept
    assert 0 < left <= timedelta(days=1).total_seconds()
    assert await claude.redis.get(f"{claude.prefix}payer:{theirs}") is None
    payers = [each.payer async for each in ModelSpend.objects.filter(merchant_id=lamp_shop)]
    assert (len(payers), any(OFFICE in payer or kept.decode() in payer for payer in payers)) == (3, False)


async def test_without_redis_each_talk_pays_for_itself() -> None:
    async with Redis.from_url("redis://127.0.0.1:1/0") as nowhere:
        anonymous = AnonymousPayers(gate=RedisGate(get_redis=lambda: nowhere), prefix="p:")
        assert not await anonymous.note(ConversationId("t-1"), place="somewhere")

        assert await anonymous.find(ConversationId("t-1")) == ""


async def test_where_words_come_from_is_noted_once_redis_is_back_and_kept_while_the_talk_goes_on(
    claude: Platform, lamp_shop: str
) -> None:
    talk = await open_talk(claude, merchant=lamp_shop)
    speaker = Speaker(merchant=MerchantId(lamp_shop), ticket="t", address=OFFICE)
    async with Redis.from_url("redis://127.0.0.1:1/0") as nowhere:
        reached: list[Redis] = [nowhere]
        anonymous = AnonymousPayers(gate=RedisGate(get_redis=lambda: reached[-1]), prefix=claude.prefix)
        socket = Budgets(door=claude.door, prefix=claude.prefix, secret="secret", anonymous=anonymous)
        await socket.note_payer(speaker, conversation=talk)
        assert await anonymous.find(talk) == ""

        reached.append(claude.redis)
        await socket.note_payer(speaker, conversation=talk)

        assert await claude.redis.expire(f"{claude.prefix}payer:{talk}", 60)
        assert await anonymous.find(talk)
        assert await claude.redis.ttl(f"{claude.prefix}payer:{talk}") > 60
