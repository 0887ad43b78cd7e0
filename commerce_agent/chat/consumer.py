"""The chat socket: Channels on one side, a `ChatSession` on the other.

`dispatch` is overridden. Channels' own hops to one shared thread for each message (9 k/s against 30 k/s), to close
Django connections that no handler here opens.

An unforeseen error ends the socket, not the talk. It is logged by kind and place only (its text may quote the
shopper), the client gets `bye` and comes back. Every frame counts (120 a minute), hellos that ask for a replay more
so (12).
"""

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import BaseChannelLayer
from django.conf import settings
from django.http.request import split_domain_port, validate_host
from typing_extensions import override

from commerce_agent.chat import protocol
from commerce_agent.chat.admitting import (
    ERASED,
    OUTAGES,
    UNAVAILABLE,
    require_shop,
    require_version,
    tell_refusal,
    tell_unavailable,
)
from commerce_agent.chat.clients import note_client
from commerce_agent.chat.hints import Hint, Hints, list_carried, tell
from commerce_agent.chat.limits import Rates
from commerce_agent.chat.line import Line
from commerce_agent.chat.merchants import Shop
from commerce_agent.chat.protocol import SocketEnded
from commerce_agent.chat.session import ChatSession
from commerce_agent.composition import Platform
from commerce_agent.isolation.acting import acting_for
from conversations.ids import ConversationId
from conversations.service import KeyDestroyed

HELLO_SECONDS = 5.0
_RETRY_SECONDS = 2.0

log = structlog.get_logger(__name__)


class ChatConsumer(AsyncWebsocketConsumer):
    """Lets frames in and out; what they mean is the session's business."""

    # No layer of this name exists: hints are heard by `Hints`, which also works while Redis is out of reach.
    channel_layer_alias = "none"

    def __init__(
        self,
        *,
        get_platform: Callable[[], Awaitable[Platform]],
        now: Callable[[], datetime],
        hello_seconds: float = HELLO_SECONDS,
    ) -> None:
        """Build sessions on the platform of this process; `now` answers aware UTC."""
        super().__init__()
        self._get_platform = get_platform
        self._now = now
        self._hello_seconds = hello_seconds
        self._session: ChatSession | None = None
        self._shop: Shop | None = None
        self._hints: Hints | None = None
        self._rates = Rates()
        self._one_at_a_time = asyncio.Lock()
        self._over = False
        self._deadline: asyncio.Task[None] | None = None

    @override
    async def dispatch(self, message: Mapping[str, Any]) -> None:
        """Calls the handler directly: the base class first hops to a thread for every message, which costs
        more than most messages do, and no handler here leaves a Django connection open.
        """
        name = str(message["type"]).replace(".", "_")
        handler: Callable[[Mapping[str, Any]], Awaitable[None]] = getattr(self, name)
        try:
            await handler(message)
        except StopConsumer:
            raise
        except Exception as error:  # noqa: BLE001 - the last line: the client is told to come back
            await self._give_up(error)

    @override
    async def connect(self) -> None:
        """Takes the socket if it comes from our own frame, and waits for the hello."""
        await self.accept()
        if not is_own_origin(dict(self.scope["headers"])):
            await self._end(
                SocketEnded(code=protocol.CLOSE_REFUSED, text="Not opened by the widget.", retry=False)
            )
            return
        self._deadline = asyncio.create_task(self._expect_hello())

    @override
    async def disconnect(self, code: int) -> None:
        """Stops listening; the turn that runs goes on without this socket."""
        self._over = True
        if self._deadline is not None:
            self._deadline.cancel()
        if self._hints is not None:
            await self._hints.close()

    @override
    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Answers every frame with frames; the client is told of anything that could not be done."""
        cid: str | None = None
        if self._over:
            return
        try:
            frame = self._read(text_data if text_data is not None else bytes_data or b"")
            cid = getattr(frame, "cid", None)
            async with self._one_at_a_time:
                with self._acting():
                    await self._take(frame)
        except protocol.FrameRefused as refused:
            await self._refuse(refused)
        except SocketEnded as ended:
            await self._end(ended)
        except KeyDestroyed:
            await self._end_erased()
        except OUTAGES as outage:
            log.warning("chat.unavailable", error=str(outage), kind=type(outage).__name__)
            await self._excuse(cid)

    def _read(self, raw: str | bytes) -> protocol.Inbound:
        """Reads a frame, and counts it whether it can be read or not."""
        now = asyncio.get_running_loop().time()
        try:
            frame = protocol.read_frame(raw)
        except protocol.FrameRefused:
            self._rates.frames.require(now=now)
            raise
        self._rates.frames.require(now=now, cid=getattr(frame, "cid", None))
        return frame

    async def _refuse(self, refused: protocol.FrameRefused) -> None:
        language = self._session.language if self._session else settings.LANGUAGE_CODE
        await self._send(tell_refusal(refused, language=language))

    async def _excuse(self, cid: str | None) -> None:
        """Says that our systems are out of reach; without a session there is nothing to go on with."""
        if self._session is None:
            await self._end(SocketEnded(code=protocol.CLOSE_RESTART, text=UNAVAILABLE, retry=True))
            return
        text = tell_unavailable(self._session.language)
        await self._send(protocol.Error(code="unavailable", text=text, cid=cid, retry_after=_RETRY_SECONDS))

    async def _hear(self, hint: Hint | None) -> None:
        """Sends what a hint is about; None means that it is time to look."""
        async with self._one_at_a_time:
            if self._session is None or self._over:
                return
            try:
                with self._acting():
                    await self._follow(self._session, hint)
            except SocketEnded as ended:
                await self._end(ended)
            except KeyDestroyed:
                await self._end_erased()
            except OUTAGES as outage:
                log.warning("chat.unavailable", error=str(outage), kind=type(outage).__name__)
            except Exception as error:  # noqa: BLE001 - the last line: the client is told to come back
                await self._give_up(error)

    async def _follow(self, session: ChatSession, hint: Hint | None) -> None:
        match hint:
            case None:
                await session.recheck()
                await session.catch_up()
            case {"type": "conversation.frame", "head": int(head)}:
                await session.announce(head, visible=list_carried(hint))
            case {"type": "conversation.stop", "turn": int(turn)}:
                session.stop(turn)
            case {"type": "conversation.joined"}:
                await session.recheck()
            case {"type": "conversation.ephemeral", "frame": dict(frame)}:
                await self.send(text_data=protocol.write_passing(frame))
            case _:
                log.warning("chat.hint_unknown", kind=str(hint.get("type")))

    async def _give_up(self, error: Exception) -> None:
        """Ends a socket on which something went wrong that nobody foresaw. What the error says may quote the
        shopper, so only its kind and place are told.
        """
        steps = traceback.extract_tb(error.__traceback__)
        log.error(
            "chat.broken",
            kind=type(error).__name__,
            where=[f"{Path(step.filename).name}:{step.lineno}" for step in steps],
        )
        text = "Something went wrong on our side. Please wait a moment."
        with suppress(OSError, RuntimeError):
            await self._end(SocketEnded(code=protocol.CLOSE_RESTART, text=text, retry=True))

    async def _take(self, frame: protocol.Inbound) -> None:
        if isinstance(frame, protocol.Hello):
            await self._greet(frame)
        elif self._session is None:
            raise protocol.FrameRefused(code="hello_first", text="Say hello first.")
        else:
            await self._session.take(frame)

    async def _greet(self, hello: protocol.Hello) -> None:
        require_version(hello)
        if self._session is not None:
            await self._session.take(hello)
            return
        self._shop = await require_shop(hello.ticket)
        with self._acting():
            await self._open_session(hello, shop=self._shop)

    async def _open_session(self, hello: protocol.Hello, *, shop: Shop) -> None:
        platform = await self._get_platform()
        if self._deadline is not None:
            self._deadline.cancel()
        line = self._get_line(platform.channel_layer)
        session = ChatSession(platform=platform, shop=shop, line=line, rates=self._rates)
        await session.greet(hello)
        note_client(hello.client, shop=shop)
        # A hello that could not be answered leaves no session, and the client is told to come back.
        self._session = session

    def _acting(self) -> AbstractContextManager[None]:
        """For the shop of the ticket; before there was one, for nobody."""
        return nullcontext() if self._shop is None else acting_for(self._shop.id)

    def _get_line(self, layer: BaseChannelLayer) -> Line:
        def subscribe(conversation: ConversationId) -> None:
            self._hints = Hints(
                layer=layer,
                conversation=conversation,
                hear=self._hear,
                is_waiting=lambda: self._session is not None and self._session.is_waiting,
            )
            self._hints.open()

        async def unsubscribe() -> None:
            if self._hints is not None:
                await self._hints.close()

        async def tell_all(conversation: ConversationId, hint: Mapping[str, object]) -> bool:
            return await tell(layer, conversation=conversation, hint=hint)

        loop = asyncio.get_running_loop()
        return Line(
            send=self._send,
            subscribe=subscribe,
            unsubscribe=unsubscribe,
            tell=tell_all,
            now=self._now,
            monotonic=loop.time,
            address=str((self.scope.get("client") or ("",))[0]),
        )

    async def _send(self, frame: protocol.Outbound) -> None:
        await self.send(text_data=protocol.write_frame(frame))

    async def _end(self, ended: SocketEnded) -> None:
        if self._over:
            return
        self._over = True
        await self._send(protocol.Bye(code=ended.code, retry=ended.retry, text=ended.text))
        await self.close(code=ended.code)

    async def _end_erased(self) -> None:
        """The handle went with the conversation: who comes back begins a new one."""
        await self._end(SocketEnded(code=protocol.CLOSE_RESTART, text=ERASED, retry=True))

    async def _expect_hello(self) -> None:
        await asyncio.sleep(self._hello_seconds)
        await self._end(
            SocketEnded(code=protocol.CLOSE_BAD_CLIENT, text="No hello within the time.", retry=True)
        )


def is_own_origin(headers: Mapping[bytes, bytes]) -> bool:
    """Answers whether the socket was opened by a page of this very host.

    A widget frame's origin is ours on whatever site it is embedded, so nothing else has a reason to connect.
    """
    host = headers.get(b"host", b"").decode("latin-1")
    origin = headers.get(b"origin", b"").decode("latin-1")
    domain, _ = split_domain_port(host)
    try:
        netloc = urlsplit(origin).netloc
    except ValueError:
        return False
    return validate_host(domain, settings.ALLOWED_HOSTS) and netloc == host
