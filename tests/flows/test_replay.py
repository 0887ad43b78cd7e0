"""A recorded conversation runs again: the same with the facts of then, different where the facts of now are."""

import asyncio
import json
import zlib
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from redis import Redis

from catalog.connectors import build_sources
from catalog.ids import MerchantId
from catalog.models import Order
from commerce_agent.agent.builtin.scene import Scene as BuiltinScene
from commerce_agent.agent.claude.planner import build_planner
from commerce_agent.agent.closing import Used
from commerce_agent.agent.model_door import ModelDoor
from commerce_agent.agent.speaking import Attempt
from commerce_agent.composition import open_platform
from commerce_agent.replaying.printing import Replay
from commerce_agent.replaying.reading import replay_conversation
from commerce_agent.replaying.rerun import FactsOf, Rerun, TurnReplayed
from conversations.events import Event, Recorded
from conversations.events.decisions import DecisionMade
from conversations.events.messages import CardsShown
from conversations.graph import DecisionNode, build_graph, get_grounds, list_mentions, list_told
from conversations.ids import EntityRef
from conversations.replay import fold_up_to
from conversations.state import ConversationState
from tests.agent.messages_api import Reply, running_messages_api
from tests.flows.recordings import (
    OPENED,
    TEN_TURNS,
    Held,
    Scene,
    find_text,
    hold,
    list_committed,
    set_price,
    without_duration,
)
from tests.naming import name_shopper

Told = dict[str, Any]
COUNTS = (b":api-rate:", b":budget:", b":recent:")
"""In the names of keys whose counts run out by themselves, other tests' among them."""


async def ten_turns(scene: Scene) -> None:
    await scene.say(*TEN_TURNS)


def replay(held: Held, *more: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, Told]:
    """The exit code and what the command said."""
    capsys.readouterr()
    code = 0
    try:
        call_command("replay", held.conversation, "--json", *more)
    except SystemExit as left:
        code = int(left.code or 0)
    return code, json.loads(capsys.readouterr().out)


def rerun(held: Held, *, facts: FactsOf = "then") -> Replay:
    return asyncio.run(replay_conversation(conversation=held.conversation, facts=facts, now=OPENED))


def list_rows(merchant: MerchantId) -> dict[str, list[Any]]:
    """Every row of both services that belongs to the merchant."""
    models = [
        *apps.get_app_config("conversations").get_models(),
        *apps.get_app_config("catalog").get_models(),
    ]
    rows: dict[str, list[Any]] = {}
    for model in models:
        field = next((f.attname for f in model._meta.fields if f.attname == "merchant_id"), None)
        if field:
            rows[model.__name__] = sorted(map(repr, model.objects.filter(**{field: merchant}).values()))
    return rows


def list_keys() -> dict[bytes, bytes]:
    """Everything this run keeps in Redis, as Redis itself would dump it, but for counts that run out by themselves."""
    client = Redis.from_url(settings.REDIS_URL)
    found = client.scan_iter(match=f"{settings.REDIS_PREFIX}*", count=500)
    keys = sorted(key for key in found if not any(count in key for count in COUNTS))
    kept = {key: dumped for key in keys if (dumped := client.dump(key)) is not None}
    client.close()
    return kept


def test_ten_turns_replay_identically(lamps: MerchantId, capsys: pytest.CaptureFixture[str]) -> None:
    held = hold(lamps, ten_turns)
    rows, keys = list_rows(lamps), list_keys()
    set_price(lamps, "MEADOW-G", "95.00")
    rows_after_price = list_rows(lamps)

    code, told = replay(held, capsys=capsys)

    assert [(turn["turn"], turn["outcome"], turn["differences"]) for turn in told["turns"]] == [
        (number, "same", []) for number in range(1, 11)
    ]
    assert (code, told["same"], told["state"]["differences"]) == (0, True, [])
    assert told["state"]["served"] == told["state"]["version"] == held.events[-1].seq
    assert rows != rows_after_price
    assert (list_rows(lamps), list_keys()) == (rows_after_price, keys)


def test_it_records_again_what_was_recorded(lamps: MerchantId) -> None:
    held = hold(lamps, ten_turns)

    replayed = rerun(held)

    assert [tuple(map(without_duration, turn.events)) for turn in replayed.turns] == list_committed(held)


def test_the_facts_of_now_show_exactly_what_changed(
    lamps: MerchantId, capsys: pytest.CaptureFixture[str]
) -> None:
    held = hold(lamps, ten_turns)
    set_price(lamps, "BRIM-Y", "35.00")

    code, told = replay(held, "--facts", "now", capsys=capsys)

    assert code == 1
    assert [turn["turn"] for turn in told["turns"] if turn["outcome"] != "same"] == [4, 7]
    differences = {each["path"]: (each["before"], each["after"]) for each in told["turns"][6]["differences"]}
    reply = (
        "Here are 3 lamps from Ostra. "
        "Of these, the Meadow lamp is rated best at 4.6 and the Brim lamp costs least at €"
    )
    assert differences.pop("cards.BRIM-Y.list_price") == (
        '{"type":"money","amount":"49.00","currency":"EUR"}',
        "null",
    )
    assert differences == {
        "facts.variant:BRIM-Y:price.value.amount": ('"39.00"', '"35.00"'),
        "facts.variant:BRIM-Y:price.version": ("1", "2"),
        "grounding[0].claim": ('"€39.00"', '"€35.00"'),
        "cards.BRIM-Y.price.amount": ('"39.00"', '"35.00"'),
        "text": (
            f'"{reply}39.00. Shall I put them side by side?"',
            f'"{reply}35.00. Shall I put them side by side?"',
        ),
    }


def test_asking_the_shop_now_writes_nothing(lamps: MerchantId, capsys: pytest.CaptureFixture[str]) -> None:
    held = hold(lamps, ten_turns)
    set_price(lamps, "BRIM-Y", "35.00")
    rows, keys = list_rows(lamps), list_keys()

    replay(held, "--facts", "now", capsys=capsys)

    assert (list_rows(lamps), list_keys()) == (rows, keys)


def test_a_whole_shop_and_a_named_shopper_replay_identically(demo_shop: MerchantId) -> None:
    """Searches with near misses, promotions of a tier, the shopper's own orders, policies by category."""

    async def shop_around(scene: Scene) -> None:
        await scene.say(
            "I'm looking for running shoes under $100",
            "what's the return policy on the blue one?",
            "show me something lighter",
            "any promotions?",
            "where is my order?",
            "does the second one come in red?",
            "add the first one to my cart",
            "why not the blue one?",
            "do you have rain jackets?",
            "I want to talk to a person",
        )

    shopper = name_shopper(demo_shop, key="s-maren")
    held = hold(demo_shop, shop_around, shopper=shopper, currency="USD")
    Order.objects.filter(merchant_id=demo_shop).update(status="cancelled")

    then, now = rerun(held), rerun(held, facts="now")

    assert [(turn.outcome, turn.differences) for turn in then.turns] == [("same", ())] * 10
    assert [tuple(map(without_duration, turn.events)) for turn in then.turns] == list_committed(held)
    assert [turn.turn for turn in now.turns if turn.outcome == "different"] == [5]


def test_news_and_orders_between_the_turns_replay_as_they_were(lamps: MerchantId) -> None:
    async def buy(scene: Scene) -> None:
        await scene.say("show me lamps by Ostra", "I'll take the green one")
        await scene.sell_out("BRIM-Y")
        await scene.say("is the Brim lamp still there?", "check out")
        await scene.confirm()
        await scene.say("show me lamps under 100 euros")

    replayed = rerun(hold(lamps, buy))

    assert [(turn.outcome, turn.differences) for turn in replayed.turns] == [("same", ())] * 5
    assert replayed.is_same


def test_a_turn_that_was_taken_again_starts_from_the_state_it_saw(lamps: MerchantId) -> None:
    async def interrupted(scene: Scene) -> None:
        await scene.say("show me lamps by Ostra")
        conversations = scene.platform.conversations
        await conversations.record_message(
            conversation=scene.conversation, cid="again", text="how many Brim lamps are there?", at=OPENED
        )
        taken = await conversations.take_turn(conversation=scene.conversation, at=OPENED)
        assert taken is not None
        await conversations.drop_turn(turn=taken)
        await scene.sell_out("BRIM-Y")
        assert await scene.platform.turns.run(scene.conversation) is not None

    held = hold(lamps, interrupted)

    replayed = rerun(held)

    assert [turn.outcome for turn in replayed.turns] == ["same", "same"]
    assert "sold out" in find_text(replayed.turns[1].events)


CLAUDE_SAID = (
    # One tool, then a reply with a slot.
    Reply(tool="search_products", arguments={"query": "lamps"}),
    Reply(text="Here are some lamps. The Brim lamp is {{price:BRIM-Y}} now. It is yellow."),
    # Two tools side by side, then a claim that is false, and its correction.
    Reply(
        tool="look_at_product",
        arguments={"sku": "BRIM-Y"},
        tools=(("get_policy", {"name": "returns"}),),
    ),
    Reply(text="It costs €1.00 today. You will like it."),
    Reply(text="It costs {{price:BRIM-Y}} today."),
    # The service is down: the built-in planner answers.
    Reply(status=500),
    Reply(status=500),
)


def find_spent(events: tuple[Event, ...]) -> tuple[Any, ...]:
    """What the model was asked first, what each call took, and what was kept of its answers and of the shop's."""
    (made,) = (event for event in events if isinstance(event, DecisionMade))
    assert made.basis is not None
    return made.decision.prompt, made.decision.calls, made.basis.heard, made.basis.answers


def test_what_claude_said_runs_again_through_the_same_loop_without_claude(lamps: MerchantId) -> None:
    with running_messages_api() as api:
        api.replies.extend(CLAUDE_SAID)
        claude = build_planner(api_key="k", model="claude-of-the-tests", base_url=api.url)
        said = ("show me lamps", "what about the Brim lamp?", "qwerty uiop")
        held = hold(lamps, lambda scene: scene.say(*said), claude=claude)
        asked = len(api.requests)

        then = rerun(held)
        set_price(lamps, "BRIM-Y", "35.00")
        now = rerun(held, facts="now")

        assert (asked, len(api.requests)) == (len(CLAUDE_SAID), len(CLAUDE_SAID))
    planners = [each.event.decision.planner for each in held.events if isinstance(each.event, DecisionMade)]
    assert planners == ["claude", "claude", "builtin"]
    assert [(turn.outcome, turn.reason, turn.differences) for turn in then.turns] == [("same", "", ())] * 3
    # To the last field: the digest of the prompt, the tokens and what was kept of the model's answers as well.
    replayed = [tuple(map(without_duration, turn.events)) for turn in then.turns]
    committed = list_committed(held)
    assert (replayed[0], replayed[2]) == (committed[0], committed[2])
    # What two tools side by side put down lies among each other as it came, so here all but the order is held.
    assert Counter(map(type, replayed[1])) == Counter(map(type, committed[1]))
    assert find_spent(replayed[1]) == find_spent(committed[1])
    assert "The Brim lamp is €39.00 now. It is yellow." in find_text(then.turns[0].events)
    assert [turn.outcome for turn in now.turns] == ["different", "different", "same"]
    assert "€35.00" in find_text(now.turns[0].events)


def test_a_turn_that_would_ask_claude_once_more_took_another_way(lamps: MerchantId) -> None:
    with running_messages_api() as api:
        api.replies.extend([Reply(text="It costs €1.00."), Reply(text="Which lamp do you mean?")])
        claude = build_planner(api_key="k", model="claude-of-the-tests", base_url=api.url)
        held = hold(lamps, lambda scene: scene.say("hello"), claude=claude)

    def forget_the_last(recorded: Recorded) -> Recorded:
        made = recorded.event
        if not isinstance(made, DecisionMade) or made.basis is None:
            return recorded
        heard = msgspec.json.decode(zlib.decompress(made.basis.heard))
        basis = msgspec.structs.replace(made.basis, heard=zlib.compress(msgspec.json.encode(heard[:1])))
        return msgspec.structs.replace(recorded, event=msgspec.structs.replace(made, basis=basis))

    (turn,) = rerun_forged(held, forget_the_last)

    assert (turn.outcome, turn.reason) == (
        "different",
        "The model was asked 1 times then, and would be asked once more now.",
    )


def test_what_another_planner_said_is_not_run_again(lamps: MerchantId) -> None:
    class Stranger:
        name = "claude"

        async def answer(self, scene: BuiltinScene, *, door: ModelDoor, attempt: Attempt) -> None:
            await scene.voice.say("I would rather not say.")
            attempt.used = Used(model="m", input_tokens=1, output_tokens=1)

    held = hold(lamps, lambda scene: scene.say("show me lamps by Ostra"), claude=Stranger())

    replayed = rerun(held)

    assert [(turn.outcome, turn.reason) for turn in replayed.turns] == [
        ("not_replayed", "what claude answered was not kept")
    ]
    assert replayed.is_same


def test_a_waiting_message_has_nothing_to_replay(lamps: MerchantId) -> None:
    async def leave(scene: Scene) -> None:
        conversations = scene.platform.conversations
        await conversations.record_message(
            conversation=scene.conversation, cid="only", text="hello?", at=OPENED
        )
        taken = await conversations.take_turn(conversation=scene.conversation, at=OPENED)
        assert taken is not None
        await conversations.drop_turn(turn=taken)

    replayed = rerun(hold(lamps, leave))

    assert [(turn.said, turn.outcome, turn.reason) for turn in replayed.turns] == [
        ("hello?", "not_replayed", "it is not answered yet")
    ]


def test_a_decision_that_this_code_would_not_make_is_found(lamps: MerchantId) -> None:
    """The check itself is checked: a journal of a planner that shows more stock is told apart."""
    held = hold(lamps, lambda scene: scene.say("show me lamps by Ostra"))

    (turn,) = rerun_forged(held, show_more_stock)

    assert turn.outcome == "different"
    assert [(each.path, each.before, each.after) for each in turn.differences] == [
        ("cards.BRIM-Y.stock", "99", "5")
    ]


def rerun_forged(held: Held, forge: Callable[[Recorded], Recorded]) -> tuple[TurnReplayed, ...]:
    """The turns of a journal that was tampered with, run again."""

    async def run() -> tuple[TurnReplayed, ...]:
        async with open_platform(quiet=True) as platform:
            forged = Rerun(
                conversation=held.conversation,
                events=tuple(map(forge, held.events)),
                turns=platform.turns,
                words=platform.words,
                sources=build_sources(pool=platform.pool),
                facts="then",
                now=OPENED,
            )
            return await forged.run()

    return asyncio.run(run())


BASES = {
    "without one": (None, "it was made before answers of the shop were kept"),
    "of a newer shape": ({"answers": zlib.compress(b'{"context": 1}')}, "The kept answers cannot be read: "),
    "without its words": ({"words": "gone"}, "the shop's words of then were not put on record"),
}


@pytest.mark.parametrize("kept", BASES)
def test_a_decision_whose_basis_is_lost_says_so(lamps: MerchantId, kept: str) -> None:
    changes, reason = BASES[kept]

    def lose(recorded: Recorded) -> Recorded:
        made = recorded.event
        if not isinstance(made, DecisionMade):
            return recorded
        assert made.basis is not None
        basis = None if changes is None else msgspec.structs.replace(made.basis, **changes)
        return msgspec.structs.replace(recorded, event=msgspec.structs.replace(made, basis=basis))

    (turn,) = rerun_forged(hold(lamps, lambda scene: scene.say("show me lamps by Ostra")), lose)

    assert (turn.outcome, turn.reason[: len(reason)]) == ("not_replayed", reason)


def show_more_stock(recorded: Recorded) -> Recorded:
    event = recorded.event
    if not isinstance(event, CardsShown):
        return recorded
    cards = tuple(
        msgspec.structs.replace(card, stock=99) if card.ref.key == "BRIM-Y" else card for card in event.cards
    )
    return msgspec.structs.replace(recorded, event=msgspec.structs.replace(event, cards=cards))


def test_a_state_that_is_not_the_fold_of_its_journal_is_found(
    lamps: MerchantId, capsys: pytest.CaptureFixture[str]
) -> None:
    held = hold(lamps, lambda scene: scene.say("show me lamps by Ostra"))

    async def plant(state: ConversationState) -> None:
        async with open_platform(quiet=True) as platform:
            await platform.redis.delete(f"{platform.prefix}{{{held.conversation}}}:state")
            assert await platform.projection.write(conversation=held.conversation, state=state)

    right = fold_up_to(held.events)
    asyncio.run(plant(msgspec.structs.replace(right, frames=right.frames + 1)))

    code, told = replay(held, capsys=capsys)

    assert (code, told["same"]) == (1, False)
    assert [each["path"] for each in told["state"]["differences"]] == ["frames"]


def test_an_unknown_conversation_is_an_error(database: str) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("replay", str(uuid4()))

    assert refused.value.returncode == 2


def test_people_read_what_came_out_otherwise(lamps: MerchantId, capsys: pytest.CaptureFixture[str]) -> None:
    held = hold(lamps, lambda scene: scene.say("show me lamps by Ostra"))
    set_price(lamps, "BRIM-Y", "35.00")

    with pytest.raises(SystemExit) as left:
        call_command("replay", held.conversation, "--facts", "now")

    said = capsys.readouterr().out
    assert left.value.code == 1
    assert "≠   1  show me lamps by Ostra" in said
    assert "1 turns: 1 came out otherwise, 0 were not run again." in said


def test_the_graph_of_a_real_conversation_says_what_each_reply_stood_on(lamps: MerchantId) -> None:
    held = hold(lamps, ten_turns)
    graph = build_graph(held.events)
    green = EntityRef("variant", "MEADOW-G")

    words = [(each.mention.turn, each.mention.reference.text) for each in list_mentions(graph, ref=green)]
    assert (2, "the green one") in words
    told = list_told(graph)
    assert {each.turn for each in told} == {1, 2, 3, 7, 8, 9}
    decisions = {node.turn: node.decision for node in graph.nodes.values() if isinstance(node, DecisionNode)}
    assert sorted(decisions) == list(range(1, 11))
    for each in told:
        assert each.fact in get_grounds(graph, decision=decisions[each.turn]).facts
    policies = [(fact.name, fact.value) for fact in get_grounds(graph, decision=decisions[2]).facts]
    assert ("policy.returns", "Lamps go back within 60 days.") in policies
