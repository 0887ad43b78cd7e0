"""What Claude tells of a price or of stock was read in the same turn; what was read twice is shown once."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import yaml

from commerce_agent.agent.claude.planner import build_planner
from commerce_agent.agent.grounding import UnknownSlot, fill_slots
from commerce_agent.composition import Platform, open_platform
from commerce_agent.scripted.script import read_script
from commerce_agent.scripted.stage import Stage, set_stage
from conversations.events.decisions import ToolCalled
from conversations.events.facts import Fact, FactsCited, FactsObserved
from conversations.events.messages import TableShown
from conversations.facts import Facts, apply_facts
from conversations.ids import ClientMessageId, EntityRef, MerchantId, ShopperId
from conversations.state import ConversationState
from tests.agent.claude.test_prompt import read_state
from tests.agent.conftest import LAMPS, NOW
from tests.agent.messages_api import MessagesApi, Reply
from tests.agent.talking import find_decision, find_reply, open_talk, say

SHOWN = [Reply(tool="search_products", arguments={"query": "green lamp"}), Reply(text="Here it is.")]


@pytest.fixture
def clock() -> list[datetime]:
    """What time it is for the platform; a test moves it."""
    return [NOW]


@pytest.fixture
async def claude(database: str, messages_api: MessagesApi, clock: list[datetime]) -> AsyncIterator[Platform]:
    """A platform whose Claude is the tests' own server, and whose clock is the test's."""
    planner = build_planner(api_key="k", model="claude-of-the-tests", base_url=messages_api.url)
    async with open_platform(
        clock=lambda: clock[0], claude=planner, quiet=True, prefix=f"test-{uuid4().hex}:"
    ) as opened:
        yield opened
        await opened.forget_keys()
    await planner.close()


@pytest.mark.parametrize(
    ("written", "claim", "said"),
    [
        ("It costs {{price:MEADOW-G}}.", "{{price:MEADOW-G}}", "It costs €80.00."),
        ("The Meadow lamp costs €80.00.", "€80.00", "The Meadow lamp costs €80.00."),
        ("The Meadow lamp is in stock.", "The ••••••••••• is in stock", "The Meadow lamp is in stock."),
    ],
)
async def test_what_an_earlier_turn_read_is_read_again_before_it_is_told(
    claude: Platform,
    clock: list[datetime],
    messages_api: MessagesApi,
    lamp_shop: str,
    written: str,
    claim: str,
    said: str,
) -> None:
    look = Reply(tool="look_at_product", arguments={"sku": "MEADOW-G"})
    messages_api.replies = [*SHOWN, Reply(text=written), look, Reply(text=written)]
    conversation = await open_talk(claude, merchant=lamp_shop)
    await say(claude, conversation, "a green lamp")

    clock[0] += timedelta(hours=1)
    events = await say(claude, conversation, "tell me about the Meadow lamp")

    assert find_reply(events).text == said
    first = find_decision(events).grounding[0]
    assert (first.claim, first.passed, first.remedy) == (claim, False, "repaired")
    assert [event.tool for event in events if isinstance(event, ToolCalled)] == ["look_at_product"]
    told = messages_api.requests[3]["body"]["messages"][-1]["content"]
    # Its rating does not run out with the minute, as its price and its stock do.
    known = 'Known facts: [{"of":"variant:MEADOW-G","name":"rating","value":"4.6 by 120"}]. '
    assert ("<check>" in told, known in told) == (True, True)
    (cited,) = (event for event in events if isinstance(event, FactsCited))
    stood_on = {each.fact for each in find_decision(events).grounding if each.passed}
    assert stood_on <= set(cited.ids)


async def test_what_was_read_before_and_is_not_read_again_is_not_told(
    claude: Platform, clock: list[datetime], messages_api: MessagesApi, lamp_shop: str
) -> None:
    priced = "The Meadow lamp folds away. It costs {{price:MEADOW-G}}."
    messages_api.replies = [*SHOWN, Reply(text=priced), Reply(text="It costs €80.00. Do you like it?")]
    conversation = await open_talk(claude, merchant=lamp_shop)
    await say(claude, conversation, "a green lamp")

    clock[0] += timedelta(hours=1)
    events = await say(claude, conversation, "tell me about the Meadow lamp")

    assert find_reply(events).text == "The Meadow lamp folds away. Do you like it?"
    assert [each.remedy for each in find_decision(events).grounding] == ["repaired", "left_out"]
    told = read_state(messages_api.requests[2]["body"])["told"]
    assert {(each["of"], each["minutes_ago"]) for each in told} == {("variant:MEADOW-G", 60)}


@pytest.mark.parametrize(
    "text", ["{{returns.window-days}}", "{{price:MEADOW-G}", "{{ price MEADOW-G }}", "so {{", "}} so"]
)
def test_half_a_slot_is_no_text(text: str) -> None:
    with pytest.raises(UnknownSlot):
        fill_slots(f"You have {text} days.", state=ConversationState())


def test_a_slot_of_a_policy_says_what_holds_in_its_scope_and_nothing_where_several_do() -> None:
    facts = tuple(
        Fact(
            id=scope,
            subject=EntityRef("policy", "returns"),
            name="returns.window_days",
            value=days,
            source=f"policy:returns/{scope}@2",
            observed_at=NOW,
            version=2,
        )
        for scope, days in (("store", 30), ("sku:MEADOW-G", 14))
    )
    one, both = (
        ConversationState(facts=apply_facts(Facts(), FactsObserved(facts=told)))
        for told in (facts[:1], facts)
    )

    assert fill_slots("{{returns.window_days}} days", state=one) == "30 days"
    assert fill_slots("{{returns.window_days:store}} days", state=both) == "30 days"
    assert fill_slots("{{returns.window_days:sku:MEADOW-G}} days", state=both) == "14 days"
    for unclear in ("{{returns.window_days}}", "{{returns.window_days:sku:OTHER}}"):
        with pytest.raises(UnknownSlot):
            fill_slots(unclear, state=both)


async def test_letters_that_nobody_sees_hide_no_claim(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    lies = "It costs €\u200b1.00. It costs \uff041.00. It costs \u202e€00.1. It folds\u200b away."
    messages_api.replies = [SHOWN[0], Reply(text=lies), Reply(text=lies)]
    conversation = await open_talk(claude, merchant=lamp_shop)

    events = await say(claude, conversation, "a green lamp")

    text = find_reply(events).text
    assert text.endswith("It folds away.")
    assert not set("1\u200b\u202e\uff04") & set(text)


@pytest.fixture
def stage(database: str, tmp_path: Path) -> Iterator[Stage]:
    """The lamps, and a shopper who has ordered one."""
    feed = shutil.copy(LAMPS, tmp_path / "lamps.tsv")
    orders = [{"number": "5001", "status": "pending", "lines": [{"sku": "BRIM-Y", "quantity": 1}]}]
    written = {
        "name": "ordered",
        "feed": Path(feed).name,
        "shopper": {"id": "s-1", "orders": orders},
        "turns": [{"say": "hello"}],
    }
    script = tmp_path / "ordered.yaml"
    script.write_text(yaml.safe_dump(written), encoding="utf-8")
    with set_stage(read_script(script), now=NOW) as opened:
        yield opened


def test_orders_that_are_read_twice_are_shown_once(stage: Stage, messages_api: MessagesApi) -> None:
    messages_api.replies = [Reply(tool="list_orders"), Reply(text="There they are.")]

    async def run() -> list[str]:
        planner = build_planner(api_key="k", model="claude-of-the-tests", base_url=messages_api.url)
        async with open_platform(clock=lambda: NOW, claude=planner, quiet=True, prefix="orders:") as platform:
            conversation = await platform.conversations.open_conversation(
                merchant=MerchantId(stage.merchant),
                currency="EUR",
                at=NOW,
                shopper=ShopperId(stage.shopper or ""),
            )
            await platform.conversations.record_message(
                conversation=conversation, cid=ClientMessageId("c-1"), text="where are my orders?", at=NOW
            )
            assert await platform.turns.run(conversation) is not None
            events = await platform.conversations.list_events(conversation=conversation)
            await platform.forget_keys()
        assert [each.event.tool for each in events if isinstance(each.event, ToolCalled)] == [
            "list_orders",
            "list_orders",
        ]
        return [each.event.rows[0][0] for each in events if isinstance(each.event, TableShown)]

    assert asyncio.run(run()) == ["5001"]
