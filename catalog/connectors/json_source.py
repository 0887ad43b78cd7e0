"""A merchant's system over HTTP: the shipped merchant API, or any that answers JSON."""

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Generic
from urllib.parse import quote

import msgspec

from catalog.connectors.fetching import UNKNOWN, Fetcher
from catalog.connectors.mapping import RowMapping, read_document
from catalog.connectors.readings import AnswerRefused, CallRefused, Key, Kind, Reading
from catalog.connectors.wire import Frame, Shape
from catalog.ids import MerchantId

ONE_BY_ONE = ("{sku}", "{customer}")


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """Where a system is and how it is asked."""

    kind: Kind
    name: str
    url: str
    """With {merchant}, and {sku}, {skus} or {customer}."""
    headers: dict[str, str] = {}
    mapping: RowMapping
    trusted: bool = False
    """The operator named the address, not the merchant."""
    whole_rows: tuple[str, ...] = ()
    """Fields that every row has to name, be it with null."""

    @property
    def asks_one_by_one(self) -> bool:
        """Whether each key is a call of its own."""
        return any(place in self.url for place in ONE_BY_ONE)


def make_headers(*, login: str, login_name: str, secret: str) -> dict[str, str]:
    """The headers by which a system knows who asks."""
    match login:
        case "bearer":
            return {"Authorization": f"Bearer {secret}"}
        case "header":
            return {login_name: secret}
        case "basic":
            pair = base64.b64encode(f"{login_name}:{secret}".encode()).decode()
            return {"Authorization": f"Basic {pair}"}
        case _:
            return {}


class JsonSource(Generic[Key, Reading]):
    """Asks one endpoint and reads its answers; those that cannot be are refused."""

    def __init__(
        self, *, endpoint: Endpoint, shape: Shape[Key, Reading], fetcher: Fetcher, currency: str
    ) -> None:
        self._endpoint = endpoint
        self._shape: Shape[Key, Reading] = shape
        self._fetcher = fetcher
        self._currency = currency

    async def read(self, *, merchant: MerchantId, keys: tuple[Key, ...], now: datetime) -> dict[Key, Reading]:
        """The readings, by one call. Raises ConnectorUnavailable and its kinds."""
        endpoint = self._endpoint
        fetched = await self._fetcher.fetch(
            kind=endpoint.kind,
            url=fill_url(endpoint.url, merchant=merchant, keys=keys),
            headers={"Accept": "application/json", **endpoint.headers},
            trusted=endpoint.trusted,
        )
        if fetched.status == UNKNOWN:
            if endpoint.asks_one_by_one:
                return {}
            raise CallRefused(connector=endpoint.kind, reason="it answered 404")
        document = read_document(fetched.body, kind=endpoint.kind)
        rows = endpoint.mapping.list_rows(document)
        self._require_whole(rows)
        frame = Frame(
            kind=endpoint.kind,
            source=endpoint.name,
            now=now,
            currency=self._currency,
            version=endpoint.mapping.find_version(document),
        )
        return self._shape.read(rows=rows, keys=keys, frame=frame)

    def _require_whole(self, rows: object) -> None:
        for row in rows if isinstance(rows, list) else ():
            missing = [name for name in self._endpoint.whole_rows if name not in row]
            if missing:
                raise AnswerRefused(connector=self._endpoint.kind, reason=f"{missing[0]} is missing")


def fill_url(template: str, *, merchant: str, keys: tuple[str, ...]) -> str:
    """The address of a call, with what is asked for written so that it stays what it is."""
    quoted = [quote(key, safe="") for key in keys]
    places: Mapping[str, str] = {
        "{merchant}": quote(merchant, safe=""),
        "{skus}": ",".join(quoted),
        "{sku}": quoted[0] if quoted else "",
        "{customer}": quoted[0] if quoted else "",
    }
    for place, value in places.items():
        template = template.replace(place, value)
    return template
