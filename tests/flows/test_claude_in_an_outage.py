"""What the model is told of a cart while nobody can say what lowers its price: no total, and why not."""

from typing import Any
from uuid import uuid4

from catalog.ids import MerchantId
from commerce_agent.agent.claude.planner import build_planner
from commerce_agent.composition import open_platform
from commerce_agent.scripted.running import StoppedClock
from conversations.events.messages import ReplyGiven
from tests.agent.messages_api import MessagesApi, Reply, running_messages_api
from tests.flows.recordings import OPENED
from tests.flows.test_misbehaving import Talk
from tests.merchant_api import KEY, RunningApi

TURNS = (
    ("add the green Meadow lamp to my cart", "change_cart", {"sku": "MEADOW-G", "quantity": 1}),
    ("use code DEAL", "enter_code", {"code": "DEAL"}),
    ("remove the code DEAL", "drop_code", {"code": "DEAL"}),
)


def list_told(api: MessagesApi) -> list[str]:
    """What the tools answered to the model, in order."""
    last = [request["body"]["messages"][-1]["content"] for request in api.requests]
    return [said[0]["content"] for said in last if said[0]["type"] == "tool_result"]


async def test_a_total_that_nobody_can_vouch_for_is_not_told(
    lamps: MerchantId, merchant_api: RunningApi, settings: Any
) -> None:
    settings.MERCHANT_API_URL, settings.MERCHANT_API_KEY = merchant_api.url, KEY
    merchant_api.misbehave("error", kind="promotions")
    clock = StoppedClock(at=OPENED)
    with running_messages_api() as api:
        planner = build_planner(api_key="key", model="claude-of-the-tests", base_url=api.url)
        async with open_platform(
            clock=clock, claude=planner, quiet=True, prefix=f"test-{uuid4().hex}:"
        ) as platform:
            talk = Talk(platform=platform, clock=clock, merchant=lamps)
            for text, tool, arguments in TURNS:
                api.replies = [Reply(tool=tool, arguments=arguments), Reply(text="Done.")]
                await talk.speak(text)
            await platform.forget_keys()
        await planner.close()
        told = list_told(api)
    merchant_api.behave()

    assert len(told) == len(TURNS)
    assert all("Nobody can say now what it costs" in each for each in told), told
    assert all("80.00" not in each.partition("total")[2] for each in told), told


async def test_terms_that_could_not_be_read_anew_are_told_with_their_age(
    lamps: MerchantId, merchant_api: RunningApi, settings: Any
) -> None:
    settings.MERCHANT_API_URL, settings.MERCHANT_API_KEY = merchant_api.url, KEY
    clock = StoppedClock(at=OPENED)
    asked = Reply(tool="get_policy", arguments={"name": "returns"})
    with running_messages_api() as api:
        planner = build_planner(api_key="key", model="claude-of-the-tests", base_url=api.url)
        async with open_platform(
            clock=clock, claude=planner, quiet=True, prefix=f"test-{uuid4().hex}:"
        ) as platform:
            talk = Talk(platform=platform, clock=clock, merchant=lamps)
            api.replies = [asked, Reply(text="You have 30 days to send it back.")]
            fresh = await talk.speak("how long can I return a lamp?")
            merchant_api.misbehave("error", kind="policies")
            clock.advance(seconds=7200)
            api.replies = [asked, Reply(text="You have 30 days to send it back.")]
            old = await talk.speak("and how long was that again, for returns?")
            await platform.forget_keys()
        await planner.close()
    merchant_api.behave()

    (first,) = (event.text for event in fresh if isinstance(event, ReplyGiven))
    (again,) = (event.text for event in old if isinstance(event, ReplyGiven))
    assert first == "You have 30 days to send it back."
    assert again.startswith("You have 30 days to send it back. ")
    assert "2 hours" in again
