"""The real feed of 19,406 products, where it lies beside the project: imported once, then asked."""

import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.feeds import ImportReport, import_feed
from catalog.ids import MerchantId
from catalog.merchants import create_merchant, delete_merchant
from catalog.models import Variant
from catalog.products import Filter, SearchQuery, get_vocabulary, index_products, search_products
from commerce_agent.isolation.connections import Pool
from tests.catalog.conftest import NOW

FEED = Path(__file__).parents[3] / "shared" / "data" / "feeds" / "electronics.tsv.gz"
MOST_SECONDS = 60

pytestmark = pytest.mark.skipif(
    not FEED.exists(), reason="the electronics feed does not lie beside the project"
)


def tell(request: pytest.FixtureRequest, figure: str) -> None:
    """Puts a figure into the report of the tests."""
    reporter = request.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None:
        reporter.write_line(f" {figure}")


@pytest.fixture(scope="module")
def imported(database: str, request: pytest.FixtureRequest) -> Iterator[ImportReport]:
    made = create_merchant(key=f"t-{uuid.uuid4().hex[:12]}", name="Electronics", ephemeral=True)
    merchant = MerchantId(str(made.id))
    report = import_feed(merchant=merchant, path=FEED, now=NOW)
    index_products(merchant=merchant, now=NOW)
    tell(request, f"19,406 products imported in {report.seconds:.1f} s")
    yield report
    delete_merchant(merchant=merchant)


def test_every_product_is_taken_in_within_a_minute(imported: ImportReport) -> None:
    assert (imported.read, imported.created, imported.refused) == (19_406, 19_406, ())
    assert imported.seconds <= MOST_SECONDS
    assert Variant.objects.filter(merchant_id=imported.merchant).count() == 19_406


def test_second_import_leaves_everything_as_it_is(imported: ImportReport) -> None:
    again = import_feed(merchant=imported.merchant, path=FEED, now=NOW)

    assert (again.created, again.updated, again.unchanged, again.missing) == (0, 0, 19_406, 0)


async def test_limit_holds_and_misses_say_by_how_much(imported: ImportReport, pool: Pool) -> None:
    under = Filter(field="price", op="<=", value=20)
    async with pool.connection() as connection:
        result = await search_products(
            connection,
            merchant=imported.merchant,
            query=SearchQuery(now=NOW, text="wireles mouse", filters=(under,)),
        )

    assert [(fix.written, fix.meant) for fix in result.corrections] == [("wireles", "wireless")]
    assert result.hits
    assert all(hit.price.amount <= 20 and "mouse" in hit.title.lower() for hit in result.hits)
    assert result.near_misses
    assert all(miss.margin == pytest.approx(float(miss.hit.price.amount) - 20) for miss in result.near_misses)


async def test_model_number_is_found_first(imported: ImportReport, pool: Pool) -> None:
    async with pool.connection() as connection:
        result = await search_products(
            connection, merchant=imported.merchant, query=SearchQuery(now=NOW, text="brother tn-2110 toner")
        )

    assert result.hits[0].title.startswith("Brother TN-2110 toner")


async def test_search_and_vocabulary_answer(
    imported: ImportReport, pool: Pool, request: pytest.FixtureRequest
) -> None:
    words = (
        "usb hub",
        "laptop bag",
        "hp toner",
        "gaming keyboard",
        "power bank",
        "projector screen",
        "webcam",
    )
    async with pool.connection() as connection:
        vocabulary = await get_vocabulary(connection, merchant=imported.merchant)
        taken = []
        for text in (*words, *words):
            started = time.perf_counter()
            await search_products(
                connection, merchant=imported.merchant, query=SearchQuery(now=NOW, text=text)
            )
            taken.append(time.perf_counter() - started)

    tell(request, f"search over 19,406 products: median {sorted(taken)[len(taken) // 2] * 1000:.0f} ms")
    assert len(vocabulary.brands) == 161
