"""Lists of promotions as they come over HTTP: of the store, whose list is numbered, and of a merchant's own system."""

from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest
from asgiref.sync import sync_to_async

from catalog.connectors import WHOLE, AnswerRefused, Connectors
from catalog.connectors.mapping import RowMapping
from catalog.connectors.readings import PromotionsReading, PromotionTerms
from catalog.connectors.recorded import list_older_promotions
from catalog.connectors.sealing import seal_secret
from catalog.connectors.wire import Frame, ItemShape
from catalog.ids import MerchantId
from catalog.models import Connector, Promotion
from tests.catalog.conftest import BLUE, NOW, RED
from tests.catalog.test_own_systems import HERE, KEYS
from tests.merchant_api import KEY, RunningApi

Build = Callable[..., Connectors]
FRAME = Frame(kind="catalogue", source="erp", now=NOW, currency="USD")


def connect_own_system(merchant: MerchantId, api: RunningApi) -> None:
    Connector.objects.create(
        merchant_id=merchant,
        kind="promotions",
        name="erp",
        url=f"{api.url}/v1/{{merchant}}/promotions",
        login="bearer",
        sealed_secret=seal_secret(KEY, keys=KEYS, merchant=merchant, kind="promotions"),
        items="items",
        fields={"title": "title", "percent": "percent", "code": "code", "version": "version"},
        timeout_ms=9000,
    )


@pytest.mark.parametrize("through", ["merchant api", "configured"])
async def test_an_older_list_of_promotions_takes_no_newer_ones_place(
    stocked: MerchantId, build: Build, merchant_api: RunningApi, through: str
) -> None:
    """Neither of the store, whose list is numbered, nor of a system that numbers only its promotions."""
    if through == "configured":
        await sync_to_async(connect_own_system)(stocked, merchant_api)
    connectors = build(through, allowed=HERE, keys=KEYS)
    good = (await connectors.promotions.read(merchant=stocked, keys=(WHOLE,), now=NOW))[WHOLE]
    merchant_api.misbehave("older_version")
    later = NOW + timedelta(minutes=20)

    told = (await connectors.promotions.read(merchant=stocked, keys=(WHOLE,), now=later))[WHOLE]
    counted = await connectors.parts.tally.look(merchant=stocked, connector="promotions")

    assert (good.version > 1) is (through == "merchant api")
    assert good.promotions[0].version > 1
    assert told == msgspec.structs.replace(good, stale=True)
    assert (counted["refused"], counted["fallbacks"]) == (1, 1)


async def test_a_promotion_that_was_taken_out_is_no_step_back(stocked: MerchantId, build: Build) -> None:
    connectors = build("merchant api")
    await connectors.promotions.read(merchant=stocked, keys=(WHOLE,), now=NOW)
    await Promotion.objects.filter(merchant_id=stocked).adelete()

    read = await connectors.promotions.read(merchant=stocked, keys=(WHOLE,), now=NOW + timedelta(minutes=20))

    assert (read[WHOLE].promotions, read[WHOLE].stale) == ((), False)


@pytest.mark.parametrize("through", ["merchant api", "configured"])
async def test_promotions_of_one_title_do_not_stand_in_for_each_other(
    stocked: MerchantId, build: Build, merchant_api: RunningApi, through: str
) -> None:
    for percent in (10, 15):
        await Promotion.objects.acreate(merchant_id=stocked, title="Summer sale", percent=percent)
    if through == "configured":
        await sync_to_async(connect_own_system)(stocked, merchant_api)
    connectors = build(through, allowed=HERE, keys=KEYS)
    await connectors.promotions.read(merchant=stocked, keys=(WHOLE,), now=NOW)
    later = NOW + timedelta(minutes=20)

    read = (await connectors.promotions.read(merchant=stocked, keys=(WHOLE,), now=later))[WHOLE]
    counted = await connectors.parts.tally.look(merchant=stocked, connector="promotions")

    sales = [each for each in read.promotions if each.title == "Summer sale"]
    assert sorted(each.percent or 0 for each in sales) == [10, 15]
    assert sales[0].version != sales[1].version
    assert (read.stale, read.observed_at, counted.get("refused", 0)) == (False, later, 0)


def list_sales(*numbered: tuple[int, int]) -> PromotionsReading:
    """Promotions of one title, by their numbers and versions."""
    sales = tuple(
        PromotionTerms(id=number, code=None, title="Summer sale", version=version)
        for number, version in numbered
    )
    return PromotionsReading(source="erp", observed_at=NOW, promotions=sales)


@pytest.mark.parametrize(
    ("known", "said", "older"),
    [
        (((1, 5), (2, 7)), ((1, 5), (2, 7)), 0),
        (((1, 5), (2, 7)), ((1, 4), (2, 7)), 1),
        (((1, 5), (2, 7)), ((2, 6),), 1),
        (((1, 7),), ((2, 1), (1, 7)), 0),
        (((9, 7),), ((9, 7), (9, 1)), 0),
        (((9, 5), (9, 7)), ((9, 4),), 1),
        (((9, 5),), ((9, 0),), 0),
    ],
    ids=["same", "one older", "the other older", "one more", "not told apart", "all older", "not numbered"],
)
def test_a_promotion_is_held_against_itself_alone(
    known: tuple[tuple[int, int], ...], said: tuple[tuple[int, int], ...], older: int
) -> None:
    assert len(list_older_promotions(list_sales(*said), known=list_sales(*known))) == older


def test_a_rating_on_another_scale_is_left_out_and_its_item_kept() -> None:
    rows: list[dict[str, object]] = [
        {"sku": BLUE, "title": "Fell", "rating": 7, "rating_count": 12},
        {"sku": RED, "title": "Tarn", "rating": 5, "rating_count": 3},
    ]

    read = ItemShape().read(rows=rows, keys=(BLUE, RED), frame=FRAME)

    assert [(one.title, one.rating, one.rating_count) for one in (read[BLUE], read[RED])] == [
        ("Fell", None, 0),
        ("Tarn", 5.0, 3),
    ]


def test_a_version_that_is_no_number_is_refused() -> None:
    numbered = RowMapping(kind="promotions", items="items", version="version")
    assert numbered.find_version({"items": [], "version": 41}) == 41
    assert numbered.find_version({"items": []}) == 0
    for spoiled in ("41", True, -1, 1.5):
        with pytest.raises(AnswerRefused, match="is no version"):
            numbered.find_version({"items": [], "version": spoiled})
