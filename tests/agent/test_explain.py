"""Why a reply is what it is: told from its record, to the shopper and to support staff, whoever spoke."""

import json
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from djmoney.money import Money

from catalog import pricing
from catalog.ids import MerchantId as ShopId
from catalog.ids import Sku
from catalog.policies import set_policy
from commerce_agent.agent.explain import Account, Register, explain_turn
from commerce_agent.agent.explain.asking import NoSuchDecision, explain_to_shopper
from commerce_agent.composition import Platform
from commerce_agent.release import get_code_version
from conversations.events import Event
from conversations.events.decisions import Decision
from conversations.ids import ConversationId, MerchantId
from tests.agent.conftest import NOW
from tests.agent.messages_api import MessagesApi, Reply
from tests.agent.shop_settings import choose
from tests.agent.talking import find_decision, find_reply, open_talk, say

WHY_NOT_TALL = {
    "en": ("a lamp under 100 euros", "why not the Tall lamp?"),
    "de": ("eine Lampe unter 100 Euro", "Warum nicht die Tall lamp?"),
    "es": ("una lámpara por menos de 100 euros", "¿por qué no la Tall lamp?"),
    "fr": ("une lampe à moins de 100 euros", "pourquoi pas la Tall lamp ?"),
}
TOLD = {
    "en": "The Tall lamp stayed out: at €150.00 it is above your limit (under €100).",
    "de": "Tall lamp blieb außen vor: liegt mit 150,00\u00a0€ über Ihrer Grenze (unter 100\u00a0€).",
    "es": "Tall lamp se quedó fuera: a 150,00\u00a0€ supera su límite (por menos de 100\u00a0€).",
    "fr": "Je n'ai pas retenu Tall lamp : à 150,00\u00a0€, au-dessus de votre limite (à moins de 100\u00a0€).",
}


async def explain(platform: Platform, conversation: ConversationId, *, turn: int) -> Account:
    """The account of a turn, from the journal."""
    events = await platform.conversations.list_events(conversation=conversation)
    account = explain_turn(turn, register=Register.read(events))
    assert account is not None
    return account


async def ask_why(platform: Platform, conversation: ConversationId, decision: str, *, sku: str = "") -> str:
    """What the widget's "why this?" is answered."""
    return await explain_to_shopper(
        conversations=platform.conversations,
        words=platform.words,
        conversation=conversation,
        decision=decision,
        sku=sku,
        now=NOW,
    )


async def test_support_reads_the_whole_record(platform: Platform, lamp_shop: str) -> None:
    conversation = await open_talk(platform, merchant=lamp_shop)
    await say(platform, conversation, "a lamp under 100 euros")
    decision = find_decision(await say(platform, conversation, "is the green one dimmable?"))

    first = await explain(platform, conversation, turn=1)
    second = await explain(platform, conversation, turn=2)

    assert [(term.words, term.said, term.turn) for term in first.terms] == [
        ("category is Lamps", "lamp", 1),
        ("price at most €100.00", "under 100 euros", 1),
    ]
    assert {item.sku for item in first.kept} == {"MEADOW-G", "MEADOW-W", "BRIM-Y"}
    (tall,) = (item for item in first.rejected if item.sku == "TALL-B")
    assert (tall.rule, tall.term, tall.margin) == ("Price", "price at most €100.00", "€50.00 over")
    assert {fact.name == "rating": fact.source for fact in first.facts} == {False: "store", True: "catalogue"}
    assert {(fact.age, fact.stale, fact.warning) for fact in first.facts} == {("0.0 s", False, "")}
    (search,) = first.tools
    assert (search.tool, search.outcome, json.loads(search.arguments)["query"]) == (
        "search products",
        "ok",
        "",
    )
    assert (first.spoken.planner, first.spoken.reason) == ("Built-in planner", "no key is set")
    assert (first.versions.code, first.versions.settings) == (get_code_version(), 0)
    assert first.summary[0] == "Built-in planner answered: no key is set."
    assert "Of 4 items considered 3 were shown; left out: 1 for “price at most €100.00”." in first.summary
    (meant,) = second.references
    assert (meant.text, meant.items) == ("the green one", ("Meadow lamp (MEADOW-G)",))
    assert meant.evidence == (f"Meadow lamp: shown as number {_find_place(first, 'MEADOW-G')} in turn 1",)
    assert second.id == decision.id


async def ask_of_returns(claude: Platform, api: MessagesApi, *, shop: str) -> tuple[ConversationId, Decision]:
    """A talk whose second turn leaves every part of a record, and that record."""
    await choose(shop, version=4, tone="warm")
    await set_two_policies(shop)
    api.replies = [
        Reply(tool="search_products", arguments={"query": "lamp"}),
        Reply(text="Which of these?"),
        Reply(
            tool="search_products",
            arguments={"query": "lamp"},
            tools=(("get_policy", {"name": "returns", "sku": "BRIM-Y"}),),
            usage={"cache_read_input_tokens": 900},
        ),
        Reply(text="The Brim lamp is €39.00. It is half off."),
        Reply(text="You have thirty days to return it."),
    ]
    conversation = await open_talk(claude, merchant=shop)
    await say(claude, conversation, "lamps under 100 euros")
    events = await say(claude, conversation, "how long can I return the Brim lamp?")
    return conversation, find_decision(events)


async def test_every_part_of_a_record_is_told(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    """Part by part, as the record is promised: nothing of a decision is empty, and support reads each of them."""
    conversation, made = await ask_of_returns(claude, messages_api, shop=lamp_shop)

    empty = {name for name in Decision.__struct_fields__ if not getattr(made, name)}
    assert empty == {"conflicts"}
    told = await explain(claude, conversation, turn=2)
    assert [
        (term.words, term.scope, term.said, term.turn) for term in told.terms if "price" in term.words
    ] == [("price at most €100.00", "this search", "under 100 euros", 1)]
    (tall,) = (item for item in told.rejected if item.sku == "TALL-B")
    assert (tall.rule, tall.margin, tall.term) == ("Price", "€50.00 over", "price at most €100.00")
    assert {item.rule for item in told.kept} == {"Matched"}
    assert all(fact.source and fact.age and fact.observed_at == NOW for fact in told.facts)
    assert {fact.version for fact in told.facts if "policy" in fact.name} == {1}
    assert [(meant.text, meant.outcome) for meant in told.references] == [("the Brim lamp", "Resolved")]
    assert all(meant.items and meant.rules for meant in told.references)
    assert {(tool.tool, tool.outcome) for tool in told.tools} == {
        ("search products", "ok"),
        ("get policy", "ok"),
    }
    assert all(tool.milliseconds.endswith(" ms") and tool.arguments for tool in told.tools)
    spoken = told.spoken
    assert (spoken.planner, spoken.reason, spoken.model) == ("Claude", "a key is set", "claude-of-the-tests")
    assert (len(spoken.prompt), spoken.tokens, spoken.cost[0]) == (16, "1,200 in, 60 out", "$")
    assert [(call.stop_reason, call.cache) for call in spoken.calls] == [
        ("tool use", "900 read, 0 written"),
        ("end turn", "0 read, 0 written (missed: not told)"),
        ("end turn", "0 read, 0 written (missed: not told)"),
    ]
    assert (told.versions.code, told.versions.settings) == (get_code_version(), 4)
    assert told.versions.policies == ("returns/category:Lighting > Lamps@1",)
    assert told.versions.passed_over == ("returns/store@1: category is narrower",)
    assert [(each.claim, each.passed, each.remedy) for each in told.verdicts] == [
        ("€39.00", True, ""),
        ("half off", False, "The model corrected it"),
        ("thirty days", True, ""),
    ]


NOT_WITHOUT_A_MODEL = {"model", "input_tokens", "output_tokens", "prompt", "cost_micros", "calls"}


async def test_the_built_in_planner_leaves_the_same_parts(platform: Platform, lamp_shop: str) -> None:
    """Every part but those of a model that nobody asked, and of answers that differed."""
    await choose(lamp_shop, version=4, tone="warm")
    await set_two_policies(lamp_shop)
    conversation = await open_talk(platform, merchant=lamp_shop)

    made = [
        find_decision(await say(platform, conversation, said))
        for said in ("lamps under 100 euros", "how long can I return the Brim lamp?")
    ]

    empty = {name for name in Decision.__struct_fields__ if not any(getattr(each, name) for each in made)}
    assert empty == NOT_WITHOUT_A_MODEL | {"conflicts"}
    first, second = [await explain(platform, conversation, turn=turn) for turn in (1, 2)]
    assert [(term.words, term.said, term.turn) for term in first.terms if "price" in term.words] == [
        ("price at most €100.00", "under 100 euros", 1)
    ]
    (tall,) = (item for item in first.rejected if item.sku == "TALL-B")
    assert (tall.rule, tall.margin, tall.term) == ("Price", "€50.00 over", "price at most €100.00")
    assert all(item.rule and item.reason for item in (*first.kept, *first.rejected))
    assert all(fact.source and fact.age and fact.observed_at == NOW for fact in (*first.facts, *second.facts))
    assert {fact.version for fact in second.facts if "policy" in fact.name} == {1}
    (meant,) = second.references
    assert (meant.text, meant.outcome, len(meant.rules) > 0) == ("the Brim lamp", "Resolved", True)
    assert meant.evidence == (f"Brim lamp: shown as number {_find_place(first, 'BRIM-Y')} in turn 1",)
    assert second.versions.policies == ("returns/category:Lighting > Lamps@1",)
    assert second.versions.passed_over == ("returns/store@1: category is narrower",)
    assert (second.versions.code, second.versions.settings) == (get_code_version(), 4)
    assert all(tool.milliseconds.endswith(" ms") and tool.outcome for tool in (*first.tools, *second.tools))
    assert all(each.passed and each.claim and each.fact for each in first.verdicts)
    assert {(each.spoken.planner, each.spoken.reason) for each in (first, second)} == {
        ("Built-in planner", "no key is set")
    }


async def set_two_policies(shop: str) -> None:
    """One for the store and a narrower one, which takes its place."""
    for scope, value in (("store", ""), ("category", "Lighting > Lamps")):
        await sync_to_async(set_policy)(
            merchant=ShopId(shop), name="returns", title="Returns", text="Thirty days.",
            scope=scope, scope_value=value, at=NOW,
        )  # fmt: skip


def _find_place(account: Account, sku: str) -> int:
    return [item.sku for item in account.kept].index(sku) + 1


async def test_a_policy_that_gave_way_is_on_record(platform: Platform, lamp_shop: str) -> None:
    for scope, value, text in (("store", "", "Thirty days."), ("category", "Lighting > Lamps", "Ten days.")):
        await sync_to_async(set_policy)(
            merchant=ShopId(lamp_shop),
            name="returns",
            title="Returns",
            text=text,
            scope=scope,
            scope_value=value,
            at=NOW,
        )
    conversation = await open_talk(platform, merchant=lamp_shop)
    await say(platform, conversation, "a green lamp")

    decision = find_decision(await say(platform, conversation, "what is the return policy on it?"))

    account = await explain(platform, conversation, turn=2)
    assert account.versions.policies == ("returns/category:Lighting > Lamps@1",)
    assert account.versions.passed_over == ("returns/store@1: category is narrower",)
    assert "get policy" in {tool.tool for tool in account.tools}
    assert await ask_why(platform, conversation, decision.id) in (
        "What I said of the shop's terms is in its own words: Returns. "
        "It was all read from the shop at that very moment.",
        "The terms come from the shop itself: Returns. I went by what the shop's systems said just then.",
    )
    assert "Returns." in find_reply(await say(platform, conversation, "why?")).text


@pytest.mark.parametrize("language", WHY_NOT_TALL)
async def test_the_shopper_hears_why_in_their_language(
    platform: Platform, lamp_shop: str, language: str
) -> None:
    conversation = await platform.conversations.open_conversation(
        merchant=MerchantId(lamp_shop), currency="EUR", locale=language, at=NOW
    )
    wish, question = WHY_NOT_TALL[language]
    made = find_decision(await say(platform, conversation, wish))

    reply = find_reply(await say(platform, conversation, question))

    assert reply.text == TOLD[language]
    assert await ask_why(platform, conversation, made.id, sku="TALL-B") == TOLD[language]


async def test_why_is_told_as_it_was_though_the_shop_has_changed(platform: Platform, lamp_shop: str) -> None:
    conversation = await open_talk(platform, merchant=lamp_shop)
    made = find_decision(await say(platform, conversation, "a lamp under 100 euros"))
    await _set_price(lamp_shop, "TALL-B", "70.00")

    reply = find_reply(await say(platform, conversation, "why not the Tall lamp?"))

    assert "€150.00" in reply.text
    assert "€70.00" not in reply.text
    assert "€150.00" in await ask_why(platform, conversation, made.id, sku="TALL-B")


async def _set_price(merchant: str, sku: str, amount: str) -> None:
    await sync_to_async(pricing.set_price)(
        merchant=ShopId(merchant), sku=Sku(sku), price=Money(amount, "EUR"), at=NOW, source="test"
    )


async def test_an_item_that_nobody_weighed_has_no_reason_and_none_is_made_up(
    platform: Platform, lamp_shop: str
) -> None:
    conversation = await open_talk(platform, merchant=lamp_shop)
    await say(platform, conversation, "a lamp under 100 euros")

    events = await say(platform, conversation, "why not the Sill chair?")

    assert find_decision(events).candidates == ()
    reply = find_reply(events).text
    assert "The Sill chair in oak wasn't among those I weighed" in reply
    assert "under €100" in reply, "by what the record says that it went"
    assert "€120" not in reply, "what it costs now decided nothing then"


async def ask_behind_a_search(
    claude: Platform, messages_api: MessagesApi, *, shop: str, said: str
) -> tuple[Event, ...]:
    """Asks it where Claude has shown lamps under 100 euros; Claude is not asked again."""
    messages_api.replies = [
        Reply(tool="search_products", arguments={"query": "lamp"}),
        Reply(text="Two lamps would fit."),
    ]
    conversation = await open_talk(claude, merchant=shop)
    await say(claude, conversation, "a dimmable lamp under 100 euros")
    asked = len(messages_api.requests)

    events = await say(claude, conversation, said)

    assert len(messages_api.requests) == asked
    return events


async def test_claude_is_not_asked_why(claude: Platform, messages_api: MessagesApi, lamp_shop: str) -> None:
    events = await ask_behind_a_search(claude, messages_api, shop=lamp_shop, said="why not the Tall lamp?")

    assert find_reply(events).text == TOLD["en"]
    decision = find_decision(events)
    assert (decision.planner, decision.planner_reason) == (
        "builtin",
        "why-questions are answered from the record",
    )


@pytest.mark.parametrize(
    "said",
    [
        "explain your choice",
        "what is that recommendation based on?",
        "justify that",
        "what's the reason you suggested it?",
        "what makes you say that?",
        "Worauf beruht diese Empfehlung?",
        "Expliquez-moi votre choix",
        "¿Cuál es la razón de esa sugerencia?",
    ],
)
async def test_claude_is_not_asked_why_without_the_word(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str, said: str
) -> None:
    events = await ask_behind_a_search(claude, messages_api, shop=lamp_shop, said=said)

    assert find_decision(events).planner_reason == "why-questions are answered from the record"
    assert "100" in find_reply(events).text


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("why not the Tall lamp, and show me my cart", "cart"),
        ("why not the Tall lamp, and what's your return policy?", "nothing on record about returns"),
        ("show me my cart, and why didn't you suggest the Tall lamp?", "cart"),
    ],
)
async def test_claude_is_not_asked_why_where_more_is_asked_either(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str, said: str, told: str
) -> None:
    events = await ask_behind_a_search(claude, messages_api, shop=lamp_shop, said=said)

    assert "€150.00 it is above your limit" in find_reply(events).text
    assert told in find_reply(events).text


async def test_an_old_reply_can_be_asked_after_and_a_strange_one_cannot(
    platform: Platform, lamp_shop: str
) -> None:
    conversation, other = [await open_talk(platform, merchant=lamp_shop) for _ in range(2)]
    first = find_decision(await say(platform, conversation, "a lamp under 100 euros"))
    for said in (
        "hello",
        "thanks",
        "what is in my cart?",
        "hello again",
        "a stool",
        "a chair",
        "a lamp",
        "a stool",
        "a chair",
        "thanks",
    ):
        await say(platform, conversation, said)
    state = await platform.conversations.load(conversation=conversation)
    assert first.id not in {made.id for made in state.decisions.latest}

    told = await ask_why(platform, conversation, first.id)

    assert "lamps under €100" in told
    assert "Tall lamp (at €150.00 it is above your limit (under €100))" in told
    for strange in (first.id, str(uuid4()), "x"):
        with pytest.raises(NoSuchDecision):
            await ask_why(platform, other, strange)
    assert state == await platform.conversations.load(conversation=conversation)


async def test_a_source_that_was_out_of_reach_is_on_record(platform: Platform, lamp_shop: str) -> None:
    conversation = await open_talk(platform, merchant=lamp_shop)
    platform.outages.take_down("policies")

    decision = find_decision(await say(platform, conversation, "what is your return policy?"))

    assert [(used.tool, used.outcome) for used in decision.tools] == [("get_policy", "out of reach")]
    account = await explain(platform, conversation, turn=1)
    assert account.summary[-1] == "The tool get policy brought nothing: out of reach."
