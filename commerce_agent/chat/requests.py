"""The socket's frames over plain requests, for networks that let no socket through.

The same session stands behind both, so the same frames mean the same. Each request says who it is in a header, which
no other site's page can send: the hello that a socket would begin with. Nothing of it is ever in an address.

Where no socket gets through, the client asks. After two sockets in vain, and while none ever opened, every other
attempt is plain requests: `POST messages/` takes a frame, `GET events/?after=&wait=` waits for what comes. The
hello stands in a header, which no other site can send. Words are not streamed there; a rate is counted by the
client's handle, in each process.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from contextlib import ExitStack
from urllib.parse import unquote

import msgspec
import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from commerce_agent.chat import protocol
from commerce_agent.chat.admitting import (
    ERASED,
    OUTAGES,
    UNAVAILABLE,
    require_shop,
    require_version,
    tell_refusal,
)
from commerce_agent.chat.hints import Hint, Hints, tell
from commerce_agent.chat.limits import RatesByClient
from commerce_agent.chat.line import Line
from commerce_agent.chat.merchants import Shop
from commerce_agent.chat.phrases import choose_language
from commerce_agent.chat.protocol import SocketEnded
from commerce_agent.chat.session import ChatSession
from commerce_agent.composition import get_platform, read_clock
from commerce_agent.isolation.acting import acting_for
from conversations.ids import ConversationId
from conversations.service import KeyDestroyed

HELLO_HEADER = "Chat-Hello"
WAIT_MOST = 25.0
"""So many seconds a question for events may wait; proxies end what takes longer than half a minute."""
BEGINS_SECONDS = 0.5
"""How often it is asked whether another request of the same client has begun the conversation."""

log = structlog.get_logger(__name__)
_rates = RatesByClient()


class Exchange:
    """One request's side of a conversation: keeps the frames for the answer, and knows when there are some."""

    def __init__(self, *, acting: ExitStack) -> None:
        """Nothing came yet; `acting` ends with the request."""
        self.frames: list[str] = []
        self._acting = acting
        self.conversation: ConversationId | None = None
        self.language: str = settings.LANGUAGE_CODE
        """In which the shopper is told things."""
        self._came = asyncio.Event()

    def act_for(self, shop: Shop) -> None:
        """From here on the request acts for this shop."""
        self._acting.enter_context(acting_for(shop.id))

    async def send(self, frame: protocol.Outbound) -> None:
        """Keeps a frame for the answer."""
        self.keep(protocol.write_frame(frame))

    def keep(self, text: str) -> None:
        """Keeps the text of a frame."""
        self.frames.append(text)
        self._came.set()

    def subscribe(self, conversation: ConversationId) -> None:
        """Notes whose hints to wait for; listening begins when there is nothing to answer yet."""
        self.conversation = conversation

    async def unsubscribe(self) -> None:
        """Nobody is listening."""
        self.conversation = None

    async def wait(self, *, seconds: float) -> None:
        """Until a frame came, or for so long."""
        try:
            async with asyncio.timeout(seconds):
                await self._came.wait()
        except TimeoutError:
            return


@csrf_exempt
@never_cache
@require_POST
async def take_message(request: HttpRequest, key: str) -> HttpResponse:
    """Takes one frame and answers the frames that it brings about."""

    async def act(exchange: Exchange) -> None:
        frame = protocol.read_frame(request.body)
        session = await _enter(request, key=key, exchange=exchange, cid=getattr(frame, "cid", None))
        await session.take(frame)

    return await _answer(request, act)


@never_cache
@require_GET
async def list_events(request: HttpRequest, key: str) -> HttpResponse:
    """Answers the frames after `after`, waiting up to `wait` seconds for the first of them."""

    async def act(exchange: Exchange) -> None:
        session = await _enter(request, key=key, exchange=exchange)
        await session.catch_up()
        seconds = min(_read_number(request, "wait"), WAIT_MOST)
        if exchange.frames or not seconds:
            return
        await _listen(session, exchange=exchange, seconds=seconds)

    return await _answer(request, act)


@never_cache
@require_GET
async def export(request: HttpRequest, key: str) -> HttpResponse:
    """Answers a file with the conversation, or with everything that is kept of the shopper (`?of=everything`)."""
    kept: list[bytes] = []

    async def act(exchange: Exchange) -> None:
        session = await _enter(request, key=key, exchange=exchange)
        kept.append(await session.export(everything=request.GET.get("of") == "everything"))

    refused = await _answer(request, act)
    if not kept:
        refused.status_code = 403
        return refused
    headers = {"Content-Disposition": 'attachment; filename="chat.json"'}
    return HttpResponse(kept[0], content_type="application/json", headers=headers)


async def _enter(
    request: HttpRequest, *, key: str, exchange: Exchange, cid: str | None = None
) -> ChatSession:
    hello = protocol.read_frame(unquote(request.headers.get(HELLO_HEADER, "")))
    if not isinstance(hello, protocol.Hello):
        raise protocol.FrameRefused(code="hello_first", text="Say hello first.")
    require_version(hello)
    shop = await require_shop(hello.ticket)
    if shop.key != key:
        raise SocketEnded(code=protocol.CLOSE_REFUSED, text="The ticket is for another chat.", retry=False)
    exchange.act_for(shop)
    exchange.language = choose_language(wished=hello.lang, own=shop.locale)
    platform = await get_platform()
    # By the ticket, which is from here: a handle is of the client's own making, a fresh one for every request.
    rates = _rates.get(hashlib.sha256(hello.ticket.encode()).hexdigest())
    rates.frames.require(now=asyncio.get_running_loop().time(), cid=cid)

    async def tell_all(conversation: ConversationId, hint: Mapping[str, object]) -> bool:
        return await tell(platform.channel_layer, conversation=conversation, hint=hint)

    line = Line(
        send=exchange.send,
        subscribe=exchange.subscribe,
        unsubscribe=exchange.unsubscribe,
        tell=tell_all,
        now=read_clock,
        monotonic=asyncio.get_running_loop().time,
        address=request.META.get("REMOTE_ADDR", ""),
    )
    session = ChatSession(platform=platform, shop=shop, line=line, rates=rates)
    await session.enter(msgspec.structs.replace(hello, seq=int(_read_number(request, "after"))))
    return session


async def _listen(session: ChatSession, *, exchange: Exchange, seconds: float) -> None:
    """Waits for what happens in the conversation; where there is none yet, first for one that begins meanwhile."""
    while exchange.conversation is None and seconds > 0:
        await exchange.wait(seconds=BEGINS_SECONDS)
        seconds -= BEGINS_SECONDS
        await session.look_again()
    if exchange.conversation is None:
        return

    async def follow(exchange: Exchange) -> None:  # noqa: ARG001 - as `act` of a request
        await session.recheck()
        await session.catch_up()

    async def hear(hint: Hint | None) -> None:
        match hint:
            case {"type": "conversation.ephemeral", "frame": {"t": "status" | "typing" | "read"} as frame}:
                exchange.keep(protocol.write_passing(frame))
            case {"type": "conversation.frame" | "conversation.joined"} | None:
                await _attempt(exchange, follow)
            case _:
                return

    platform = await get_platform()
    hints = Hints(
        layer=platform.channel_layer, conversation=exchange.conversation, hear=hear, is_waiting=lambda: True
    )
    hints.open()
    try:
        await exchange.wait(seconds=seconds)
    finally:
        await hints.close()


async def _answer(request: HttpRequest, act: Callable[[Exchange], Awaitable[None]]) -> HttpResponse:
    """The frames as a JSON list, whatever came of it."""
    with ExitStack() as acting:
        exchange = Exchange(acting=acting)
        if request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin":
            await _attempt(exchange, act)
        else:
            text = "Not asked by the widget."
            await exchange.send(protocol.Bye(code=protocol.CLOSE_REFUSED, retry=False, text=text))
    return HttpResponse(f"[{','.join(exchange.frames)}]", content_type="application/json")


async def _attempt(exchange: Exchange, act: Callable[[Exchange], Awaitable[None]]) -> None:
    """Does it, or says in a frame why it could not be done."""
    try:
        await act(exchange)
    except protocol.FrameRefused as refused:
        await exchange.send(tell_refusal(refused, language=exchange.language))
    except SocketEnded as ended:
        await exchange.send(protocol.Bye(code=ended.code, retry=ended.retry, text=ended.text))
    except KeyDestroyed:
        await exchange.send(protocol.Bye(code=protocol.CLOSE_RESTART, retry=True, text=ERASED))
    except OUTAGES as outage:
        log.warning("chat.unavailable", error=str(outage), kind=type(outage).__name__)
        await exchange.send(protocol.Bye(code=protocol.CLOSE_RESTART, retry=True, text=UNAVAILABLE))


def _read_number(request: HttpRequest, name: str) -> float:
    """A number of the address that is not below nought; nought for anything else."""
    text = request.GET.get(name, "")
    return float(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0.0
