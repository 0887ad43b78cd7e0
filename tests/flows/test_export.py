"""A recorded conversation becomes a script that runs and gives the same again."""

from pathlib import Path
from uuid import uuid4

import pytest
import yaml
from django.core.management import CommandError, call_command

from catalog.ids import MerchantId
from conversations.events import Event
from conversations.events.messages import CardsShown
from tests.flows.conftest import Converse
from tests.flows.recordings import Scene, find_text, hold, list_committed, set_price
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


def test_an_unknown_conversation_cannot_be_exported(database: str) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("export_script", str(uuid4()))

    assert refused.value.returncode == 2
