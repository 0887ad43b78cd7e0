"""Who is let in, by a socket or by plain requests, and what is said while the stores are out of reach."""

import psycopg
import redis
from channels.db import database_sync_to_async
from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override
from psycopg_pool import PoolTimeout

from commerce_agent.chat import protocol
from commerce_agent.chat.merchants import Shop, find_shop
from commerce_agent.chat.protocol import SocketEnded
from commerce_agent.chat.tickets import TicketExpired, TicketForged, require_ticket

UNAVAILABLE = "We cannot reach our systems. Your message is kept and sent again."
"""Why a line ends; what a shopper reads is `tell_unavailable`."""
KEPT = gettext_noop("We cannot reach the shop. Your message is kept and sent again.")
"""What a shopper reads, in their language, of what cannot be done before our systems are back."""
ERASED = "This conversation was erased."
OUTAGES = (
    psycopg.OperationalError,
    PoolTimeout,
    OperationalError,
    InterfaceError,
    redis.RedisError,
    OSError,
)
"""What is raised where a store is out of reach: nothing was done, and it may be tried again."""


def tell_unavailable(language: str) -> str:
    """What a shopper of this language is told while the stores are out of reach."""
    with override(language):
        return _(KEPT)


def tell_refusal(refused: protocol.FrameRefused, *, language: str) -> protocol.Error:
    """What the client is told of a frame that was not taken; words that a shopper may read are in this language."""
    with override(language):
        text = _(refused.text)
    return protocol.Error(code=refused.code, text=text, cid=refused.cid, retry_after=refused.retry_after)


def require_version(hello: protocol.Hello) -> None:
    """Raises `SocketEnded` for a client of another protocol."""
    if hello.v != protocol.PROTOCOL_VERSION:
        text = f"This server speaks protocol {protocol.PROTOCOL_VERSION}; reload the page."
        raise SocketEnded(code=protocol.CLOSE_BAD_CLIENT, text=text, retry=False)


async def require_shop(ticket: str) -> Shop:
    """The shop that a ticket is for. Raises `SocketEnded`, which says whether another ticket would help."""
    try:
        granted = require_ticket(ticket)
    except TicketExpired as expired:
        raise SocketEnded(code=protocol.CLOSE_TICKET_EXPIRED, text=str(expired), retry=True) from expired
    except TicketForged as forged:
        raise SocketEnded(code=protocol.CLOSE_REFUSED, text=str(forged), retry=False) from forged
    shop = await database_sync_to_async(find_shop)(key=granted.merchant)
    if shop is None:
        raise SocketEnded(code=protocol.CLOSE_REFUSED, text="This chat is switched off.", retry=False)
    return shop
