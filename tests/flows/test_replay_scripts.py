"""Time travel over scripted conversations of every kind: rebuilt, replayed, exported and held again."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import call_command

from commerce_agent.composition import open_platform
from commerce_agent.replaying.reading import replay_conversation
from commerce_agent.scripted.playing import play
from commerce_agent.scripted.running import Played
from commerce_agent.scripted.script import Script, read_script
from commerce_agent.scripted.stage import Stage, set_stage
from conversations.ids import ConversationId
from conversations.models import Conversation
from conversations.replay import compare_states
from conversations.state import ConversationState

SCRIPTS = Path(__file__).parent.parent / "scripts"
CONVERSATIONS = Path(__file__).parent.parent / "conversations" / "scripts"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TALKS = (
    *(
        SCRIPTS / name
        for name in ("lamps", "talk_furniture", "talk_groceries", "talk_instruments", "running_shoes")
    ),
    *(
        CONVERSATIONS / name
        for name in (
            "a_promotion_that_starts_in_mid_talk",
            "a_promotion_that_ends_in_mid_talk",
            "a_shopper_who_signs_in_and_loses_the_tier",
            "a_sale_that_ends_while_we_talk",
            "five_euros_off_lights_with_a_code",
            "a_cart_changed_while_the_offer_stands",
            "an_order_cancelled_before_it_leaves",
            "inventory_cannot_be_reached",
            "policies_out_of_reach",
            "the_promotions_cannot_be_reached",
            "cancelled_when_nobody_keeps_the_orders",
            "a_reply_to_a_card_and_a_page_that_is_looked_at",
            "a_shopper_who_turns_to_German",
            "une_guitare_qui_repart",
        )
    ),
)


def hold(script: Script, stage: Stage) -> tuple[Played, ...]:
    async def collect() -> tuple[Played, ...]:
        return tuple([step async for step in play(script, stage=stage, now=NOW)])

    return asyncio.run(collect())


async def rebuild_each(
    conversation: ConversationId, versions: tuple[int, ...]
) -> tuple[ConversationState, ...]:
    async with open_platform(quiet=True) as platform:
        return tuple(
            [
                await platform.conversations.rebuild(conversation=conversation, up_to=version)
                for version in versions
            ]
        )


def list_replies(steps: tuple[Played, ...]) -> list[tuple[str, str]]:
    """What was said and answered, step by step."""
    return [
        (step.step.say, step.after.transcript.tail[-1].replied) for step in steps if step.step.say is not None
    ]


@pytest.mark.parametrize("talk", TALKS, ids=[path.name for path in TALKS])
def test_a_scripted_talk_is_rebuilt_replayed_and_held_again(
    database: str, tmp_path: Path, talk: Path
) -> None:
    script, out = read_script(talk.with_suffix(".yaml")), tmp_path / "again.yaml"
    with set_stage(script, now=NOW) as stage:
        steps = hold(script, stage)
        row = Conversation.objects.get(merchant_id=stage.merchant)
        conversation = ConversationId(str(row.id))

        rebuilt = asyncio.run(rebuild_each(conversation, tuple(step.after.version for step in steps)))
        replayed = asyncio.run(replay_conversation(conversation=conversation, facts="then", now=NOW))
        call_command("export_script", conversation, "--out", str(out))

    for step, state in zip(steps, rebuilt, strict=True):
        assert compare_states(before=state, after=step.after) == ()
    assert [(turn.outcome, turn.reason, turn.differences) for turn in replayed.turns] == [
        ("same", "", ())
    ] * len(list_replies(steps))
    assert replayed.is_same

    again = read_script(out)
    with set_stage(again, now=NOW) as stage:
        assert list_replies(hold(again, stage)) == list_replies(steps)
