"""The merchant API: the built-in store behind HTTP, as any merchant's own system would be.

    GET /v1/<merchant>/stock?skus=A,B   also prices, items; policies, promotions; orders, customers,
                                        history?customer=KEY
    POST /v1/<merchant>/orders          also reservations, checks, changes, outcomes (catalog/orders/wire.py)
    GET /healthz                        alive
    GET, PUT, DELETE /drills            how it misbehaves (only where drills are allowed)

Every path but /healthz wants `Authorization: Bearer <key>`.
"""

import asyncio
import hmac
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol
from urllib.parse import parse_qs
from uuid import UUID

import msgspec
from psycopg import OperationalError
from psycopg_pool import PoolTimeout

from catalog.clock import Clock
from catalog.connectors import ConnectorUnavailable, Kind, Sources
from catalog.ids import CustomerKey, MerchantId, Sku
from catalog.merchant_api.answers import MOST_SKUS, PATHS, Path, Question
from catalog.merchant_api.drills import AFTER, Drill, Drills, delay, spoil
from catalog.merchant_api.ordering import MAKING, CallRefused, Request, answer_call
from catalog.orders import OrderDesk, wire
from commerce_agent.decoding import decode_json
from commerce_agent.isolation.acting import acting_for

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
LARGEST_BODY = 4096
LARGEST_ORDER = 65_536


class Opened(Protocol):
    """What is opened before the first request and closed after the last."""

    async def open(self) -> None:
        """Opens it."""
        ...

    async def close(self) -> None:
        """Closes it."""
        ...


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A status and what is said with it."""

    status: int
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()


def _say(status: int, body: object, *headers: tuple[bytes, bytes]) -> Answer:
    return Answer(status=status, body=msgspec.json.encode(body), headers=headers)


class MerchantApi:
    """The ASGI application."""

    def __init__(
        self,
        *,
        sources: Sources,
        desk: OrderDesk,
        opened: Opened,
        key: str,
        clock: Clock,
        drills: Drills | None = None,
    ) -> None:
        self._sources = sources
        self._desk = desk
        self._opened = opened
        self._key = key.encode()
        self._clock = clock
        self._drills = drills

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request, or opens and closes what all of them need."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            answer = await self._answer(scope, receive)
            head = [(b"content-type", b"application/json"), (b"cache-control", b"no-store"), *answer.headers]
            await send({"type": "http.response.start", "status": answer.status, "headers": head})
            await send({"type": "http.response.body", "body": answer.body})

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self._opened.open()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self._opened.close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        path, method = str(scope["path"]), str(scope["method"])
        if path == "/healthz":
            return _say(200, {"alive": True})
        if not self._is_let_in(scope):
            return _say(401, {"error": "Authorization: Bearer <key> is missing or wrong."})
        if path == "/drills" and self._drills is not None:
            return await self._drill(self._drills, method, receive)
        parts = path.strip("/").split("/")
        if len(parts) != 3 or parts[0] != "v1" or parts[2] not in (*PATHS, *wire.CALLS):
            return _say(404, {"error": f"Nothing is at {path}."})
        if method == "POST" and parts[2] in wire.CALLS:
            return await self._take(scope, receive, merchant=parts[1], call=parts[2])
        if method != "GET" or parts[2] not in PATHS:
            allowed = b", ".join(
                word for word, held in ((b"GET", PATHS), (b"POST", wire.CALLS)) if parts[2] in held
            )
            return _say(405, {"error": f"{method} is not answered here."}, (b"allow", allowed))
        return await self._ask(PATHS[parts[2]], merchant=parts[1], query=scope["query_string"].decode())

    async def _take(self, scope: Scope, receive: Receive, *, merchant: str, call: wire.Call) -> Answer:
        """Orders, or the drilled misbehaviour: before anything is done, but for an answer that is lost or late."""
        drill = self._drills.find("orders") if self._drills else None
        after = drill is not None and drill.mode in AFTER
        misbehaved = None if after else await self._misbehave("orders")
        if misbehaved is not None:
            return misbehaved
        known = _read_merchant(merchant)
        if known is None:
            return _say(404, {"error": "There is no such merchant."})
        key = dict(scope["headers"]).get(wire.KEY_HEADER.encode(), b"").decode("latin-1")
        try:
            body = await _read_body(receive, most=LARGEST_ORDER)
            request = Request(merchant=known, call=call, body=body, key=key, now=self._clock())
            with acting_for(known):
                came = await answer_call(self._desk, request)
        except (CallRefused, ValueError) as error:
            return _say(400, {"error": str(error)})
        except (ConnectorUnavailable, OperationalError, PoolTimeout, TimeoutError) as error:
            return _say(503, {"error": str(error)}, (b"retry-after", b"2"))
        if drill is not None and after and call in MAKING:
            if drill.mode == "lost_answer":
                return _say(drill.status, {"error": "This is a drill: it was done, and the answer is lost."})
            await asyncio.sleep(drill.seconds)
        return Answer(status=200, body=wire.write(came))

    def _is_let_in(self, scope: Scope) -> bool:
        shown = dict(scope["headers"]).get(b"authorization", b"")
        return hmac.compare_digest(shown, b"Bearer " + self._key)

    async def _drill(self, drills: Drills, method: str, receive: Receive) -> Answer:
        if method == "DELETE":
            drills.stop()
        elif method == "PUT":
            try:
                drills.start(decode_json(await _read_body(receive), Drill))
            except (msgspec.DecodeError, ValueError) as error:
                return _say(400, {"error": str(error)})
        return _say(200, drills.describe())

    async def _ask(self, path: Path, *, merchant: str, query: str) -> Answer:
        """The rows asked for, or the drilled misbehaviour."""
        misbehaved = await self._misbehave(path.kind)
        if misbehaved is not None:
            return misbehaved
        drill = self._drills.find(path.kind) if self._drills else None
        asked = self._read_question(merchant=merchant, query=query)
        if isinstance(asked, Answer):
            return asked
        try:
            with acting_for(asked.merchant):
                rows = await path.answer(self._sources, asked)
        except ConnectorUnavailable as error:
            return _say(503, {"error": str(error)}, (b"retry-after", b"2"))
        if self._drills is not None:
            await self._drills.hold(drill, kind=path.kind)
        if drill is not None and drill.mode == "not_json":
            return Answer(status=200, body=b"<html>Welcome to the shop!</html>")
        told = spoil(rows, drill=drill, kind=path.kind) if drill else rows
        return _say(200, {"items": told.items} | ({"version": told.version} if told.version else {}))

    async def _misbehave(self, kind: Kind) -> Answer | None:
        """Counts the call, and waits or fails as is drilled."""
        if self._drills is None:
            return None
        drill = self._drills.find(kind)
        self._drills.calls[kind] += 1
        await delay(drill)
        if drill is not None and drill.mode == "error":
            return _say(500, {"error": "This is a drill."})
        if drill is not None and drill.mode == "rate_limited":
            seconds = str(int(drill.seconds)).encode()
            return _say(429, {"error": "This is a drill."}, (b"retry-after", seconds))
        return None

    def _read_question(self, *, merchant: str, query: str) -> Question | Answer:
        said = parse_qs(query)
        known = _read_merchant(merchant)
        if known is None:
            return _say(404, {"error": "There is no such merchant."})
        skus = tuple(Sku(sku) for given in said.get("skus", ()) for sku in given.split(",") if sku)
        if len(skus) > MOST_SKUS:
            return _say(400, {"error": f"At most {MOST_SKUS} SKUs at once."})
        customer = said.get("customer", [""])[0]
        return Question(
            merchant=known, skus=skus, customer=CustomerKey(customer) if customer else None, now=self._clock()
        )


def _read_merchant(written: str) -> MerchantId | None:
    try:
        return MerchantId(str(UUID(written)))
    except ValueError:
        return None


async def _read_body(receive: Receive, *, most: int = LARGEST_BODY) -> bytes:
    body = b""
    while len(body) <= most:
        message = await receive()
        body += bytes(message.get("body", b""))
        if not message.get("more_body"):
            return body
    raise ValueError(f"At most {most} bytes.")
