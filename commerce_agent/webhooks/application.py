"""The address that merchants' systems send to, as an ASGI application of its own.

Hundreds come in a second, and none has a session, a user, a form or a language: on the way through Django's
middleware each would cost several times what taking it in does. 202 means durable; everything else says what to
send instead.
"""

import re
from http import HTTPStatus

import msgspec
import psycopg
import structlog
from asgiref.typing import (
    ASGIReceiveCallable,
    ASGISendCallable,
    HTTPResponseBodyEvent,
    HTTPResponseStartEvent,
    HTTPScope,
)
from django.conf import settings
from psycopg_pool import PoolTimeout

from catalog.inbox import BodyUnreadable, Refusal
from commerce_agent.composition import get_platform, read_clock
from commerce_agent.isolation.acting import acting_for, acting_for_platform
from commerce_agent.webhooks.receiving import MOST_BYTES, NothingTaken, Sent, get_key, receive
from commerce_agent.webhooks.signing import (
    KEY_HEADER,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    SignatureRefused,
)
from commerce_agent.webhooks.waking import wake
from conversations.api.problems import MEDIA_TYPE, Problem

PATH = re.compile(r"/webhooks/v1/(?P<shop>[-a-zA-Z0-9_]{1,64})/")
RETRY_SECONDS = 5
OUTAGES = (psycopg.OperationalError, PoolTimeout)

log = structlog.get_logger(__name__)


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the events."""

    delivery: int
    accepted: int
    known: int
    refused: tuple[Refusal, ...] = ()


class Refused(Problem, frozen=True, kw_only=True, omit_defaults=True):
    """A problem, with the reason of each event where it is about events."""

    refused: tuple[Refusal, ...] = ()


class CutOff(Exception):
    """The sender went away before its body was whole; there is nobody to answer."""


def is_webhook(path: str) -> bool:
    """Whether an address is one that events are sent to."""
    return PATH.fullmatch(path) is not None


async def take_webhook(scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """Takes the events of one request to an address of which `is_webhook` holds."""
    try:
        answer = await _answer(scope, receive)
    except CutOff:
        return
    except OUTAGES as outage:
        log.warning("webhook.unavailable", kind=type(outage).__name__)
        text = "Nothing was taken in. Send the same request again."
        answer = _refuse(503, "unavailable", text, retry_after=RETRY_SECONDS)
    except Exception:
        log.exception("webhook.failed")
        answer = _refuse(500, "failed", "This should not have happened; it was logged. Nothing was taken in.")
    await _send(send, answer)


async def _answer(scope: HTTPScope, receive: ASGIReceiveCallable) -> Answer | Refused:
    if scope["method"] != "POST":
        return _refuse(405, "post-only", "Send events with POST.")
    headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
    if not _is_safe(scope, headers):
        return _refuse(403, "https-only", "Send events over HTTPS.")
    body = await _read_body(receive)
    if len(body) > MOST_BYTES:
        return _refuse(413, "too-long", f"A body holds {MOST_BYTES:,} bytes at most; send several.")
    key, timestamp, signature = (
        headers.get(name.lower().encode(), "") for name in (KEY_HEADER, TIMESTAMP_HEADER, SIGNATURE_HEADER)
    )
    if not (key and timestamp and signature):
        text = f"Send the headers {KEY_HEADER}, {TIMESTAMP_HEADER} and {SIGNATURE_HEADER}."
        return _refuse(401, "not-signed", text)
    found = PATH.fullmatch(scope["path"])
    shop = found["shop"] if found else ""
    return await _take(Sent(shop=shop, key=key, timestamp=timestamp, signature=signature, body=body))


def _is_safe(scope: HTTPScope, headers: dict[bytes, str]) -> bool:
    """Where plain HTTP is sent on to HTTPS, events are not taken over it."""
    if not settings.SECURE_SSL_REDIRECT:
        return True
    proxied: tuple[str, str] | None = settings.SECURE_PROXY_SSL_HEADER
    if proxied is not None:
        name = proxied[0].removeprefix("HTTP_").replace("_", "-").lower().encode()
        return headers.get(name, "").split(",")[0].strip() == proxied[1]
    return scope["scheme"] == "https"


async def _read_body(receive: ASGIReceiveCallable) -> bytes:
    """The body, or a little more than is allowed of it."""
    parts: list[bytes] = []
    size = 0
    while size <= MOST_BYTES:
        event = await receive()
        if event["type"] != "http.request":
            raise CutOff
        parts.append(event["body"])
        size += len(event["body"])
        if not event["more_body"]:
            break
    return b"".join(parts)


async def _take(sent: Sent) -> Answer | Refused:
    platform = await get_platform()
    try:
        async with platform.pool.connection() as connection:
            with acting_for_platform("whose webhook key it is"):
                key = await get_key(connection, sent=sent, now=read_clock())
            with acting_for(key.merchant):
                received = await receive(connection, sent=sent, key=key, now=read_clock())
    except SignatureRefused as refused:
        return _refuse(401, refused.name, refused.text)
    except BodyUnreadable as refused:
        return _refuse(422, "no-events", str(refused))
    except NothingTaken as refused:
        return _refuse(422, "nothing-taken", str(refused), refused=refused.receipt.refused)
    receipt = received.receipt
    if receipt.accepted:
        await wake(platform.redis, merchant=received.merchant)
    return Answer(
        delivery=receipt.delivery, accepted=receipt.accepted, known=receipt.known, refused=receipt.refused
    )


def _refuse(
    status: int,
    name: str,
    text: str,
    *,
    refused: tuple[Refusal, ...] = (),
    retry_after: int | None = None,
) -> Refused:
    return Refused(
        type=f"urn:commerce-agent:{name}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=text,
        retry_after=retry_after,
        refused=refused,
    )


async def _send(send: ASGISendCallable, answer: Answer | Refused) -> None:
    status, media = (answer.status, MEDIA_TYPE) if isinstance(answer, Refused) else (202, "application/json")
    body = msgspec.json.encode(answer)
    headers = [
        (b"content-type", media.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    if isinstance(answer, Refused) and answer.retry_after is not None:
        headers.append((b"retry-after", str(answer.retry_after).encode()))
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers.append((b"allow", b"POST"))
    await send(
        HTTPResponseStartEvent(type="http.response.start", status=status, headers=headers, trailers=False)
    )
    await send(HTTPResponseBodyEvent(type="http.response.body", body=body, more_body=False))
