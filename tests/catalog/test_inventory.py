from datetime import timedelta

import pytest

from catalog.events import StockChanged
from catalog.ids import MerchantId, Sku
from catalog.inventory import ImpossibleQuantity, StockSaid, UnknownSku, set_stock, set_stocks
from catalog.models import Reservation, StockLevel, Variant
from tests.catalog.conftest import NOW


def test_stock_and_availability_follow_each_other(shop: MerchantId) -> None:
    gone = set_stock(merchant=shop, sku=Sku("CAFE"), quantity=0, at=NOW, source="floor")
    back = set_stock(merchant=shop, sku=Sku("CAFE"), quantity=4, at=NOW, source="floor")

    assert gone == StockChanged(
        merchant=shop, sku=Sku("CAFE"), quantity=0, availability="out_of_stock", version=2, at=NOW
    )
    assert (back.quantity, back.availability, back.version) == (4, "in_stock", 3)
    assert Variant.objects.get(merchant_id=shop, sku="CAFE").availability == "in_stock"


def test_an_item_that_is_counted_again_is_told_with_the_version_that_it_has(shop: MerchantId) -> None:
    level = StockLevel.objects.filter(variant__merchant_id=shop, variant__sku="CAFE")
    level.update(version=6)
    level.delete()

    told = set_stock(merchant=shop, sku=Sku("CAFE"), quantity=4, at=NOW, source="floor")

    assert (told.version, level.get().version) == (7, 7)


def test_refused_change_changes_nothing(shop: MerchantId) -> None:
    with pytest.raises(ImpossibleQuantity):
        set_stock(merchant=shop, sku=Sku("CAFE"), quantity=-1, at=NOW, source="floor")
    with pytest.raises(UnknownSku):
        set_stock(merchant=shop, sku=Sku("NO-SUCH"), quantity=1, at=NOW, source="floor")

    assert StockLevel.objects.get(variant__merchant_id=shop, variant__sku="CAFE").version == 1


def test_of_what_is_set_aside_the_newest_is_let_go_of_where_the_shelf_holds_less(shop: MerchantId) -> None:
    for token in ("first", "second"):
        Reservation.objects.create(
            merchant_id=shop,
            sku="FELL-BLU-9",
            token=token,
            quantity=2,
            created_at=NOW,
            expires_at=NOW + timedelta(minutes=2),
        )
    fewer = StockSaid(sku=Sku("FELL-BLU-9"), quantity=3, availability=None, at=NOW)

    set_stocks(merchant=shop, said=(fewer,), source="webhook")

    assert list(Reservation.objects.filter(merchant_id=shop).values_list("token", flat=True)) == ["first"]
