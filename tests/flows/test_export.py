"""A recorded conversation becomes a script that runs and gives the same again."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml
from django.core.management import CommandError, call_command

from catalog.ids import MerchantId
from conversations.events import Event
from conversations.events.carts import ProposalResolved
from conversations.events.messages import CardsShown, FeedbackGiven, ShopperSpoke
from conversations.events.visits import HandoffEnded
from conversations.ids import ClientMessageId, EntityRef
from tests.flows.conftest import Converse
from tests.flows.recordings import Held, Scene, find_text, hold, list_committed, set_price
from tests.naming import name_shopper


def test_the_exported_script_runs_and_shows_the_same(
    lamps: MerchantId, converse: Converse, tmp_path: Path
) -> None:
    async def buy(scene: Scene) -> None:
        await scene.say("show me lamps by Ostra", "what is the return policy on the green one?")
        await scene.sell_out("BRIM-Y")
        await scene.say("is the Brim lamp still there?", "I'll take the green one", "check out")
        await scene.confirm()
        await scene.say("show me lamps under 100 euros")

    held = hold(lamps, buy)
    set_price(lamps, "MEADOW-G", "95.00")
    out = tmp_path / "again.yaml"

    call_command("export_script", held.conversation, "--out", str(out))

    steps = converse(out)
    assert [(step["kind"], step["said"]) for step in steps if step["kind"] != "advance"] == [
        ("say", "show me lamps by Ostra"),
        ("say", "what is the return policy on the green one?"),
        ("event", None),
        ("say", "is the Brim lamp still there?"),
        ("say", "I'll take the green one"),
        ("say", "check out"),
        ("confirm", None),
        ("say", "show me lamps under 100 euros"),
    ]
    told = list_committed(held)
    said = [step for step in steps if step["kind"] == "say"]
    assert [step["cards"] for step in said] == [list_cards(events) for events in told]
    assert [step["reply"] for step in said] == [find_text(events) for events in told]
    (news,) = (step["notices"] for step in steps if step["kind"] == "event")
    assert [(notice["kind"], notice["sku"]) for notice in news] == [("stock.changed", "BRIM-Y")]
    (ordered,) = (step["order"] for step in steps if step["kind"] == "confirm")
    assert (ordered["lines"][0]["sku"], ordered["total"]) == ("MEADOW-G", 80.0)


def list_cards(events: tuple[Event, ...]) -> list[str]:
    return [card.ref.key for event in events if isinstance(event, CardsShown) for card in event.cards]


def test_without_a_file_the_script_goes_to_standard_output(
    lamps: MerchantId, capsys: pytest.CaptureFixture[str]
) -> None:
    held = hold(lamps, lambda scene: scene.say("show me lamps by Ostra", "and the yellow one?"))
    capsys.readouterr()

    call_command("export_script", held.conversation)

    written = yaml.safe_load(capsys.readouterr().out)
    assert written["turns"] == [
        {"say": "show me lamps by Ostra"},
        {"advance": 20.0},
        {"say": "and the yellow one?"},
    ]


def test_a_named_shoppers_tier_orders_and_policies_go_with_the_script(
    demo_shop: MerchantId, converse: Converse, tmp_path: Path
) -> None:
    async def ask(scene: Scene) -> None:
        await scene.say(
            "I'm looking for running shoes under $100",
            "what's the return policy on the blue one?",
            "show me something lighter",
            "where is my order?",
            "any promotions?",
        )

    shopper = name_shopper(demo_shop, key="s-maren")
    held = hold(demo_shop, ask, shopper=shopper, currency="USD")
    out = tmp_path / "again.yaml"

    call_command("export_script", held.conversation, "--out", str(out))

    script = yaml.safe_load(out.read_text(encoding="utf-8"))
    assert (script["shopper"]["id"], script["shopper"]["tier"]) == ("s-maren", "gold")
    assert script["shopper"]["orders"]
    told = list_committed(held)
    said = [step for step in converse(out) if step["kind"] == "say"]
    assert [step["reply"] for step in said] == [find_text(events) for events in told]
    assert [step["cards"] for step in said] == [list_cards(events) for events in told]


def test_a_declined_proposal_is_a_step_that_declines_again(
    lamps: MerchantId, converse: Converse, tmp_path: Path
) -> None:
    async def think_better_of_it(scene: Scene) -> None:
        await scene.say("show me lamps by Ostra", "I'll take the green one", "check out")
        await scene.press("decline")
        await scene.say("show me lamps under 100 euros")

    held = hold(lamps, think_better_of_it)
    out = tmp_path / "again.yaml"

    call_command("export_script", held.conversation, "--out", str(out))

    written = yaml.safe_load(out.read_text(encoding="utf-8"))["turns"]
    assert [step for step in written if "decline" in step or "confirm" in step] == [{"decline": "latest"}]
    steps = converse(out)
    (declined,) = (step for step in steps if step["kind"] == "decline")
    assert (declined["order"], declined["reply"]) == (None, _find_resolved(held).text)
    assert (steps[-1]["proposal"], steps[-1]["reply"]) == (None, find_text(list_committed(held)[-1]))


def test_an_offer_that_was_declined_in_words_is_declined_by_the_same_words(
    lamps: MerchantId, converse: Converse, tmp_path: Path
) -> None:
    held = hold(
        lamps,
        lambda scene: scene.say(
            "show me lamps by Ostra", "I'll take the green one", "check out", "no, don't order it"
        ),
    )
    out = tmp_path / "again.yaml"

    call_command("export_script", held.conversation, "--out", str(out))

    declined, said = _find_resolved(held).text, find_text(list_committed(held)[-1])
    written = yaml.safe_load(out.read_text(encoding="utf-8"))["turns"]
    assert [step for step in written if "advance" not in step] == [
        {"say": "show me lamps by Ostra"},
        {"say": "I'll take the green one"},
        {"say": "check out"},
        {"say": "no, don't order it"},
    ]
    steps = converse(out)
    assert (steps[-1]["proposal"], steps[-1]["reply"]) == (None, f"{declined}\n\n{said}")


def _find_resolved(held: Held) -> ProposalResolved:
    (resolved,) = (each.event for each in held.events if isinstance(each.event, ProposalResolved))
    assert resolved.status == "declined"
    return resolved


def test_what_an_earlier_message_pointed_at_is_listed_where_the_turn_went_by_a_later_one(
    lamps: MerchantId, capsys: pytest.CaptureFixture[str]
) -> None:
    green, yellow = EntityRef("variant", "MEADOW-G"), EntityRef("variant", "BRIM-Y")

    async def point_twice(scene: Scene) -> None:
        await scene.say("show me lamps by Ostra")
        for number, pointed in enumerate(((green,), (), (yellow,), (yellow,))):
            await scene.platform.conversations.record_message(
                conversation=scene.conversation,
                cid=ClientMessageId(f"pointing-{number}"),
                text="how much is this?",
                at=scene.clock.now,
                refs=pointed,
            )
        assert await scene.platform.turns.run(scene.conversation) is not None

    held = hold(lamps, point_twice)
    first = next(each.seq for each in held.events if isinstance(each.event, ShopperSpoke) and each.event.refs)
    capsys.readouterr()

    call_command("export_script", held.conversation, "--json")
    told = json.loads(capsys.readouterr().out)

    assert yaml.safe_load(told["script"])["turns"][-1] == {
        "say": "\n".join(["how much is this?"] * 4),
        "about": ["BRIM-Y"],
    }
    assert told["left_out"] == [
        {
            "seq": first,
            "what": "what a message pointed at, where a later one pointed elsewhere: MEADOW-G",
        }
    ]


async def _leave_a_rest(scene: Scene) -> None:
    """A talk with what no step can tell: a rating, a hand-over from outside, a message without an answer."""
    conversations, now = scene.platform.conversations, scene.clock.now
    await scene.say("show me lamps by Ostra")
    rest = (FeedbackGiven(of_turn=1, score="good"), HandoffEnded(text="Hello again."))
    await conversations.record_arrivals(conversation=scene.conversation, events=rest, at=now)
    await conversations.record_message(
        conversation=scene.conversation, cid=ClientMessageId("unanswered"), text="anybody there?", at=now
    )


LEFT_OUT = [
    "the rating of turn 1: good",
    "the merchant's system gave the talk back to the assistant",
    "a message that was never answered",
]


def test_what_no_step_can_tell_is_listed_and_never_just_missing(
    lamps: MerchantId, capsys: pytest.CaptureFixture[str]
) -> None:
    held = hold(lamps, _leave_a_rest)
    seqs = [event.seq for event in held.events][-3:]
    capsys.readouterr()

    call_command("export_script", held.conversation, "--json")
    told = json.loads(capsys.readouterr().out)
    call_command("export_script", held.conversation)
    plain = capsys.readouterr()

    assert told["left_out"] == [{"seq": seq, "what": what} for seq, what in zip(seqs, LEFT_OUT, strict=True)]
    assert (told["file"], yaml.safe_load(told["script"])["turns"]) == (
        None,
        [{"say": "show me lamps by Ostra"}],
    )
    listed = [f"Left out: {what} (event {seq})." for seq, what in zip(seqs, LEFT_OUT, strict=True)]
    assert plain.out == told["script"]
    assert [line for line in plain.out.splitlines() if "Left out" in line] == [f"# {line}" for line in listed]
    assert plain.err.splitlines() == listed


def test_nothing_is_said_to_be_left_out_where_every_step_is_there(
    lamps: MerchantId, capsys: pytest.CaptureFixture[str]
) -> None:
    async def buy(scene: Scene) -> None:
        await scene.say("show me lamps by Ostra", "I'll take the green one", "check out")
        await scene.confirm()
        await scene.sell_out("BRIM-Y")

    held = hold(lamps, buy)
    capsys.readouterr()

    call_command("export_script", held.conversation, "--json")

    assert json.loads(capsys.readouterr().out)["left_out"] == []


@pytest.mark.parametrize(
    ("turns", "refusal"),
    [
        (
            [{"say": "hello"}, {"say": "and this?", "about": ["BRIM-Y"]}],
            "step 2: about: nothing has shown BRIM-Y",
        ),
        ([{"advance": 5, "about": ["BRIM-Y"]}], "step 1: about stands beside say"),
        ([{"say": "hi", "page": {"product": "BRIM-Y"}}], "step 1: give exactly one of"),
    ],
)
def test_what_cannot_be_pointed_at_is_refused(
    converse: Converse, turns: list[dict[str, Any]], refusal: str
) -> None:
    with pytest.raises(CommandError, match=refusal):
        converse(turns)


def test_an_unknown_conversation_cannot_be_exported(database: str) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("export_script", str(uuid4()))

    assert refused.value.returncode == 2
