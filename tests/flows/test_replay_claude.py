"""What Claude said in a recorded conversation runs again without Claude."""

import zlib
from collections import Counter
from typing import Any

import msgspec
import pytest

from catalog.ids import MerchantId
from catalog.models import Merchant
from commerce_agent.agent.builtin.scene import Scene as BuiltinScene
from commerce_agent.agent.claude.planner import build_planner
from commerce_agent.agent.closing import Used
from commerce_agent.agent.speaking import Attempt
from commerce_agent.agent.spending.model_door import ModelDoor
from commerce_agent.decoding import decode_json
from conversations.events import Event, Recorded
from conversations.events.decisions import DecisionMade, ModelCalled
from tests.agent.messages_api import Reply, running_messages_api
from tests.flows.recordings import (
    find_text,
    hold,
    list_committed,
    set_price,
    without_duration,
)
from tests.flows.reruns import rerun, rerun_forged

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


@pytest.mark.parametrize(
    "told", [{"allowed_origins": ["https://lamps.example"]}, {"shop_url": "https://lamps.example/en/"}]
)
def test_a_link_to_the_shop_runs_again_as_one(lamps: MerchantId, told: dict[str, Any]) -> None:
    Merchant.objects.filter(pk=lamps).update(**told)
    with running_messages_api() as api:
        api.replies.append(Reply(text="See [our lamps](https://lamps.example/all). Which one do you like?"))
        claude = build_planner(api_key="k", model="claude-of-the-tests", base_url=api.url)
        held = hold(lamps, lambda scene: scene.say("hello"), claude=claude)

    (turn,) = rerun(held).turns

    assert "https://lamps.example/all" in find_text(list_committed(held)[0])
    assert (turn.outcome, turn.differences) == ("same", ())


def test_a_turn_that_would_ask_claude_once_more_took_another_way(lamps: MerchantId) -> None:
    with running_messages_api() as api:
        api.replies.extend([Reply(text="It costs €1.00."), Reply(text="Which lamp do you mean?")])
        claude = build_planner(api_key="k", model="claude-of-the-tests", base_url=api.url)
        held = hold(lamps, lambda scene: scene.say("hello"), claude=claude)

    def forget_the_last(recorded: Recorded) -> Recorded:
        made = recorded.event
        if not isinstance(made, DecisionMade) or made.basis is None:
            return recorded
        heard = decode_json(zlib.decompress(made.basis.heard))
        basis = msgspec.structs.replace(made.basis, heard=zlib.compress(msgspec.json.encode(heard[:1])))
        return msgspec.structs.replace(recorded, event=msgspec.structs.replace(made, basis=basis))

    (turn,) = rerun_forged(held, forget_the_last)

    assert (turn.outcome, turn.reason) == (
        "different",
        "The model was asked 1 times then, and would be asked once more now.",
    )

    def break_off_first(recorded: Recorded) -> Recorded:
        made = recorded.event
        if not isinstance(made, DecisionMade):
            return recorded
        broken = ModelCalled(message="", stop_reason="APIConnectionError", broken=True)
        decision = msgspec.structs.replace(made.decision, calls=(broken, *made.decision.calls))
        return msgspec.structs.replace(recorded, event=msgspec.structs.replace(made, decision=decision))

    (turn,) = rerun_forged(held, break_off_first)
    assert turn.outcome == "same"


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
    assert (replayed.is_same, replayed.is_different, replayed.exit_code) == (False, False, 2)
