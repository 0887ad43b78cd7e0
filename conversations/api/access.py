"""Who may ask, for what and how often."""

import time
from datetime import UTC, datetime

import redis
import structlog
from django.core.cache import caches
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView
from typing_extensions import override

from commerce_agent.isolation.acting import acting_for_platform
from conversations.api.keys import Caller, KeyRefused, get_caller
from conversations.api.problems import Refusal

WINDOW_SECONDS = 60

log = structlog.get_logger(__name__)


class KeyAuthentication(BaseAuthentication):
    """Binds a request to the merchant of its API key."""

    @override
    def authenticate(self, request: Request) -> tuple[Caller, Caller]:
        """The caller of the key in the Authorization header. Raises `KeyRefused`."""
        kind, _, secret = get_authorization_header(request).partition(b" ")
        if kind.lower() != b"bearer" or not secret.strip().isascii():
            raise KeyRefused
        with acting_for_platform("whose API key it is"):
            caller = get_caller(secret=secret.strip().decode(), at=datetime.now(UTC))
        return caller, caller


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # registers itself, untyped
    """Describes the key in the schema."""

    target_class = KeyAuthentication
    name = "apiKey"

    @override
    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """A bearer token."""
        return {"type": "http", "scheme": "bearer", "description": "An API key made in the admin: ca_..."}


class InScope(BasePermission):
    """Lets a key with the scope `read` read, one with `write` do both."""

    @override
    def has_permission(self, request: Request, view: APIView) -> bool:
        """True where it may; raises `Refusal` that names the scope."""
        if request.method in SAFE_METHODS or require_caller(request).may_write:
            return True
        raise Refusal(status=403, name="scope", text="This key may only read; use one with the scope write.")


class KeyRate(BaseThrottle):
    """Counts a key's requests in windows of a minute, in Redis, for all processes together.

    With Redis out of reach nothing is counted: the limit protects the shop from a loop, not from a thief.
    """

    @override
    def allow_request(self, request: Request, view: APIView) -> bool:
        """Counts the request and answers whether it still fits."""
        caller = require_caller(request)
        counted = f"api-rate:{caller.key.hex}:{int(time.time()) // WINDOW_SECONDS}"
        counts = caches["limits"]
        try:
            counts.add(counted, 0, timeout=2 * WINDOW_SECONDS)
            return int(counts.incr(counted)) <= caller.per_minute
        except ValueError:
            # The count went between the two steps, as when Redis is emptied: this request begins another.
            return True
        except (redis.RedisError, OSError) as outage:
            log.warning("api.uncounted", error=str(outage))
            return True

    @override
    def wait(self) -> float:
        """Seconds until the window ends."""
        return WINDOW_SECONDS - time.time() % WINDOW_SECONDS


def require_caller(request: Request) -> Caller:
    """Who asks. Raises `KeyRefused` where nobody was let in."""
    if not isinstance(request.auth, Caller):
        raise KeyRefused
    return request.auth
