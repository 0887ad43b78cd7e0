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
from conversations.events.carts import ProposalMade
from conversations.events.messages import CardsShown
from tests.flows.recordings import OPENED, make_lamp_shop
from tests.flows.test_misbehaving import Talk, find_reply, open_talk
from tests.merchant_api import KEY, RunningApi

PROMOTIONS = [
    {
        "code": None,
        "title": "Lamps at half",
        "discount": {"percent": 50},
        "applies_to": {"category": "Lamps"},
    },
    {
        "code": "SOON",
        "title": "Soon",
        "discount": {"percent": 60},
        "valid_from": (OPENED + timedelta(days=400)).isoformat(),
    },
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
