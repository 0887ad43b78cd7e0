"""What a conversation with one client goes through, whether that is a socket or plain requests."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

import msgspec

from commerce_agent.chat import protocol
from conversations.ids import ConversationId


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """What a session speaks through."""

    send: Callable[[protocol.Outbound], Awaitable[None]]
    subscribe: Callable[[ConversationId], None]
    """Begins to listen, and has the session catch up once it hears."""
    unsubscribe: Callable[[], Awaitable[None]]
    tell: Callable[[ConversationId, Mapping[str, object]], Awaitable[bool]]
    """Gives a hint to every socket of the conversation, in every process; whether it is on its way to them."""
    now: Callable[[], datetime]
    monotonic: Callable[[], float]
    address: str = ""
    """Where the client is; empty where that is not known."""
