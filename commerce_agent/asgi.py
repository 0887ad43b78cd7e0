"""The ASGI entrance: HTTP to Django, websockets to the chat."""

import os

from asgiref.typing import (
    ASGIReceiveCallable,
    ASGISendCallable,
    Scope,
    WebSocketCloseEvent,
)
from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "commerce_agent.settings.dev")
django_application = get_asgi_application()

# The chat imports models, so it comes after the applications are loaded.
from commerce_agent.chat.consumer import ChatConsumer  # noqa: E402
from commerce_agent.composition import get_platform, read_clock  # noqa: E402

CHAT_PATH = "/ws/chat/"
chat_application = ChatConsumer.as_asgi(get_platform=get_platform, now=read_clock)


async def route_websocket(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """Lets sockets into the chat; at any other address they are refused before they open."""
    if scope["type"] == "websocket" and scope["path"] == CHAT_PATH:
        await chat_application(scope, receive, send)
    else:
        await send(WebSocketCloseEvent(type="websocket.close", code=4404, reason=None))


application = ProtocolTypeRouter({"http": django_application, "websocket": route_websocket})
