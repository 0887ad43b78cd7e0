"""One call to a merchant's system, to see whether it is set up well: what was asked, and what came of it."""

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from catalog.connectors.addresses import Allowed
from catalog.connectors.codec import write_special
from catalog.connectors.fetching import Fetcher
from catalog.connectors.json_source import Endpoint, JsonSource, fill_url
from catalog.connectors.readings import (
    Answered,
    AnswerRefused,
    CallLimited,
    ConnectorTimedOut,
    ConnectorUnavailable,
    Kind,
)
from catalog.connectors.timing import TimeLimited
from catalog.connectors.wire import (
    CustomerShape,
    Frame,
    HistoryShape,
    ItemShape,
    OrderShape,
    Plain,
    PolicyShape,
    PriceShape,
    PromotionShape,
    StockShape,
)
from catalog.ids import CustomerKey, MerchantId


class _WholeCustomer:
    """What is known of a customer, and what it says of their orders, if anything."""

    def read(
        self, *, rows: Sequence[Plain], keys: tuple[CustomerKey, ...], frame: Frame
    ) -> dict[str, Answered]:
        known = CustomerShape().read(rows=rows, keys=keys, frame=frame)
        bought = HistoryShape().read(rows=rows, keys=keys, frame=frame)
        orders: dict[str, Answered] = {f"{key}, orders": each for key, each in bought.items()}
        return {str(key): each for key, each in known.items()} | orders


SHAPES: dict[Kind, Any] = {
    "inventory": StockShape(),
    "pricing": PriceShape(),
    "catalogue": ItemShape(),
    "policies": PolicyShape(),
    "promotions": PromotionShape(),
    "orders": OrderShape(),
    "customers": _WholeCustomer(),
}
HIDDEN = "••••••"
LONGEST = 20_000
"""So many characters of an answer are shown."""
_BEGINNINGS = ("it ", "its ", "nothing ")


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked and what came of it: `answer` as JSON, or `problem`."""

    url: str
    headers: tuple[tuple[str, str], ...]
    milliseconds: int
    answer: str = ""
    problem: str = ""


async def try_endpoint(
    *,
    endpoint: Endpoint,
    merchant: MerchantId,
    key: str,
    currency: str,
    seconds: float,
    allowed: Allowed,
    now: datetime,
) -> Tried:
    """Asks once, past every cache and breaker. A secret is never part of what is answered."""
    fetcher = Fetcher(allowed=allowed)
    source: JsonSource[str, Answered] = JsonSource(
        endpoint=endpoint, shape=SHAPES[endpoint.kind], fetcher=fetcher, currency=currency
    )
    limited = TimeLimited(inner=source, connector=endpoint.kind, seconds=seconds)
    started, answer, problem = time.perf_counter(), "", ""
    try:
        readings = await limited.read(merchant=merchant, keys=(key,), now=now)
        answer = _write(readings)
        if not readings:
            problem = f"It answers, and knows nothing of {key}."
    except ConnectorUnavailable as error:
        problem = say_problem(error)
    finally:
        await fetcher.close()
    return Tried(
        url=fill_url(endpoint.url, merchant=merchant, keys=(key,)),
        headers=tuple((name, HIDDEN) for name in endpoint.headers),
        milliseconds=round((time.perf_counter() - started) * 1000),
        answer=answer,
        problem=problem,
    )


def say_problem(error: ConnectorUnavailable) -> str:
    """What is wrong, in a sentence for whoever runs the system."""
    match error:
        case CallLimited():
            wait = error.retry_after or 0
            return f"It answered 429: it wants to be asked less often, again in {wait:g} seconds."
        case ConnectorTimedOut():
            return f"It did not answer within {error.seconds:g} seconds."
        case AnswerRefused() if not error.reason.startswith("its answer"):
            return f"Its answer cannot be used: {error.reason}."
        case _ if error.reason.startswith(_BEGINNINGS):
            return f"{error.reason[0].upper()}{error.reason[1:]}."
        case _:
            return f"{error.reason}." if error.reason else str(error)


def _write(readings: dict[str, Answered]) -> str:
    if not readings:
        return ""
    written = msgspec.json.encode(list(readings.values()), enc_hook=write_special)
    shown = msgspec.json.format(written, indent=2).decode()
    return (
        shown
        if len(shown) <= LONGEST
        else f"{shown[:LONGEST]}\n… and {len(shown) - LONGEST:,} more characters"
    )
