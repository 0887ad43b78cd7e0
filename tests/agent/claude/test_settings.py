"""What a shop chose for its assistant: it reaches the prompt, the budgets hold, and decisions name the version."""

import asyncio
from datetime import date

import pytest

from commerce_agent.agent.spending.caps import CapReached, Payer, Spending
from commerce_agent.composition import Platform
from commerce_agent.models import ModelSpend
from conversations.ids import MerchantId
from tests.agent.conftest import NOW
from tests.agent.messages_api import MessagesApi, Reply
from tests.agent.shop_settings import choose
from tests.agent.talking import find_decision, find_reply, open_talk, say


async def test_the_settings_reach_the_prompt_and_the_decision(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    await choose(
        lamp_shop, version=3, persona="You are Fern.", declined_topics=["politics"], model="claude-haiku-x"
    )
    messages_api.replies = [
        Reply(text="Which kind of lamp do you like?", usage={"cache_read_input_tokens": 900})
    ]

    decision = find_decision(await say(claude, await open_talk(claude, merchant=lamp_shop), "a lamp"))

    body = messages_api.requests[0]["body"]
    assert "You are Fern." in body["system"][1]["text"]
    assert '"decline_these_topics":["politics"]' in body["system"][1]["text"]
    assert (body["model"], decision.settings_version, decision.planner) == ("claude-haiku-x", 3, "claude")
    (call,) = decision.calls
    assert (call.input_tokens, call.cache_read, call.output_tokens, call.stop_reason) == (
        100,
        900,
        20,
        "end_turn",
    )
    assert len(body["metadata"]["user_id"]) == 32


async def test_all_that_a_shop_chose_of_conduct_stands_in_the_prompt(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    await choose(
        lamp_shop,
        persona="You are Fern.",
        tone="Dry, with few words.",
        languages=["en", "de"],
        declined_topics=["politics"],
        handoff_rules=["When the shopper is angry"],
    )
    messages_api.replies = [Reply(text="Which kind of lamp do you like?")]

    await say(claude, await open_talk(claude, merchant=lamp_shop), "a lamp")

    assert messages_api.requests[0]["body"]["system"][1]["text"] == (
        '<shop>{"persona":"You are Fern.","tone":"Dry, with few words.","answer_only_in":["en","de"],'
        '"decline_these_topics":["politics"],"call_person_when":["When the shopper is angry"]}</shop>'
    )


async def test_what_stays_the_same_is_kept_for_an_hour_and_arguments_of_changes_are_strict(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    messages_api.answer = lambda body: Reply(text="Which kind of lamp do you like?")
    conversation = await open_talk(claude, merchant=lamp_shop)
    for said in ("a lamp", "hm"):
        await say(claude, conversation, said)

    body = messages_api.requests[-1]["body"]
    kept = {
        (part, number): block["cache_control"]
        for part, blocks in (
            ("tools", body["tools"]),
            ("system", body["system"]),
            ("messages", [block for message in body["messages"] for block in message["content"]]),
        )
        for number, block in enumerate(blocks)
        if "cache_control" in block
    }
    # The tools and the shop for an hour; the talk up to the last reply, which stands before the new message, less long.
    assert kept == {
        ("tools", len(body["tools"]) - 1): {"type": "ephemeral", "ttl": "1h"},
        ("system", 1): {"type": "ephemeral", "ttl": "1h"},
        ("messages", 1): {"type": "ephemeral", "ttl": "5m"},
    }
    assert [tool["name"] for tool in body["tools"] if tool.get("strict")] == [
        "call_person",
        "cancel_order",
        "change_address",
        "change_cart",
        "change_order_items",
        "drop_code",
        "enter_code",
        "exchange_items",
        "propose_order",
        "return_items",
    ]


async def test_the_cache_miss_is_recorded_with_its_reason(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    missed = {"cache_miss_reason": {"type": "tools_changed", "cache_missed_input_tokens": 12}}
    messages_api.replies = [Reply(text="Which lamp?"), Reply(text="Which one?", diagnostics=missed)]
    conversation = await open_talk(claude, merchant=lamp_shop)

    made = [find_decision(await say(claude, conversation, said)) for said in ("a lamp", "hm")]
    messages_api.replies = [Reply(text="Hm?", usage={"cache_read_input_tokens": 900}), Reply(text="So?")]
    made += [find_decision(await say(claude, conversation, said)) for said in ("well", "hm hm")]

    misses = [call.cache_missed for decision in made for call in decision.calls]
    assert misses == ["first_call", "tools_changed", "", "not_told"]
    sent = [request["body"]["diagnostics"] for request in messages_api.requests]
    assert sent == [{"previous_message_id": None}, *[{"previous_message_id": "msg_1"}] * 3]


async def test_a_shop_may_do_without_claude(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    await choose(lamp_shop, use_claude=False)

    decision = find_decision(await say(claude, await open_talk(claude, merchant=lamp_shop), "a green lamp"))

    assert (decision.planner, decision.planner_reason) == ("builtin", "the shop has chosen so")
    assert messages_api.requests == []


@pytest.mark.parametrize(
    ("chosen", "reason"),
    [
        ({"shop_micros": 10_000}, "the budget of the shop is spent for today"),
        ({"shopper_micros": 10_000}, "the budget of this shopper is spent for today"),
    ],
)
async def test_past_the_days_budget_the_built_in_planner_answers(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str, chosen: dict[str, int], reason: str
) -> None:
    await choose(lamp_shop, **chosen)
    spent = {"input_tokens": 1000}
    messages_api.answer = lambda body: Reply(text="Which kind of lamp do you like?", usage=spent)
    conversation = await open_talk(claude, merchant=lamp_shop)

    decisions = [find_decision(await say(claude, conversation, "a lamp")) for _ in range(3)]

    # The dearest price is taken for a model that is not known: 1000 tokens in and 20 out are 16,500 millionths.
    assert [decision.planner for decision in decisions] == ["claude", "builtin", "builtin"]
    assert decisions[1].planner_reason == reason
    assert len(messages_api.requests) == 1
    assert decisions[0].cost_micros == 16_500
    account = await ModelSpend.objects.aget(merchant_id=lamp_shop, payer="")
    assert (account.micros, account.reserved, account.calls) == (16_500, 0, 1)


async def test_a_turn_may_not_cost_more_than_one_may(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    await choose(lamp_shop, turn_micros=1)
    messages_api.replies = [Reply(tool="search_products", arguments={"query": "lamp"})]

    decision = find_decision(await say(claude, await open_talk(claude, merchant=lamp_shop), "a green lamp"))

    assert (decision.planner, decision.planner_reason) == ("builtin", "the turn cost as much as one may")


async def test_a_correction_or_a_second_try_is_not_asked_for_past_what_a_turn_may_cost(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    await choose(lamp_shop, turn_micros=1)
    false = Reply(text="Which lamp do you like? It costs €1.00 today.")
    broken_off = Reply(text="Which", broken=True)

    messages_api.replies = [false, Reply(text="It costs nothing.")]
    corrected = await say(claude, await open_talk(claude, merchant=lamp_shop), "hm, hello, a lamp")
    asked = len(messages_api.requests)
    messages_api.replies = [broken_off, Reply(text="Which kind of lamp do you like?")]
    tried = await say(claude, await open_talk(claude, merchant=lamp_shop), "hm, hello, a lamp")

    assert (asked, len(messages_api.requests)) == (1, 2)
    assert find_decision(corrected).planner == "claude"
    assert find_reply(corrected).text == "Which lamp do you like?"
    assert [(each.claim, each.passed, each.remedy) for each in find_decision(corrected).grounding] == [
        ("€1.00", False, "left_out")
    ]
    assert (find_decision(tried).planner, find_decision(tried).planner_reason) == (
        "builtin",
        "RemoteProtocolError",
    )


async def test_many_at_once_exceed_a_cap_by_one_call_at_most(platform: Platform, lamp_shop: str) -> None:
    spending = Spending(pool=platform.pool)
    payer = Payer(merchant=lamp_shop, shopper="s", day=date(2026, 11, 23), shopper_cap=10_000, shop_cap=1_000)

    async def spend() -> bool:
        try:
            await spending.reserve(payer, micros=300)
        except CapReached:
            return False
        await spending.settle(payer, reserved=300, micros=300, tokens=1)
        return True

    through = await asyncio.gather(*(spend() for _ in range(24)))

    account = await ModelSpend.objects.aget(merchant_id=lamp_shop, payer="")
    assert (sum(through), account.micros, account.reserved) == (4, 1_200, 0)
    own = await ModelSpend.objects.aget(merchant_id=lamp_shop, payer="s")
    assert own.micros == 1_200


@pytest.mark.parametrize(("chosen", "payer"), [("shop_micros", ""), ("shopper_micros", "one")])
async def test_conversations_at_once_spend_the_cap_and_one_call_at_most(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str, chosen: str, payer: str
) -> None:
    cap, cost = 50_000, 16_500
    await choose(lamp_shop, **{chosen: cap})
    messages_api.answer = lambda body: Reply(text="Which lamp?", usage={"input_tokens": 1000})
    shoppers = claude.conversations.shoppers
    card = await shoppers.record(merchant=MerchantId(lamp_shop), key="s-1", name="", tier=None, at=NOW)
    talks = [
        await claude.conversations.open_conversation(
            merchant=MerchantId(lamp_shop), currency="EUR", at=NOW, shopper=card.id
        )
        for _ in range(10)
    ]

    answered = await asyncio.gather(*(say(claude, talk, "hm, a lamp") for talk in talks for _ in range(1)))
    again = [await say(claude, talk, "hm") for talk in talks]

    spoken = [find_decision(events).planner for events in (*answered, *again)]
    accounts = {each.payer: each async for each in ModelSpend.objects.filter(merchant_id=lamp_shop)}
    account = accounts[payer] if not payer else next(each for name, each in accounts.items() if name)
    assert len(accounts) == 2
    assert spoken.count("claude") == len(messages_api.requests) == account.calls == 4
    assert (account.micros, account.reserved) == (4 * cost, 0)
    assert cap <= account.micros <= cap + cost
