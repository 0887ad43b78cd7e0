"""Asks for a person."""

import msgspec

from commerce_agent.tools.desk import Desk
from commerce_agent.tools.recording import recorded
from conversations.events.visits import HandoffRequested

DESCRIPTION = "Hand the conversation to a person when the shopper asks for one or you cannot help."


class Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the person should know."""

    reason: str


class Called(msgspec.Struct, frozen=True, kw_only=True):
    """The request is on record."""

    already: bool


@recorded("call_person")
async def run(desk: Desk, arguments: Arguments) -> Called:
    """Records the request once."""
    already = desk.trail.state.transcript.handed_off
    if not already:
        desk.trail.record(HandoffRequested(text=arguments.reason))
    return Called(already=already)
