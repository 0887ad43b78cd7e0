"""Errors as problem details (RFC 9457): everything under /api/ that is no success answers in this shape."""

from collections.abc import Mapping
from http import HTTPStatus

import msgspec
import structlog
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from psycopg import OperationalError as DriverError
from psycopg_pool import PoolTimeout
from rest_framework.exceptions import APIException, NotAuthenticated
from rest_framework.response import Response

from conversations.api.keys import KeyRefused
from conversations.service import KeyDestroyed, NoSuchConversation, OpeningDiffers

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 2
OUTAGES = (DriverError, PoolTimeout, OperationalError, InterfaceError)

log = structlog.get_logger(__name__)


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What went wrong, for machines by `type` and for people by `detail`."""

    type: str
    """Stable: `urn:commerce-agent:` and a name, or `about:blank` where the status says it all."""
    title: str
    status: int
    detail: str
    retry_after: int | None = None
    """Seconds to wait; also in the Retry-After header."""


class Refusal(APIException):
    """A request that cannot be met; `name` ends the problem's type, the text says what to send instead."""

    def __init__(self, *, status: int, name: str, text: str, retry_after: int | None = None) -> None:
        super().__init__(detail=text, code=name)
        self.status_code = status
        self.name = name
        self.text = text
        self.retry_after = retry_after


def explain(error: Exception) -> Problem:
    """The problem that an error is, for whoever asked. An error that nobody expected says nothing of itself."""
    match error:
        case Refusal():
            refused = _name(error.status_code, error.name, error.text)
            return msgspec.structs.replace(refused, retry_after=error.retry_after)
        case NoSuchConversation() | Http404():
            return _name(404, "no-such-conversation", "There is no such conversation.")
        case KeyDestroyed():
            return _name(
                410,
                "erased",
                "The conversation was erased, or was quiet for longer than the shop keeps talks; open another one.",
            )
        case OpeningDiffers():
            return _name(422, "key-reused", str(error))
        case KeyRefused() | NotAuthenticated():
            return _name(401, "key-refused", "Send a good API key as: Authorization: Bearer ca_...")
        case APIException():
            return _name(error.status_code, "", str(error.detail))
        case _ if isinstance(error, OUTAGES):
            text = "The journal is out of reach; nothing was done. Send the same request again."
            return msgspec.structs.replace(_name(503, "unavailable", text), retry_after=RETRY_SECONDS)
        case _:
            return _name(500, "", "This should not have happened; it was logged.")


def answer_problem(error: Exception, _context: Mapping[str, object]) -> Response:
    """The answer to a request that failed; unexpected errors are logged with their traceback."""
    problem = explain(error)
    if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("api.failed", status=problem.status, exc_info=error)
    return Response(
        msgspec.to_builtins(problem),
        status=problem.status,
        headers=_list_headers(problem),
        content_type=MEDIA_TYPE,
    )


@csrf_exempt
def show_no_such_address(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - Django hands it in
    """Answers every address under /api/ at which there is nothing."""
    problem = _name(404, "no-such-address", "There is nothing here; addresses end with a slash.")
    return HttpResponse(msgspec.json.encode(problem), status=404, content_type=MEDIA_TYPE)


def _name(status: int, name: str, text: str) -> Problem:
    return Problem(
        type=f"urn:commerce-agent:{name}" if name else "about:blank",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=text,
    )


def _list_headers(problem: Problem) -> dict[str, str]:
    headers = {"Cache-Control": "no-store"}
    if problem.retry_after is not None:
        headers["Retry-After"] = str(problem.retry_after)
    if problem.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="api"'
    return headers
