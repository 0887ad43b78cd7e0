"""What the chat needs of the rest, and nothing more. `composition.Platform` fits these."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Literal, Protocol

from channels.layers import BaseChannelLayer

from conversations.events import Recorded
from conversations.ids import ClientMessageId, ConversationId, MerchantId, ShopperId


class Accepted(Protocol):
    """A message that is durable."""

    @property
    def frame(self) -> int:
        """The frame number of the message."""

    @property
    def duplicate(self) -> bool:
        """True when this client message id had been taken before."""


class Talk(Protocol):
    """The conversation service, as far as a socket uses it."""

    async def open_conversation(
        self,
        *,
        merchant: MerchantId,
        shopper: ShopperId | None,
        tier: str | None = None,
        locale: str = "en",
        currency: str = "USD",
        at: datetime,
    ) -> ConversationId:
        """Opens a conversation."""

    async def record_message(
        self, *, conversation: ConversationId, cid: ClientMessageId, text: str, at: datetime
    ) -> Accepted:
        """Makes the message durable before it returns."""

    async def list_frames(
        self, *, conversation: ConversationId, after: int, limit: int = 200
    ) -> tuple[Recorded, ...]:
        """Answers the visible events whose frame number is higher than `after`, in order."""

    async def get_head(self, *, conversation: ConversationId) -> int:
        """Answers the newest frame number."""

    async def grant_resume(self, *, conversation: ConversationId, merchant: MerchantId, at: datetime) -> str:
        """Answers a handle that finds the conversation again."""

    async def find_resumed(self, *, handle: str, merchant: MerchantId, at: datetime) -> ConversationId | None:
        """Answers the conversation of a handle, or None when it is unknown, foreign or too old."""


class Turns(Protocol):
    """The turns that this process runs; none of them belongs to a socket."""

    def kick(self, conversation: ConversationId) -> None:
        """Starts the turn of a conversation, or lets the running one go on."""

    def stop(self, conversation: ConversationId) -> None:
        """Asks the running turn to end."""

    async def confirm(
        self,
        *,
        conversation: ConversationId,
        proposal: str,
        hash: str,
        cid: ClientMessageId,
        decision: Literal["accept", "decline"],
        at: datetime,
    ) -> None:
        """Resolves a proposal; the outcome is a frame of the conversation."""


class Platform(Protocol):
    """What a process holds once."""

    @property
    def channel_layer(self) -> BaseChannelLayer:
        """Where conversations are announced."""

    @property
    def conversations(self) -> Talk:
        """The conversation service."""

    @property
    def turns(self) -> Turns:
        """The turns."""


GetPlatform = Callable[[], Awaitable[Platform]]
