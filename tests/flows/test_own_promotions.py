"""A shop whose promotions are kept by a system of its own: searched by, refused and charged as that one says."""

import json
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings as chosen

from catalog.connectors.sealing import seal_secret
from catalog.feeds import load_promotions
from catalog.ids import MerchantId
from catalog.merchants import delete_merchant
from catalog.models import Connector, Order
from commerce_agent.agent.ordering.confirming import Press
from commerce_agent.replaying.reading import replay_conversation
from conversations.carts import Cart
from conversations.events.carts import ProposalMade
from conversations.events.decisions import DecisionMade
from conversations.events.facts import Fact
from conversations.events.messages import CardsShown
from tests.flows.recordings import OPENED, make_lamp_shop
from tests.flows.test_misbehaving import Talk, find_reply, open_talk
from tests.merchant_api import KEY, RunningApi
from tests.waiting import wait_until_async

ENDS = OPENED + timedelta(days=30)
PROMOTIONS = [
    {
        "code": None,
        "title": "Lamps at half",
        "discount": {"percent": 50},
        "applies_to": {"category": "Lamps"},
        "valid_until": ENDS.isoformat(),
    },
    {
        "code": "SOON",
        "title": "Soon",
        "discount": {"percent": 60},
        "valid_from": (OPENED + timedelta(days=400)).isoformat(),
    },
    {"code": "DEAL", "title": "Deal", "discount": {"percent": 75}},
]


@pytest.fixture
def office(database: str) -> Iterator[MerchantId]:
    """Where the promotions are kept: another shop behind the merchant API stands for the merchant's system."""
    merchant = make_lamp_shop()
    load_promotions(merchant=merchant, source=json.dumps(PROMOTIONS), now=OPENED)
    yield merchant
    delete_merchant(merchant=merchant)


@pytest.fixture
async def talk(
    lamps: MerchantId, office: MerchantId, merchant_api: RunningApi, settings: Any
) -> AsyncIterator[Talk]:
    fields = ("id", "code", "title", "percent", "amount", "scope", "scope_value", "valid_from", "valid_until")
    settings.CONNECTOR_PRIVATE_NETWORKS = ["127.0.0.0/8"]
    await Connector.objects.acreate(
        merchant_id=lamps,
        kind="promotions",
        name="office",
        url=f"{merchant_api.url}/v1/{office}/promotions",
        login="bearer",
        sealed_secret=seal_secret(KEY, keys=chosen.KEY_ENCRYPTION_KEYS, merchant=lamps, kind="promotions"),
        items="items",
        fields={name: name for name in fields},
        timeout_ms=9000,
    )
    # What the platform's own tables say of promotions is not this shop's word.
    await sync_to_async(load_promotions)(
        merchant=lamps,
        source='[{"code": null, "title": "Old", "discount": {"percent": 90}}]',
        now=OPENED,
    )
    async with open_talk(lamps, url="", settings=settings) as opened:
        yield opened


async def find_cart(talk: Talk) -> Cart:
    """The cart as the conversation has it."""
    assert talk.conversation is not None
    return (await talk.platform.conversations.load(conversation=talk.conversation)).cart


async def list_promotion_facts(talk: Talk) -> list[Fact]:
    """What the conversation holds of promotions."""
    assert talk.conversation is not None
    state = await talk.platform.conversations.load(conversation=talk.conversation)
    return [fact for fact in state.facts.canonical.values() if fact.subject.kind == "promotion"]


async def list_kept(talk: Talk) -> dict[bytes, bytes]:
    """What is kept of the merchants' answers."""
    redis = talk.platform.redis
    names = sorted([name async for name in redis.scan_iter(match=f"{talk.platform.prefix}c:*:answer:*")])
    return dict(zip(names, await redis.mget(names), strict=True))


async def test_a_search_a_code_and_an_order_go_by_the_merchants_own_promotions(
    talk: Talk, lamps: MerchantId
) -> None:
    shown = await talk.say("show me green lamps under €50")
    (card,) = [card for event in shown if isinstance(event, CardsShown) for card in event.cards]
    assert (card.ref.key, str(card.price.amount)) == ("MEADOW-G", "40.00")

    none = await talk.say("show me green lamps under €30")
    assert not any(isinstance(event, CardsShown) for event in none)

    await talk.say("add the Meadow lamp in green to my cart")
    assert "The code SOON holds from" in find_reply(await talk.say("use code SOON"))
    made = [event.proposal for event in await talk.say("check out") if isinstance(event, ProposalMade)]
    (proposal,) = made
    assert talk.conversation is not None
    token = await talk.platform.confirmations.issue_token(
        conversation=talk.conversation, proposal=proposal.id
    )
    done = await talk.platform.confirmations.confirm(
        conversation=talk.conversation,
        press=Press(proposal=proposal.id, hash=proposal.hash, token=token),
        at=talk.clock(),
    )

    assert done.status == "accepted"
    # What would be said today is asked of the same system, and leaves nothing behind.
    kept = await list_kept(talk)
    again = await replay_conversation(
        conversation=talk.conversation, facts="now", now=talk.clock(), prefix=talk.platform.prefix
    )
    (card,) = [c for event in again.turns[0].events if isinstance(event, CardsShown) for c in event.cards]
    assert str(card.price.amount) == "40.00"
    assert await list_kept(talk) == kept
    assert str((await Order.objects.aget(merchant_id=lamps)).total.amount) in ("40.000", "40.00")


async def test_a_code_of_a_system_out_of_reach_is_kept_and_counts_once_it_answers(
    talk: Talk, lamps: MerchantId, merchant_api: RunningApi
) -> None:
    merchant_api.misbehave("error")
    added = find_reply(await talk.say("add the Meadow lamp in green to my cart"))
    told = find_reply(await talk.say("use code DEAL"))
    kept = await find_cart(talk)
    merchant_api.behave()

    # Nothing was ever read of the promotions: that is not the same as there being none.
    assert "last knew" in added
    assert "I can't check the code DEAL" in told
    assert "no code" not in told
    assert kept.codes == ("DEAL",)

    async def counts() -> bool:
        await talk.say("what is in my cart?")
        return [str(line.unit_price.amount) for line in (await find_cart(talk)).lines] == ["20.00"]

    await wait_until_async(counts, what="a cart at the code's price")


async def test_a_code_that_the_last_list_known_lacks_may_have_come_since(
    talk: Talk, merchant_api: RunningApi
) -> None:
    await talk.say_until_fresh("add the Meadow lamp in green to my cart")
    merchant_api.misbehave("error")
    talk.clock.advance(1200)
    told = find_reply(await talk.say("use code NEWER"))
    kept = await find_cart(talk)
    merchant_api.behave()

    assert "I can't check the code NEWER" in told
    assert kept.codes == ("NEWER",)


async def test_a_promotion_is_of_when_its_list_was_read_and_until_it_ends(talk: Talk) -> None:
    await talk.say_until_fresh("any promotions?")
    read = await list_promotion_facts(talk)
    talk.clock.advance(30)
    again = await talk.say("any promotions?")
    await talk.say("show me green lamps under €50")

    assert [(fact.value, fact.stale, fact.valid_until) for fact in read] == [("Lamps at half", False, ENDS)]
    # Within the minute for which the list is kept nobody has read it anew.
    assert await list_promotion_facts(talk) == read
    assert read[0].observed_at <= talk.clock() - timedelta(seconds=30)
    (made,) = (event.decision for event in again if isinstance(event, DecisionMade))
    assert read[0].id in made.facts
