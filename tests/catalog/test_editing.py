import pytest
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from catalog.ids import MerchantId
from catalog.models import Product, Variant
from catalog.products import Filter, SearchQuery, refresh_product, search_products
from tests.catalog.conftest import NOW


@pytest.fixture
def edited(shop: MerchantId) -> MerchantId:
    kettle = Variant.objects.get(merchant_id=shop, sku="CAFE")
    kettle.color, kettle.attributes = "Teal", {"capacity": "2 l"}
    kettle.save(update_fields=["color", "attributes"])
    Product.objects.filter(id=kettle.product_id).update(title="Harbourmaster Kettle")
    refresh_product(merchant=shop, product=kettle.product_id)
    return shop


async def test_words_changed_by_hand_are_found_and_compared(
    edited: MerchantId, pool: AsyncConnectionPool[AsyncConnection]
) -> None:
    filters = (Filter(field="color", op="=", value="blue"), Filter(field="capacity", op=">=", value=2))
    async with pool.connection() as connection:
        query = SearchQuery(now=NOW, text="harbourmaster", filters=filters)
        result = await search_products(connection, merchant=edited, query=query)

    assert [hit.sku for hit in result.hits] == ["CAFE"]
