"""One socket's side of a conversation: what it may do, what it has been sent, what it is sent next.

Nothing is stored before the first message. Frames are taken one after the other, so whatever was committed is
sent in order and once; `_sent` is the only place that remembers how far this socket has come.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import assert_never

import msgspec

from commerce_agent.chat import protocol
from commerce_agent.chat.limits import SendingRate
from commerce_agent.chat.merchants import Shop
from commerce_agent.chat.wire import to_wire
from commerce_agent.composition import Platform
from conversations.ids import ClientMessageId, ConversationId

_PAGE = 200
_PATIENCE = 20
"""After so many refusals in a row the socket is closed."""


class SocketEnded(Exception):
    """The socket has to close; the client reads in `bye` whether to come back."""

    def __init__(self, *, code: int, text: str, retry: bool) -> None:
        """Carry the close code, the sentence and whether to come back."""
        super().__init__(text)
        self.code = code
        self.text = text
        self.retry = retry


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """What a session speaks through."""

    send: Callable[[protocol.Outbound], Awaitable[None]]
    subscribe: Callable[[ConversationId], Awaitable[None]]
    now: Callable[[], datetime]
    monotonic: Callable[[], float]


class ChatSession:
    """A shopper on one socket, after the hello."""

    def __init__(self, *, platform: Platform, shop: Shop, line: Line) -> None:
        """Speak for `shop` through `line`."""
        self._platform = platform
        self._shop = shop
        self._line = line
        self._rate = SendingRate()
        self._conversation: ConversationId | None = None
        self._sent = 0
        self._language = shop.locale

    async def greet(self, hello: protocol.Hello) -> None:
        """Answers a hello: first subscribes, then sends everything after `hello.seq`."""
        self._language = hello.lang or self._shop.locale
        if hello.resume and self._conversation is None:
            await self._find_conversation(hello.resume)
        head = await self._get_head()
        reset = hello.seq > head
        self._sent = 0 if reset else hello.seq
        await self._line.send(
            protocol.Welcome(
                head=head,
                reset=reset or (bool(hello.resume) and self._conversation is None),
                conversation=self._conversation is not None,
                server_time=self._line.now(),
            )
        )
        await self.catch_up()

    async def take(self, frame: protocol.Inbound) -> None:
        """Does what a frame asks for.

        Raises:
            FrameRefused: it cannot be done; its text says why.
            SocketEnded: the client sends on and on although it was told to slow down.
        """
        match frame:
            case protocol.Hello():
                await self.greet(frame)
            case protocol.Msg():
                await self._take_message(frame)
            case protocol.Stop():
                self._platform.turns.stop(self._require_conversation(cid=frame.cid))
            case protocol.Confirm():
                await self._confirm(frame)
            case protocol.Ping():
                await self._line.send(protocol.Pong(head=await self._get_head()))
            case protocol.Read():
                return
            case _:
                assert_never(frame)

    async def catch_up(self) -> None:
        """Sends every frame that this socket has not been sent."""
        while self._conversation is not None:
            page = await self._platform.conversations.list_frames(
                conversation=self._conversation, after=self._sent, limit=_PAGE
            )
            for recorded in page:
                frame = to_wire(recorded)
                await self._line.send(frame)
                self._sent = frame.seq
            if len(page) < _PAGE:
                return

    async def announce(self, head: int) -> None:
        """Takes the hint that the journal has gone as far as `head`."""
        if head > self._sent:
            await self.catch_up()

    async def _find_conversation(self, handle: str) -> None:
        found = await self._platform.conversations.find_resumed(
            handle=handle, merchant=self._shop.id, at=self._line.now()
        )
        if found is not None:
            await self._line.subscribe(found)
            self._conversation = found

    async def _get_head(self) -> int:
        if self._conversation is None:
            return 0
        return await self._platform.conversations.get_head(conversation=self._conversation)

    def _require_conversation(self, *, cid: str | None) -> ConversationId:
        if self._conversation is None:
            raise protocol.FrameRefused(
                code="not_open", text="There is no conversation yet; send a message first.", cid=cid
            )
        return self._conversation

    async def _take_message(self, frame: protocol.Msg) -> None:
        text = frame.text.replace("\x00", "").strip()
        if not text:
            raise protocol.FrameRefused(code="text_empty", text="The message is empty.", cid=frame.cid)
        if len(text) > protocol.MAX_TEXT_CHARACTERS:
            raise protocol.FrameRefused(
                code="text_too_long",
                text=f"{len(text):,} characters; a message holds {protocol.MAX_TEXT_CHARACTERS:,}.",
                cid=frame.cid,
            )
        if await self._is_too_fast(frame.cid):
            return
        resume = await self._open_conversation() if self._conversation is None else None
        conversation = self._require_conversation(cid=frame.cid)
        accepted = await self._platform.conversations.record_message(
            conversation=conversation, cid=ClientMessageId(frame.cid), text=text, at=self._line.now()
        )
        # The turn starts before anything is sent: the shopper may be gone, the message is to be answered.
        self._platform.turns.kick(conversation)
        await self._line.send(
            protocol.Ack(cid=frame.cid, head=accepted.frame, dup=accepted.duplicate, resume=resume)
        )
        await self.announce(accepted.frame)

    async def _is_too_fast(self, cid: str) -> bool:
        wait = self._rate.find_wait(self._line.monotonic())
        if wait is None:
            return False
        if self._rate.refusals > _PATIENCE:
            raise SocketEnded(code=protocol.CLOSE_TOO_MANY, text="Too many messages.", retry=True)
        await self._line.send(
            protocol.Error(
                code="slow_down",
                text="That was a lot at once. Your message is sent again in a moment.",
                cid=cid,
                retry_after=round(wait, 1),
            )
        )
        return True

    async def _open_conversation(self) -> str:
        at = self._line.now()
        talk = self._platform.conversations
        conversation = await talk.open_conversation(
            merchant=self._shop.id,
            shopper=None,
            locale=self._language,
            currency=self._shop.currency,
            at=at,
        )
        handle = await talk.grant_resume(conversation=conversation, merchant=self._shop.id, at=at)
        await self._line.subscribe(conversation)
        self._conversation = conversation
        self._sent = 0
        return handle

    async def _confirm(self, frame: protocol.Confirm) -> None:
        conversation = self._require_conversation(cid=frame.cid)
        await self._platform.confirmations.confirm(
            conversation=conversation,
            proposal=frame.proposal,
            hash=frame.hash,
            decision=frame.decision,
            at=self._line.now(),
        )
        await self._line.send(protocol.Ack(cid=frame.cid, head=await self._get_head()))
        await self.catch_up()
