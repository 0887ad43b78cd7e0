"""A recorded conversation runs again: the same with the facts of then, different where the facts of now are."""

import asyncio
import json
import zlib
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from redis import Redis

from catalog.ids import MerchantId
from catalog.models import Order
from commerce_agent.agent.shop.words import ShopWordsKeeper
from commerce_agent.composition import open_platform
from commerce_agent.models import Case, CaseNote, ModelSpend
from conversations.events import Recorded
from conversations.events.decisions import DecisionMade
from conversations.events.messages import CardsShown
from conversations.graph import DecisionNode, build_graph, get_grounds, list_mentions, list_told
from conversations.ids import EntityRef
from conversations.replay import fold_up_to
from conversations.state import ConversationState
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
from tests.flows.reruns import rerun, rerun_forged
from tests.naming import name_shopper

Told = dict[str, Any]
COUNTS = (b":api-rate:", b":budget:", b":recent:", b"_kombu.binding")
"""In the names of keys whose counts run out by themselves, other tests' among them, and of what workers listen to."""


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


OF_NO_SHOP = {"Operator", "SavedView", "AccessRecord", "AccessHead"}
"""People and what they keep for themselves; and where it stands that a talk was looked at: of a replay, too."""
OWNED = {"Merchant": "pk", "CaseFlag": "case__merchant_id", "CaseNote": "case__merchant_id"}
"""By what a row is a merchant's, where it does not name it itself."""


def list_rows(merchant: MerchantId) -> dict[str, list[Any]]:
    """Every row of all three packages that belongs to the merchant."""
    named = ("conversations", "catalog", "commerce_agent")
    models = [model for name in named for model in apps.get_app_config(name).get_models()]
    return {
        model.__name__: sorted(
            map(repr, model.objects.filter(**{OWNED.get(model.__name__, "merchant_id"): merchant}).values())
        )
        for model in models
        if model.__name__ not in OF_NO_SHOP
    }


def list_keys() -> dict[bytes, bytes]:
    """Everything this run keeps in Redis, as Redis itself would dump it, but for counts that run out by themselves."""
    client = Redis.from_url(settings.REDIS_URL)
    found = client.scan_iter(match=f"{settings.REDIS_PREFIX}*", count=500)
    keys = sorted(key for key in found if not any(count in key for count in COUNTS))
    kept = {key: dumped for key in keys if (dumped := client.dump(key)) is not None}
    client.close()
    return kept


def test_rows_that_are_compared_are_those_of_every_package(lamps: MerchantId) -> None:
    before = list_rows(lamps)

    ModelSpend.objects.create(merchant_id=lamps, day=OPENED.date(), micros=5, calls=1)
    case = Case.objects.create(pk=uuid4(), merchant_id=lamps, opened_at=OPENED, changed_at=OPENED)
    CaseNote.objects.create(case=case, text="Seen.", at=OPENED)

    after = list_rows(lamps)
    assert {name for name, rows in after.items() if rows != before[name]} == {
        "ModelSpend",
        "Case",
        "CaseNote",
    }
    case.delete()


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
        ("hello?", "undecided", "it is not answered yet")
    ]
    assert (replayed.is_same, replayed.exit_code) == (True, 0)


def test_a_decision_that_this_code_would_not_make_is_found(lamps: MerchantId) -> None:
    """The check itself is checked: a journal of a planner that shows more stock is told apart."""
    held = hold(lamps, lambda scene: scene.say("show me lamps by Ostra"))

    (turn,) = rerun_forged(held, show_more_stock)

    assert turn.outcome == "different"
    assert [(each.path, each.before, each.after) for each in turn.differences] == [
        ("cards.BRIM-Y.stock", "99", "5")
    ]


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


def test_a_turn_that_could_not_be_run_again_is_no_turn_that_came_out_the_same(
    lamps: MerchantId, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shop's words of then are not on record any more."""

    async def talk(scene: Scene) -> None:
        await scene.say("show me lamps by Ostra", "how much is the green one?")

    held = hold(lamps, talk)

    async def find_words(keeper: ShopWordsKeeper, **asked: object) -> None:
        """Nothing is there."""

    monkeypatch.setattr(ShopWordsKeeper, "find_words", find_words)

    code, told = replay(held, capsys=capsys)

    assert (code, told["same"], told["whole"]) == (2, False, False)
    reason = "the shop's words of then were not put on record"
    assert [(turn["outcome"], turn["reason"]) for turn in told["turns"]] == [("not_replayed", reason)] * 2
    set_price(lamps, "BRIM-Y", "35.00")
    assert replay(held, "--facts", "now", capsys=capsys)[0] == 1


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
    assert "1 turns: 1 came out otherwise, 0 could not be run again." in said


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
