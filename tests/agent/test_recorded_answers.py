"""What a model answered is kept in the journal, and answers again for ever, in whichever schema it was stored."""

import pytest

from commerce_agent.agent.claude.calling import begin_deadline
from commerce_agent.agent.claude.recalled import ModelNotAsked, RecalledLine
from conversations.events import EVENT_SCHEMA
from conversations.events.decisions import DecisionMade
from tests.conversations.state.recordings import read_recording

FIRST_KEPT = 3
"""The schema since which a decision keeps what the model answered."""


def find_heard(schema: int) -> bytes:
    made = (each.event for each in read_recording(schema) if isinstance(each.event, DecisionMade))
    return next(decision.basis.heard for decision in made if decision.basis and decision.basis.heard)


@pytest.mark.parametrize("schema", [schema for schema in EVENT_SCHEMA if schema >= FIRST_KEPT])
async def test_a_recorded_answer_of_a_model_is_answered_again(schema: int) -> None:
    line = RecalledLine(heard=find_heard(schema), deadline=begin_deadline(1.0))
    pieces: list[str] = []

    async def hear(piece: str) -> None:
        pieces.append(piece)

    asked = {"diagnostics": {"previous_message_id": None}}
    heard = await line.ask(asked, hear=hear)

    assert pieces == ["The Meadow ", "Runner is $89."]
    assert [block.type for block in heard.message.content] == ["tool_use", "text"]
    (call,) = line.calls
    assert (call.message, call.input_tokens, call.output_tokens) == ("msg_1", 900, 40)
    with pytest.raises(ModelNotAsked):
        await line.ask(asked, hear=hear)
