"""What the API is handed by the project that serves it."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol

import msgspec

from conversations.accesses import Access
from conversations.api.bodies import ErasedAnswer
from conversations.ids import ConversationId, MerchantId, ShopperId
from conversations.service import Conversations, Reader


class ShopTerms(msgspec.Struct, frozen=True, kw_only=True):
    """What a new conversation takes from its shop."""

    locale: str
    currency: str


class Exported(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is kept of a shopper."""

    body: bytes
    """JSON."""
    page: str
    """The same for people."""


class Listening(Protocol):
    """Hears of one conversation from the moment it was made."""

    async def wait(self, *, seconds: float) -> bool:
        """Returns True once something may have been appended, False when so many seconds have passed."""
        ...

    async def close(self) -> None:
        """Ends the listening."""
        ...


class Ports(msgspec.Struct, frozen=True, kw_only=True):
    """The running process, as the API sees it."""

    get_conversations: Callable[[], Awaitable[Conversations]]
    kick: Callable[[ConversationId], Awaitable[None]]
    """Starts the turn that answers what waits."""
    find_terms: Callable[[MerchantId], Awaitable[ShopTerms | None]]
    """None where the merchant has switched the chat off."""
    listen: Callable[[ConversationId], Awaitable[Listening]]
    """Returns once announcements are heard."""
    now: Callable[[], datetime]
    export_shopper: Callable[[MerchantId, ShopperId, Reader], Awaitable[Exported | None]]
    """Takes out everything that is kept of a shopper, by the one who asks; None where nobody is there any more."""
    record_access: Callable[[Access], Awaitable[None]]
    """Puts on record what somebody is about to see."""
    erase_shopper: Callable[[MerchantId, ShopperId, Reader], Awaitable[ErasedAnswer | None]]
    """Erases it; None where a legal hold keeps it."""
