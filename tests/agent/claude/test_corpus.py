"""Scripts of the corpus with Claude in the built-in planner's place: scripted to call what that one called and to say
what it said, so that what is tested is Claude's whole path: tools, checks, state, notices.

It may use nothing but what Claude was sent by then: every SKU, policy and number that it names, and every name of
goods, stands in the prompt or in what a tool answered.
"""

import asyncio
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from commerce_agent.agent.claude.planner import build_planner
from commerce_agent.agent.speaking import Spoken
from commerce_agent.scripted.expecting import compare, read_expected
from commerce_agent.scripted.playing import play
from commerce_agent.scripted.printing import to_json
from commerce_agent.scripted.running import Played
from commerce_agent.scripted.script import Script, read_script
from commerce_agent.scripted.stage import Stage, set_stage
from conversations.events.decisions import DecisionMade, ToolCalled
from conversations.events.entities import EntitiesIntroduced, EntitiesShown
from conversations.events.messages import ReplyGiven, ShopperSpoke
from tests.agent.messages_api import MessagesApi, Reply

CORPUS = Path(__file__).parents[2] / "conversations" / "scripts"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

NAMING = frozenset({"sku", "number", "name", "code"})
"""Arguments that name something of the shop's."""
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
FROM_THE_RECORD = {"builtin why-questions are answered from the record"}
PLAYED = (
    "a_change_of_mind_about_kites",
    "a_cream_for_dry_skin",
    "a_price_match_and_a_warranty_at_the_demo_shop",
    "a_vegan_for_good",
    "a_warranty_for_a_train",
    "electric_bikes_and_a_budget_that_grows",
    "lipstick_on_sale",
    "members_wash_cheaper",
    "nothing_fits_and_one_term_could_go",
    "presents_under_thirty_dollars",
    "price_match_and_nothing_on_record",
    "puzzles_by_pieces",
    "red_wine_for_tonight",
    "returns_of_a_bike_and_of_a_lamp",
    "save_ten_percent_from_sixty",
    "soap_at_a_discount",
    "sparkling_wine_cheaper_by_ten_percent",
    "starting_over",
    "the_doll_in_another_colour",
    "the_riesling_from_many_turns_ago",
    "two_wishes_in_one_message",
    "wooden_things",
)


def read_lines(played: list[Played]) -> list[tuple[str, list[Reply]]]:
    """What the built-in planner did in each turn, as a model's messages, by the message that it answered."""
    lines: list[tuple[str, list[Reply]]] = []
    for step in played:
        events = [each.event for each in step.events]
        if not any(isinstance(event, DecisionMade) for event in events):
            continue
        calls = [(each.tool, json.loads(each.arguments)) for each in events if isinstance(each, ToolCalled)]
        asked = [Reply(tool=tool, arguments=arguments) for tool, arguments in calls[:5]]
        (said,) = (event.text for event in events if isinstance(event, ReplyGiven))
        heard = "\n".join(event.text for event in events if isinstance(event, ShopperSpoke))
        lines.append((heard, [*asked, Reply(text=said)]))
    return lines


def list_names(played: list[Played]) -> set[str]:
    """What the goods are called that ever came up."""
    return {
        entity.name
        for step in played
        for each in step.events
        if isinstance(each.event, EntitiesShown | EntitiesIntroduced)
        for entity in each.event.entities
    }


def list_unseen(reply: Reply, body: dict[str, Any], *, names: set[str]) -> set[str]:
    """What the reply names and nobody has told the model."""
    told = json.dumps([body["system"], body["messages"]], ensure_ascii=False).replace('\\"', '"')
    named = [value for key, value in reply.arguments.items() if key in NAMING and isinstance(value, str)]
    named += reply.arguments.get("skus", ())
    named += NUMBER.findall(reply.text)
    named += [name for name in names if name in reply.text]
    return {each for each in named if each not in told and each.replace(",", "") not in told}


def speak_from(
    lines: list[tuple[str, list[Reply]]], *, api: MessagesApi, names: set[str], unseen: set[str]
) -> None:
    """Has the server say the lines of each turn in order; a turn that does not ask it is passed over.

    `unseen` takes what it named without having been told.
    """
    current: list[Reply] = []

    def answer(body: dict[str, Any]) -> Reply:
        last = body["messages"][-1]["content"]
        if isinstance(last, list) and last[-1].get("text", "").startswith("<state>"):
            while lines[0][0] != last[0]["text"]:
                lines.pop(0)
            current[:] = lines.pop(0)[1]
        reply = current.pop(0) if current else Reply(text="All right.")
        unseen.update(list_unseen(reply, body, names=names))
        return reply

    api.answer = answer


async def play_all(
    script: Script, *, stage: Stage, claude: Spoken | None = None
) -> tuple[list[Played], list[dict[str, Any]]]:
    """Every step."""
    played = [each async for each in play(script, stage=stage, now=NOW, claude=claude)]
    return played, [to_json(each) for each in played]


def play_with_claude(path: Path, *, api: MessagesApi) -> tuple[list[str], set[str], set[str]]:
    """What is not as the script expects, who answered, and what was named without having been told."""
    script = read_script(path)
    with set_stage(script, now=NOW) as stage:
        before, _ = asyncio.run(play_all(script, stage=stage))
    unseen: set[str] = set()
    speak_from(read_lines(before), api=api, names=list_names(before), unseen=unseen)
    with set_stage(script, now=NOW) as stage:

        async def run() -> tuple[list[Played], list[dict[str, Any]]]:
            claude = build_planner(api_key="key-of-the-tests", model="claude-of-the-tests", base_url=api.url)
            return await play_all(script, stage=stage, claude=claude)

        played, given = asyncio.run(run())
    wanted = [read_expected(step.expect, step=number) for number, step in enumerate(script.turns, start=1)]
    wrong = [
        f"{step['step']}: {mismatch}"
        for expected, step in zip(wanted, given, strict=True)
        for mismatch in compare(expected, step)
    ]
    speakers = {
        f"{each.event.decision.planner} {each.event.decision.planner_reason}"
        for step in played
        for each in step.events
        if isinstance(each.event, DecisionMade)
    }
    return wrong, speakers, unseen


@pytest.mark.parametrize("name", PLAYED)
def test_the_script_passes_with_a_scripted_claude(
    name: str, database: str, messages_api: MessagesApi
) -> None:
    wrong, speakers, unseen = play_with_claude(CORPUS / f"{name}.yaml", api=messages_api)

    assert not wrong, "\n".join(wrong)
    assert speakers - FROM_THE_RECORD == {"claude a key is set"}
    assert unseen == set()
