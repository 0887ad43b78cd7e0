"""The address that merchants' systems send to. 202 means durable; everything else says what to send instead."""

from http import HTTPStatus

import msgspec
import psycopg
import structlog
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from psycopg_pool import PoolTimeout

from catalog.inbox import BodyUnreadable, Refusal
from commerce_agent.composition import get_platform, read_clock
from commerce_agent.webhooks.receiving import MOST_BYTES, NothingTaken, Sent, receive
from commerce_agent.webhooks.signing import (
    KEY_HEADER,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    SignatureRefused,
)
from commerce_agent.webhooks.waking import wake
from conversations.api.problems import MEDIA_TYPE, Problem

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


@csrf_exempt
async def take_webhook(request: HttpRequest, merchant: str) -> HttpResponse:
    """Takes the events of one request."""
    if request.method != "POST":
        response = _refuse(405, "post-only", "Send events with POST.")
        response["Allow"] = "POST"
        return response
    try:
        body = request.body
    except RequestDataTooBig:
        body = b" " * (MOST_BYTES + 1)
    except UnreadablePostError:
        return _refuse(400, "cut-off", "The body broke off.")
    if len(body) > MOST_BYTES:
        return _refuse(413, "too-long", f"A body holds {MOST_BYTES:,} bytes at most; send several.")
    headers = [request.headers.get(name) for name in (KEY_HEADER, TIMESTAMP_HEADER, SIGNATURE_HEADER)]
    key, timestamp, signature = headers
    if not key or not timestamp or not signature:
        text = f"Send the headers {KEY_HEADER}, {TIMESTAMP_HEADER} and {SIGNATURE_HEADER}."
        return _refuse(401, "not-signed", text)
    sent = Sent(shop=merchant, key=key, timestamp=timestamp, signature=signature, body=body)
    return await _receive(sent)


async def _receive(sent: Sent) -> HttpResponse:
    platform = await get_platform()
    try:
        async with platform.pool.connection() as connection:
            received = await receive(connection, sent=sent, now=read_clock())
    except SignatureRefused as refused:
        return _refuse(401, refused.name, refused.text)
    except BodyUnreadable as refused:
        return _refuse(422, "no-events", str(refused))
    except NothingTaken as refused:
        return _refuse(422, "nothing-taken", str(refused), refused=refused.receipt.refused)
    except OUTAGES as outage:
        log.warning("webhook.unavailable", kind=type(outage).__name__)
        response = _refuse(503, "unavailable", "Nothing was taken in. Send the same request again.")
        response["Retry-After"] = str(RETRY_SECONDS)
        return response
    receipt = received.receipt
    if receipt.accepted:
        await wake(platform.redis, merchant=received.merchant)
    answer = Answer(
        delivery=receipt.delivery, accepted=receipt.accepted, known=receipt.known, refused=receipt.refused
    )
    return HttpResponse(msgspec.json.encode(answer), status=202, content_type="application/json")


def _refuse(status: int, name: str, text: str, *, refused: tuple[Refusal, ...] = ()) -> HttpResponse:
    problem = Refused(
        type=f"urn:commerce-agent:{name}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=text,
        refused=refused,
    )
    return HttpResponse(msgspec.json.encode(problem), status=status, content_type=MEDIA_TYPE)
