"""The search tool through a whole turn: why a thing was found, and which terms to let go where nothing is."""

from typing import Any

from commerce_agent.composition import Platform
from commerce_agent.decoding import decode_json
from conversations.events.decisions import Decision
from tests.agent.messages_api import MessagesApi, Reply
from tests.agent.talking import find_decision, open_talk, say


async def ask(
    platform: Platform, api: MessagesApi, *, shop: str, text: str
) -> tuple[dict[str, Any], Decision]:
    """What the search tool told the model, and the decision of the turn."""
    api.replies = [Reply(tool="search_products", arguments={"query": "lamp"}), Reply(text="Let me see.")]
    conversation = await open_talk(platform, merchant=shop)
    events = await say(platform, conversation, text)
    result = api.requests[1]["body"]["messages"][-1]["content"][0]["content"]
    told = result if isinstance(result, str) else result[0]["text"]
    return decode_json(told, dict[str, Any]), find_decision(events)


async def test_it_says_what_letting_go_of_a_term_would_bring(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    told, decision = await ask(claude, messages_api, shop=lamp_shop, text="a lamp under 10 euros")

    assert (told["shown"], told["total"]) == ([], 0)
    example = {"sku": "BRIM-Y", "name": "Brim lamp", "price": "39.000"}
    assert told["dropping_a_limit_would_bring"] == [
        {"limit": "price <= 10.0", "total": 4, "for_example": example}
    ]
    assert told["dropping_two_limits_would_bring"] == []
    assert not any(candidate.kept for candidate in decision.candidates)


async def test_where_one_term_does_not_help_it_says_which_two_would(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    told, _ = await ask(claude, messages_api, shop=lamp_shop, text="a green lamp from Kvist under 10 euros")

    assert told["dropping_a_limit_would_bring"] == []
    assert {
        (frozenset(pair["limits"]), pair["total"]) for pair in told["dropping_two_limits_would_bring"]
    } == {
        (frozenset({"color = green", "price <= 10.0"}), 1),
        (frozenset({"brand = Kvist", "price <= 10.0"}), 1),
    }


async def test_it_records_why_each_was_found_and_tells_how_the_results_divide(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    told, decision = await ask(claude, messages_api, shop=lamp_shop, text="a lamp under 100 euros")

    kept = [candidate for candidate in decision.candidates if candidate.kept]
    assert {candidate.reason for candidate in kept} == {'Its name says "lamp".'}
    assert len(kept) == 3
    assert told["narrow_by"]["color"] == [["Green", 1], ["White", 1], ["Yellow", 1]]
