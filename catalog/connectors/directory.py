"""Which system answers for a merchant: its own where one is configured, else the store."""

import logging
import time
from collections.abc import Mapping
from contextlib import suppress

import msgspec
from psycopg import OperationalError
from psycopg.rows import dict_row
from psycopg_pool import PoolTimeout

from catalog.connectors.json_source import Endpoint, make_headers
from catalog.connectors.mapping import RowMapping
from catalog.connectors.readings import COPY, NOBODY, TOLD, Kind
from catalog.connectors.sealing import SecretUnreadable, open_secret
from catalog.connectors.store import SOURCE
from catalog.connectors.store_rows import Connections
from catalog.ids import MerchantId
from commerce_agent.decoding import convert

logger = logging.getLogger(__name__)

REMEMBERED_SECONDS = 15.0
"""How long a process goes on by what it read: a change in the admin holds everywhere after it, and for what is ordered
at once (`Directory.renew`).
"""
REMEMBERED_MOST = 1000
TIMEOUT = 1.5
"""How long the store's own merchant API is waited for."""
ORDER_TIMEOUT = 5.0
"""An order is waited for longer than an answer: it may wait for others that want the same goods."""
SETTINGS = """
SELECT m.currency, c.kind, c.name, c.url, c.login, c.login_name, c.sealed_secret, c.items, c.fields, c.timeout_ms,
  c.per_second, c.desk_url, m.tellers
FROM catalog_merchant m LEFT JOIN catalog_connector c ON c.merchant_id = m.id AND c.active
WHERE m.id = %(merchant)s
"""
STORE_URLS: dict[Kind, str] = {
    "inventory": "/v1/{merchant}/stock?skus={skus}",
    "pricing": "/v1/{merchant}/prices?skus={skus}",
    "catalogue": "/v1/{merchant}/items?skus={skus}",
    "policies": "/v1/{merchant}/policies",
    "promotions": "/v1/{merchant}/promotions",
    "orders": "/v1/{merchant}/orders?customer={customer}",
    "customers": "/v1/{merchant}/customers?customer={customer}",
}
STORE_QUESTIONS: dict[str, str] = {"history": "/v1/{merchant}/history?customer={customer}"}
"""What the store's merchant API is asked for beside that, by question."""
WHOLE_ROWS: dict[Kind, tuple[str, ...]] = {
    "inventory": ("sku", "quantity", "availability", "version"),
    "pricing": ("sku", "price", "currency", "version"),
}

OUR_SOURCES = (SOURCE, TOLD, COPY, NOBODY)
"""Names that readings of our own have: a merchant's system of such a name goes by its kind."""


class StoreApi(msgspec.Struct, frozen=True, kw_only=True):
    """Where the built-in store's merchant API is; without a URL the store is read in this process."""

    url: str = ""
    key: str = ""
    seconds: float = TIMEOUT
    """How long one of its answers is waited for."""


class Counter(msgspec.Struct, frozen=True, kw_only=True):
    """Where orders are placed and changed, and how it knows us."""

    url: str
    """With {merchant} and {call}."""
    headers: tuple[tuple[str, str], ...] = ()
    trusted: bool = False
    """The operator named the address, not the merchant."""
    seconds: float = ORDER_TIMEOUT
    per_second: int = 0
    """How many calls it allows, together with what it is asked; 0: any number."""


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """How one merchant's system of one kind is reached. No endpoint: the store, in this process."""

    kind: Kind
    currency: str
    endpoint: Endpoint | None = None
    seconds: float = TIMEOUT
    per_second: int = 0
    teller: int = 0
    """Which system answers, as it is entered; see `Answered.teller`. What it says is kept apart from what was said
    before it.
    """
    counter: Counter | None = None
    """Of a system that keeps orders: where it takes them, if it does."""

    @property
    def name(self) -> tuple[object, ...]:
        """What tells it from every other route."""
        url = self.endpoint.url if self.endpoint else ""
        return (self.kind, self.currency, url, self.teller, self.seconds, self.per_second)


class _Row(msgspec.Struct, frozen=True, kw_only=True):
    currency: str
    kind: Kind | None
    name: str | None
    url: str | None
    login: str | None
    login_name: str | None
    sealed_secret: bytes | None
    items: str | None
    fields: dict[str, str] | None
    timeout_ms: int | None
    per_second: int | None
    desk_url: str | None
    tellers: dict[str, int]
    """By kind the number of the system that answers, a merchant's own or the store; the database counts."""


class _Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Which systems a merchant has."""

    own: dict[Kind, Route] = {}
    currency: str = "USD"
    tellers: dict[str, int] = {}


class Directory:
    """The routes of all merchants, as this process last read them."""

    def __init__(self, *, connections: Connections, store: StoreApi, keys: Mapping[int, bytes]) -> None:
        self._connections = connections
        self._store = store
        self._keys = keys
        self._known: dict[MerchantId, tuple[float, _Settings]] = {}

    async def find_route(self, *, merchant: MerchantId, kind: Kind, question: str = "") -> Route:
        """The route to take. PostgreSQL out of reach: the one last known.

        A merchant's own system answers each `question` at one address; the store has one for each.
        """
        until, settings = self._known.get(merchant, (0.0, _Settings()))
        if time.monotonic() >= until:
            settings = await self._learn(merchant, last=settings)
        return settings.own.get(kind) or Route(
            kind=kind,
            currency=settings.currency,
            endpoint=self._find_store(kind, question=question),
            seconds=self._store.seconds,
            teller=settings.tellers.get(kind, 0),
        )

    async def renew(self, *, merchant: MerchantId) -> None:
        """Reads the merchant's settings anew, before anything is committed on what its systems say: one that was
        exchanged a moment ago confirms no order. PostgreSQL out of reach: as in `find_route`.
        """
        _, settings = self._known.get(merchant, (0.0, _Settings()))
        await self._learn(merchant, last=settings)

    async def find_counter(self, *, merchant: MerchantId) -> Counter | None:
        """Where the merchant's orders are placed and changed; None: in the built-in store, in this process."""
        own = (await self.find_route(merchant=merchant, kind="orders")).counter
        if own is not None or not self._store.url:
            return own
        return Counter(
            url=self._store.url.rstrip("/") + "/v1/{merchant}/{call}",
            headers=(("Authorization", f"Bearer {self._store.key}"),),
            trusted=True,
        )

    async def is_shown_only(self, *, merchant: MerchantId) -> bool:
        """Whether the merchant's own system shows its orders and takes none."""
        route = await self.find_route(merchant=merchant, kind="orders")
        return route.counter is None and route.endpoint is not None and not route.endpoint.trusted

    def forget(self, *, merchant: MerchantId) -> None:
        """Reads the merchant's settings anew at the next question."""
        self._known.pop(merchant, None)

    def _find_store(self, kind: Kind, *, question: str) -> Endpoint | None:
        if not self._store.url:
            return None
        return Endpoint(
            kind=kind,
            name=SOURCE,
            url=self._store.url.rstrip("/") + (STORE_QUESTIONS[question] if question else STORE_URLS[kind]),
            headers=make_headers(login="bearer", login_name="", secret=self._store.key),
            mapping=RowMapping(kind=kind, items="items", version="version"),
            trusted=True,
            whole_rows=WHOLE_ROWS.get(kind, ()),
        )

    async def _learn(self, merchant: MerchantId, *, last: _Settings) -> _Settings:
        settings = last
        with suppress(OperationalError, PoolTimeout):
            settings = await self._read(merchant)
        if len(self._known) >= REMEMBERED_MOST:
            self._known.clear()
        self._known[merchant] = (time.monotonic() + REMEMBERED_SECONDS, settings)
        return settings

    async def _read(self, merchant: MerchantId) -> _Settings:
        async with (
            self._connections.connection() as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            await cursor.execute(SETTINGS, {"merchant": merchant})
            rows = [convert(row, _Row) for row in await cursor.fetchall()]
        own = {row.kind: self._make_route(row, row.kind, merchant=merchant) for row in rows if row.kind}
        if not rows:
            return _Settings()
        return _Settings(own=own, currency=rows[0].currency, tellers=rows[0].tellers)

    def _open(self, sealed: bytes, *, kind: Kind, merchant: MerchantId) -> str:
        """The secret; none where it does not open, so that the system refuses the call and the log says why."""
        try:
            return open_secret(sealed, keys=self._keys, merchant=merchant, kind=kind)
        except SecretUnreadable:
            logger.exception(
                "connector secret", extra={"action": "connector.unreadable", "merchant": merchant}
            )
            return ""

    def _make_route(self, row: _Row, kind: Kind, *, merchant: MerchantId) -> Route:
        secret = self._open(row.sealed_secret, kind=kind, merchant=merchant) if row.sealed_secret else ""
        headers = make_headers(login=row.login or "", login_name=row.login_name or "", secret=secret)
        return Route(
            kind=kind,
            currency=row.currency,
            endpoint=Endpoint(
                kind=kind,
                name=row.name if row.name and row.name not in OUR_SOURCES else kind,
                url=row.url or "",
                headers=headers,
                mapping=RowMapping(kind=kind, items=row.items or "", fields=row.fields or {}),
            ),
            seconds=(row.timeout_ms or 0) / 1000 or TIMEOUT,
            per_second=row.per_second or 0,
            teller=row.tellers.get(kind, 0),
            counter=Counter(
                url=row.desk_url,
                headers=tuple(headers.items()),
                seconds=max((row.timeout_ms or 0) / 1000, ORDER_TIMEOUT),
                per_second=row.per_second or 0,
            )
            if row.desk_url
            else None,
        )
