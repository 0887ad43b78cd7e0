import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from catalog.ids import MerchantId
from catalog.merchants import (
    TABLES,
    MerchantExists,
    MerchantNotChosen,
    create_merchant,
    delete_merchant,
    get_merchant,
)
from catalog.models import Merchant


def test_deleting_a_merchant_leaves_no_row_of_it(shop: MerchantId) -> None:
    delete_merchant(merchant=shop)

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.columns"
            " WHERE column_name = 'merchant_id' AND table_name LIKE 'catalog\\_%' ESCAPE '\\'"
        )
        tables = {name for (name,) in cursor.fetchall()}
        assert tables == set(TABLES)
        for table in tables:
            cursor.execute(f"SELECT count(*) FROM {table} WHERE merchant_id = %s", [shop])
            assert cursor.fetchone() == (0,)
    assert not Merchant.objects.filter(id=shop).exists()


def test_key_is_taken_once_and_settings_are_checked(shop: MerchantId) -> None:
    key = Merchant.objects.get(id=shop).key

    with pytest.raises(MerchantExists):
        create_merchant(key=key, name="Again")
    with pytest.raises(ValidationError, match="ISO 4217"):
        create_merchant(key="odd-money", name="Odd", currency="QQQ")
    with pytest.raises(ValidationError, match="origin"):
        create_merchant(key="odd-origin", name="Odd", allowed_origins=("https://shop.example/path",))

    assert get_merchant(key=key).name == "Tidewater"
    with pytest.raises(MerchantNotChosen, match="no merchant 'odd-money'"):
        get_merchant(key="odd-money")
