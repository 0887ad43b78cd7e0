"""Measuring the search on judged queries: the feed into a shop of its own, each query as shoppers are answered."""

import csv
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import TypeVar

import msgspec
from django.conf import settings

from catalog.connectors import build_sources
from catalog.feeds import find_feed_currency, import_feed
from catalog.ids import MerchantId, Sku
from catalog.merchants import create_merchant, delete_merchant
from catalog.pricing import PriceContext
from catalog.products import index_products
from commerce_agent.composition import open_platform
from commerce_agent.isolation.connections import TellingConnection
from commerce_agent.tools import search_products
from commerce_agent.tools.desk import Desk
from commerce_agent.tools.trail import Trail
from conversations.ids import MerchantId as ConversationMerchant
from conversations.state import ConversationState

Answer = TypeVar("Answer")

DEPTH = 50
"""Results a query: the scorer leaves out what nobody judged, and needs more than ten to fill up."""
ROUNDS = 3
"""Times that each query is timed once everything has been read; the middle one counts."""
PLAIN = """
SELECT p.id FROM catalog_product p
WHERE p.merchant_id = %(merchant)s AND p.search @@ plainto_tsquery('shop', %(text)s)
ORDER BY ts_rank(p.search, plainto_tsquery('shop', %(text)s)) DESC LIMIT %(depth)s
"""
"""The plain full text search that the times are held against: all words, ts_rank, product ids and no more."""


class Ranking(msgspec.Struct, frozen=True, kw_only=True):
    """What one query found, the best first, and how long it took."""

    query: str
    skus: tuple[Sku, ...]
    cold_ms: float
    """The first time that it was asked, of a shop that was just imported."""
    warm_ms: float
    plain_ms: float
    """The same words by PostgreSQL's plain full text search, timed beside it."""


def list_queries(judgements: Path) -> tuple[str, ...]:
    """The queries of a TSV with the columns query, id, rating. Raises OSError, KeyError."""
    with judgements.open(encoding="utf-8", newline="") as file:
        return tuple(dict.fromkeys(row["query"] for row in csv.DictReader(file, delimiter="\t")))


@contextmanager
def lend_shop(feed: Path) -> Iterator[MerchantId]:
    """A shop with this feed, removed afterwards. Raises FeedUnreadable."""
    now = datetime.now(UTC)
    made = create_merchant(
        key=f"evaluate-{uuid.uuid4().hex[:12]}",
        name="Evaluation",
        currency=find_feed_currency(path=feed),
        ephemeral=True,
    )
    merchant = MerchantId(str(made.id))
    try:
        import_feed(merchant=merchant, path=feed, now=now)
        index_products(merchant=merchant, now=now)
        yield merchant
    finally:
        delete_merchant(merchant=merchant)


async def rank_queries(*, merchant: MerchantId, queries: tuple[str, ...]) -> tuple[Ranking, ...]:
    """Each query as the shop's assistant searches for it, in the order in which it offers what it finds.

    What has most of the words and not all stands after what has all.
    """
    now = datetime.now(UTC)
    async with (
        open_platform(clock=lambda: now, quiet=True) as platform,
        await TellingConnection.connect(settings.DATABASE_URL, autocommit=True) as connection,
    ):
        sources = build_sources(pool=platform.pool)
        shop = platform.turns.shops.open_shelf(
            PriceContext(now=now), merchant=ConversationMerchant(merchant), sources=sources
        )

        async def ask(text: str) -> tuple[Sku, ...]:
            trail = Trail(state=ConversationState(), turn=1, at=now)
            desk = Desk(shop=shop, trail=trail, conversation="evaluate", currency="")
            result, ranking = await search_products.rank(
                desk, search_products.Arguments(query=text), limit=DEPTH
            )
            return tuple(hit.sku for hit in (*ranking.hits, *result.also))

        async def ask_plainly(text: str) -> int:
            asked = {"merchant": merchant, "text": text, "depth": DEPTH}
            async with connection.cursor() as cursor:
                await cursor.execute(PLAIN, asked)
                return len(await cursor.fetchall())

        cold = [await _time(ask, text) for text in queries]
        rankings = []
        for text, (skus, cold_ms) in zip(queries, cold, strict=True):
            warm = [(await _time(ask, text))[1] for _ in range(ROUNDS)]
            plain = [(await _time(ask_plainly, text))[1] for _ in range(ROUNDS)]
            rankings.append(
                Ranking(
                    query=text,
                    skus=skus,
                    cold_ms=cold_ms,
                    warm_ms=median(warm),
                    plain_ms=median(plain),
                )
            )
    return tuple(rankings)


async def _time(ask: Callable[[str], Awaitable[Answer]], text: str) -> tuple[Answer, float]:
    started = time.perf_counter()
    answer = await ask(text)
    return answer, (time.perf_counter() - started) * 1000


def say_times(rankings: tuple[Ranking, ...]) -> str:
    """How long the searches took: again and for the first time, and beside the plain full text search."""
    warm, cold, plain = (
        sorted(getattr(ranking, name) for ranking in rankings) for name in ("warm_ms", "cold_ms", "plain_ms")
    )
    return (
        f"{len(rankings)} queries, {_say_spread(warm)} a search; the first time {_say_spread(cold)}; "
        f"plain full text beside it {_say_spread(plain)}"
    )


def _say_spread(taken: list[float]) -> str:
    return f"p50 {taken[len(taken) // 2]:.1f} ms, p95 {taken[int(len(taken) * 0.95)]:.1f} ms"


def write_rankings(rankings: tuple[Ranking, ...], *, path: Path) -> None:
    """A TSV with the columns query, rank (from 1), id."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, delimiter="\t", lineterminator="\n")
        rows.writerow(("query", "rank", "id"))
        for ranking in rankings:
            rows.writerows((ranking.query, place, sku) for place, sku in enumerate(ranking.skus, start=1))
