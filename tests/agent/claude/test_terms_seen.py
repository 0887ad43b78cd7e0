"""What Claude is told of the shop's terms: the whole of a policy, that a text goes on, and what a promotion is for."""

import json
from datetime import timedelta
from decimal import Decimal

from asgiref.sync import sync_to_async

from catalog.feeds import load_policies
from catalog.ids import MerchantId
from catalog.models import Promotion
from commerce_agent.composition import Platform
from conversations.events import Event, Recorded
from conversations.events.facts import Amount, Fact, FactsObserved
from conversations.ids import EntityRef
from conversations.state import ConversationState, apply
from tests.agent.conftest import NOW
from tests.agent.messages_api import MessagesApi, Reply
from tests.agent.streaming import READ, stream
from tests.agent.talking import open_talk, say

LAST = "Opened batteries cannot be returned."


async def _ask(platform: Platform, api: MessagesApi, shop: str, *, tool: str, **arguments: object) -> object:
    """What a tool answers Claude."""
    api.replies = [Reply(tool=tool, arguments=dict(arguments)), Reply(text="Anything else?")]
    conversation = await open_talk(platform, merchant=shop)
    await say(platform, conversation, "hello")
    (result,) = api.requests[-1]["body"]["messages"][-1]["content"]
    return json.loads(result["content"])


async def _publish(shop: str, text: str) -> None:
    policy = {"name": "returns", "title": "Returns", "text": text, "version": 1}
    await sync_to_async(load_policies)(merchant=MerchantId(shop), source=json.dumps([policy]), now=NOW)


async def test_a_policy_of_three_thousand_letters_reaches_claude_whole(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    text = f"{'We want you to like it. ' * 120}{LAST}"
    await _publish(lamp_shop, text)

    read = await _ask(claude, messages_api, lamp_shop, tool="get_policy", name="returns")

    assert isinstance(read, dict)
    assert read["text"] == text
    assert "cut" not in read


async def test_a_policy_that_is_longer_says_that_it_goes_on(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    await _publish(lamp_shop, f"{'We want you to like it. ' * 200}{LAST}")

    read = await _ask(claude, messages_api, lamp_shop, tool="get_policy", name="returns")

    assert isinstance(read, dict)
    assert (len(read["text"]), read["text"][-1], read["cut"]) == (4000, "…", True)


async def test_a_promotion_is_told_with_its_terms_its_end_and_what_it_is_for(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    await Promotion.objects.acreate(
        merchant_id=lamp_shop,
        title="Autumn lights",
        percent=Decimal(10),
        scope="category",
        scope_value="Lamps",
        min_total=Decimal(70),
        valid_until=NOW + timedelta(days=3),
    )

    read = await _ask(claude, messages_api, lamp_shop, tool="list_promotions")

    assert read == {
        "promotions": [
            {
                "title": "Autumn lights",
                "takes_off": "10% from 70",
                "applies_to": "category Lamps",
                "ends": f"{NOW + timedelta(days=3):%Y-%m-%d %H:%M}",
            }
        ]
    }


def _know(fact: Fact, *others: Fact) -> ConversationState:
    event: Event = FactsObserved(facts=(fact, *others))
    return apply(ConversationState(), Recorded(seq=1, frame=None, at=READ, turn=1, event=event))


def _read_order(*, minutes: int) -> ConversationState:
    seen = READ - timedelta(minutes=minutes)
    subject = EntityRef("order", "88102")
    return _know(
        Fact(id="f1", subject=subject, name="status", value="shipped", source="orders", observed_at=seen),
        Fact(
            id="f2", subject=subject, name="total", value=Amount(amount=Decimal(46), currency="EUR"),
            source="orders", observed_at=seen,
        ),
        Fact(id="f3", subject=subject, name="placed", value="2026-11-19", source="orders", observed_at=seen),
    )  # fmt: skip


async def test_how_far_an_order_is_must_have_been_read_just_now() -> None:
    said = "Order 88102 is on its way."

    assert not (await stream(said, state=_read_order(minutes=0))).held_back
    assert (await stream(said, state=_read_order(minutes=2))).held_back


async def test_the_day_of_an_order_stays_what_it_was() -> None:
    said = "You placed order 88102 on 19 November."

    assert not (await stream(said, state=_read_order(minutes=30))).held_back


async def test_a_promotion_of_an_earlier_turn_counts_until_it_ends() -> None:
    def know(*, hours: int) -> ConversationState:
        return _know(
            Fact(
                id="f1", subject=EntityRef("promotion", "GLOW10"), name="promotion", value="10% off lamps",
                source="promotions", observed_at=READ - timedelta(hours=5), valid_until=READ + timedelta(hours=hours),
            )
        )  # fmt: skip

    said = "The code GLOW10 takes 10% off lamps."

    assert not (await stream(said, state=know(hours=1))).held_back
    assert (await stream(said, state=know(hours=-1))).held_back
