"""One HTTP call to a merchant's system, and what its outcome means."""

import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx2
import msgspec

from catalog.connectors.addresses import Allowed, resolve_address
from catalog.connectors.readings import (
    AnswerRefused,
    CallLimited,
    CallRefused,
    CallUndecided,
    ConnectorUnavailable,
    Kind,
    NeverReached,
)

LARGEST = 4 * 1024 * 1024
CONNECTIONS = 64
"""To one host."""
MOST_HOSTS = 200
TOO_MANY = 429
UNKNOWN = 404
UNDECIDED = (408, 409, 423, 425)
"""Timed out, in conflict with another such call, locked, or too early: they do not say that nothing was done."""
SERVER_FAULT = 500
RETRY_SECONDS = 2.0
"""How long a system that says "too many" and not for how long is left alone."""
WHY_REFUSED = {
    401: ": it does not know us by this login",
    403: ": what this login may do does not include it",
    405: ": it is not asked in this way",
    406: ": it has no JSON for us",
    407: ": a proxy in between wants a login of its own",
}
ELSEWHERE = (301, 302, 303, 307, 308)
LONGEST_RETRY = 86_400.0
"""No system is believed to want more than a day."""


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """What came back, of a call that succeeded or of a 404."""

    status: int
    body: bytes


class Fetcher:
    """The HTTP clients of a process. Redirects are not followed: each address that is called is checked.

    Hosts are called by their addresses, and a connection is kept by what was called: so each host has a client of its
    own, or one would be sent what is for another at the same address, under a certificate that is not its own.
    """

    def __init__(self, *, allowed: Allowed | None = None) -> None:
        self._allowed = allowed or Allowed()
        self._clients: dict[str, _Kept] = {}

    async def fetch(
        self,
        *,
        kind: Kind,
        url: str,
        headers: Mapping[str, str],
        trusted: bool = False,
        body: bytes | None = None,
        wants_answer: bool = True,
    ) -> Fetched:
        """Gets an answer, or posts a body and reads what comes back. `trusted`: the operator named this address, it
        is not checked. Without `wants_answer` the status is all that is read of one that succeeds.

        Raises CallLimited for 429, CallUndecided and CallRefused for other refusals, AnswerRefused for an answer that
        is too large, ConnectorUnavailable for everything that says that the system is not there.
        """
        target, extensions, sent = _read_url(url, kind=kind), {}, dict(headers)
        named = target.host
        if not trusted:
            host, port = target.host, target.port or (443 if target.scheme == "https" else 80)
            address = await resolve_address(
                host=host, port=port, scheme=target.scheme, allowed=self._allowed, kind=kind
            )
            sent["Host"] = target.netloc.decode()
            extensions["sni_hostname"] = host
            target = target.copy_with(host=address)
        try:
            async with (
                self._lend_client(named) as client,
                client.stream(
                    "GET" if body is None else "POST",
                    target,
                    headers=sent,
                    extensions=extensions,
                    content=body,
                ) as response,
            ):
                return await _read(response, kind=kind, wants_answer=wants_answer)
        except httpx2.ConnectError as error:
            raise NeverReached(connector=kind, reason=_explain_no_connection(error)) from error
        except (httpx2.LocalProtocolError, UnicodeEncodeError) as error:
            raise CallRefused(connector=kind, reason="its login holds what no header can carry") from error
        except httpx2.DecodingError as error:
            raise AnswerRefused(connector=kind, reason="it is packed in a way that does not open") from error
        except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError) as error:
            raise ConnectorUnavailable(
                connector=kind, reason=f"it broke off the call ({type(error).__name__})"
            ) from error

    @asynccontextmanager
    async def _lend_client(self, host: str) -> AsyncIterator[httpx2.AsyncClient]:
        kept = self._clients.get(host)
        if kept is None:
            kept = self._clients[host] = _Kept(_make_client())
        kept.calls += 1
        try:
            yield kept.client
        finally:
            kept.calls -= 1
            await self._close_idle()

    async def _close_idle(self) -> None:
        """Lets go of the hosts that were called first, where there are too many; none that is being called."""
        idle = [host for host, kept in self._clients.items() if not kept.calls]
        surplus = max(0, len(self._clients) - MOST_HOSTS)
        gone = [self._clients.pop(host) for host in idle[:surplus]]
        for kept in gone:
            await kept.client.aclose()

    async def close(self) -> None:
        """Closes the connections."""
        gone, self._clients = self._clients, {}
        for kept in gone.values():
            await kept.client.aclose()


class _Kept:
    """The client of a host, and how many calls it is at."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self.client = client
        self.calls = 0


def _make_client() -> httpx2.AsyncClient:
    limits = httpx2.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS // 2)
    return httpx2.AsyncClient(
        timeout=None,
        limits=limits,
        follow_redirects=False,
        trust_env=False,
        verify=_read_authorities(),
        # Systems of several merchants may share a host: none is sent what another one set.
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
    )


@cache
def _read_authorities() -> ssl.SSLContext:
    """Whose certificates hold. Reading them takes a tenth of a second, and a client may be made for one call."""
    return httpx2.create_ssl_context(trust_env=False)


def _read_url(url: str, *, kind: Kind) -> httpx2.URL:
    try:
        return httpx2.URL(url)
    except httpx2.InvalidURL as error:
        raise CallRefused(connector=kind, reason=f"its address is none: {error}") from error


def _explain_no_connection(error: BaseException) -> str:
    """Whether nobody is there, or somebody whose certificate does not hold."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate does not hold: {cause.verify_message}"
        if isinstance(cause, ssl.SSLError):
            return "it does not speak HTTPS there"
        cause = cause.__cause__ or cause.__context__
    return "nothing answers there"


def _explain_refusal(status: int) -> str:
    if status in ELSEWHERE:
        return f"it answered {status} and names another address, which is not followed: enter that one"
    return f"it answered {status}{WHY_REFUSED.get(status, '')}"


async def _read(response: httpx2.Response, *, kind: Kind, wants_answer: bool) -> Fetched:
    status = response.status_code
    if status == TOO_MANY:
        raise CallLimited(
            connector=kind, retry_after=read_retry_after(response.headers.get("Retry-After", ""))
        )
    if status >= SERVER_FAULT:
        raise ConnectorUnavailable(connector=kind, reason=f"it answered {status}")
    if status in UNDECIDED:
        raise CallUndecided(connector=kind, reason=_explain_refusal(status))
    if status != UNKNOWN and not response.is_success:
        raise CallRefused(connector=kind, reason=_explain_refusal(status))
    if not wants_answer:
        return Fetched(status=status, body=b"")
    body = bytearray()
    async for part in response.aiter_bytes():
        body += part
        if len(body) > LARGEST:
            raise AnswerRefused(connector=kind, reason=f"its answer is larger than {LARGEST:,} bytes")
    return Fetched(status=status, body=bytes(body))


def read_retry_after(written: str, *, now: datetime | None = None) -> float:
    """The seconds to wait that a Retry-After names, as a number or as a date."""
    named = written.strip()
    if named.isascii() and named.isdigit():
        return min(float(named), LONGEST_RETRY)
    try:
        until = parsedate_to_datetime(named)
    except (TypeError, ValueError, OverflowError):
        return RETRY_SECONDS
    # A date of HTTP is one of Greenwich, also where it does not say so.
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    seconds = (until - (now or datetime.now(UTC))).total_seconds()
    return min(max(0.0, seconds), LONGEST_RETRY)
