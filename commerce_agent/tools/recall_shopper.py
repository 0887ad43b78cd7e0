"""Reads what is remembered of the shopper from earlier visits."""

import msgspec

from commerce_agent.tools.desk import Desk
from commerce_agent.tools.memory import Remembered
from commerce_agent.tools.recording import recorded

DESCRIPTION = (
    "Look up what is remembered of this shopper from earlier visits: sizes, likes and dislikes, what they looked at. "
    "Nothing is remembered of an anonymous shopper, nor of one who has not agreed to it."
)


class Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Nothing to say: the shopper is known to the server, or is not."""


@recorded("recall_shopper")
async def run(desk: Desk, arguments: Arguments) -> Remembered | None:  # noqa: ARG001
    """What may be used now; None of an anonymous shopper. That it was read goes on the record of accesses."""
    return await desk.shop.recall_shopper()
