"""Lists of promotions as they come over HTTP: of the store, whose list is numbered, and of a merchant's own system."""

from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest
from asgiref.sync import sync_to_async

from catalog.connectors import WHOLE, AnswerRefused, Connectors
from catalog.connectors.mapping import RowMapping
from catalog.connectors.sealing import seal_secret
from catalog.connectors.wire import Frame, ItemShape
from catalog.ids import MerchantId
from catalog.models import Connector, Promotion
from tests.catalog.conftest import BLUE, NOW
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


def test_a_rating_beyond_five_and_a_version_that_is_no_number_are_refused() -> None:
    rows: list[dict[str, object]] = [{"sku": BLUE, "title": "Fell", "rating": 7}]
    with pytest.raises(AnswerRefused, match="is rated 7 of 5"):
        ItemShape().read(rows=rows, keys=(BLUE,), frame=FRAME)
    numbered = RowMapping(kind="promotions", items="items", version="version")
    assert numbered.find_version({"items": [], "version": 41}) == 41
    assert numbered.find_version({"items": []}) == 0
    for spoiled in ("41", True, -1, 1.5):
        with pytest.raises(AnswerRefused, match="is no version"):
            numbered.find_version({"items": [], "version": spoiled})
