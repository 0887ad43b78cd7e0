"""Measuring the search on judged queries: the feed into a shop of its own, each query through its own search."""

import csv
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from django.conf import settings
from psycopg import AsyncConnection

from catalog.feeds import find_feed_currency, import_feed
from catalog.ids import MerchantId, Sku
from catalog.merchants import create_merchant, delete_merchant
from catalog.products import SearchQuery, index_products, search_products

DEPTH = 50
"""Results a query: the scorer leaves out what nobody judged, and needs more than ten to fill up."""


class Ranking(msgspec.Struct, frozen=True, kw_only=True):
    """What one query found, the best first, and how long it took."""

    query: str
    skus: tuple[Sku, ...]
    milliseconds: float


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
    """Each query through the search that serves shoppers; partial matches stand after the full ones."""
    rankings = []
    now = datetime.now(UTC)
    async with await AsyncConnection.connect(settings.DATABASE_URL, autocommit=True) as connection:
        for text in queries:
            started = time.perf_counter()
            result = await search_products(
                connection, merchant=merchant, query=SearchQuery(now=now, text=text, limit=DEPTH)
            )
            taken = (time.perf_counter() - started) * 1000
            skus = tuple(hit.sku for hit in (*result.hits, *result.also))
            rankings.append(Ranking(query=text, skus=skus, milliseconds=taken))
    return tuple(rankings)


def write_rankings(rankings: tuple[Ranking, ...], *, path: Path) -> None:
    """A TSV with the columns query, rank (from 1), id."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, delimiter="\t", lineterminator="\n")
        rows.writerow(("query", "rank", "id"))
        for ranking in rankings:
            rows.writerows((ranking.query, place, sku) for place, sku in enumerate(ranking.skus, start=1))
