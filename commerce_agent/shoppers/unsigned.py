"""What was ordered in a conversation while nobody was signed in: only the conversation says whose it is."""

import structlog

from commerce_agent.composition import Platform
from conversations.events.carts import ProposalResolved
from conversations.ids import ConversationId
from conversations.service import KeyDestroyed, NoSuchConversation, UnknownSchema, UnreadableEvent

log = structlog.get_logger(__name__)


async def list_orders_of(
    platform: Platform, *, talks: tuple[ConversationId, ...], whole: bool = False
) -> tuple[str, ...]:
    """The numbers of the orders that these conversations placed, whoever was signed in.

    Raises `MissingKey`, `WrongKey` and `UnknownSchema`: with the right key, or the newer release, they can be read. A
    damaged conversation names no order; where the `whole` is asked for it raises `UnreadableEvent`.
    """
    numbers: list[str] = []
    for talk in talks:
        try:
            resolved = await platform.conversations.list_events(conversation=talk, kind="proposal.resolved")
        except (KeyDestroyed, NoSuchConversation):
            continue
        except UnknownSchema:
            raise
        except UnreadableEvent as damage:
            if whole:
                raise
            log.warning("orders.unreadable", conversation=talk, reason=str(damage))
            continue
        for recorded in resolved:
            match recorded.event:
                case ProposalResolved(status="accepted", kind="order", order=str(number)):
                    numbers.append(number)
                case _:
                    pass
    return tuple(numbers)
