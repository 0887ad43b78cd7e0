"""What a hint brings along, and what is left for the socket to read in the journal."""

from typing import Any

import pytest
from channels.layers import BaseChannelLayer
from typing_extensions import override

from commerce_agent.announcing import announce_through
from conversations.events import Recorded
from conversations.events.messages import ReplyGiven, TurnStarted
from conversations.ids import ClientMessageId, ConversationId
from tests.conversations.state.talking import NOON

TALK = ConversationId("0197f3f2-0000-7000-8000-000000000001")


class Heard(BaseChannelLayer):
    """A layer that remembers what was sent."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[dict[str, Any]] = []

    @override
    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        self.sent.append(message)


@pytest.mark.parametrize(
    ("event", "is_carried"),
    [
        (TurnStarted(turn=1, cids=(ClientMessageId("m1"),)), False),
        (ReplyGiven(turn=1, text="These."), True),
    ],
)
async def test_a_start_is_hinted_at_and_not_brought_along(
    event: TurnStarted | ReplyGiven, is_carried: bool
) -> None:
    layer = Heard()
    recorded = Recorded(seq=3, frame=2, at=NOON, turn=1, event=event)

    await announce_through(layer)(TALK, (recorded,))

    (hint,) = layer.sent
    assert (hint["type"], hint["head"]) == ("conversation.frame", 2)
    assert ("frames" in hint) is is_carried
