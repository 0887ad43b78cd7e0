"""The ASGI entrance: HTTP to Django, websockets to the chat; at the end, the turns are let finish.

The server ends after its turns. At the end of the lifespan no turn is begun and those that run have 5 s, less than
the supervisor's 8; what is not committed by then is taken up by the worker.
"""

import asyncio
import os

import structlog
from asgiref.typing import (
    ASGIReceiveCallable,
    ASGISendCallable,
    LifespanShutdownCompleteEvent,
    LifespanStartupCompleteEvent,
    Scope,
    WebSocketCloseEvent,
)
from channels.routing import ProtocolTypeRouter
from django.conf import settings
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "commerce_agent.settings.dev")
django_application = get_asgi_application()

# The chat imports models, so it comes after the applications are loaded.
from commerce_agent.chat.consumer import ChatConsumer  # noqa: E402
from commerce_agent.composition import close_platform, get_platform, read_clock, settle_collector  # noqa: E402
from commerce_agent.observing.exposing import METRICS_PATH, show_metrics  # noqa: E402
from commerce_agent.observing.tracing import flush_spans  # noqa: E402
from commerce_agent.warming import warming  # noqa: E402
from commerce_agent.webhooks.application import is_webhook, take_webhook  # noqa: E402

CHAT_PATH = "/ws/chat/"
CLOSE_SECONDS = 5.0
"""A turn that takes longer to end is left to the worker, which finds its messages waiting."""
log = structlog.get_logger(__name__)
chat_application = ChatConsumer.as_asgi(get_platform=get_platform, now=read_clock)


async def route_websocket(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """Lets sockets into the chat; at any other address they are refused before they open."""
    if scope["type"] == "websocket" and scope["path"] == CHAT_PATH:
        await chat_application(scope, receive, send)
    else:
        await send(WebSocketCloseEvent(type="websocket.close", code=4404, reason=None))


async def route_http(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """Takes webhooks and what Prometheus asks by themselves, and leaves everything else to Django."""
    if scope["type"] == "http" and scope["path"] == METRICS_PATH:
        await show_metrics(scope, receive, send)
    elif scope["type"] == "http" and is_webhook(scope["path"]):
        await take_webhook(scope, receive, send)
    else:
        await django_application(scope, receive, send)  # type: ignore[arg-type]  # typed by other stubs


async def live(_scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """At the end takes no new turn and lets those that run be committed."""
    while (await receive())["type"] != "lifespan.shutdown":
        settle_collector()
        if settings.WARM_UP:
            warming.begin()
        await send(LifespanStartupCompleteEvent(type="lifespan.startup.complete"))
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            await close_platform()
    except TimeoutError:
        log.warning("turns.unfinished", seconds=CLOSE_SECONDS)
    await flush_spans(endpoint=settings.TRACES_ENDPOINT)
    await send(LifespanShutdownCompleteEvent(type="lifespan.shutdown.complete"))


application = ProtocolTypeRouter({"http": route_http, "websocket": route_websocket, "lifespan": live})
