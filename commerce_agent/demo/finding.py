"""The storefront's search box: the same search that the chat asks, over a connection of its own."""

from datetime import datetime

import msgspec
from asgiref.sync import async_to_sync
from django.conf import settings

from catalog.ids import MerchantId
from catalog.models import Merchant
from catalog.products import SearchQuery, SearchResult, search_products
from commerce_agent.isolation.connections import TellingConnection

MOST = 60


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Keys of the products that the words find, best first, and how misspelt words were read."""

    keys: tuple[str, ...] = ()
    meant: tuple[str, ...] = ()


def find_products(*, merchant: Merchant, words: str, now: datetime) -> Found:
    """What the shop has for these words; empty when nothing is like them."""
    if not words:
        return Found()
    query = SearchQuery(text=words, limit=MOST, now=now)
    result = async_to_sync(_search)(merchant=MerchantId(str(merchant.id)), query=query)
    return Found(
        keys=tuple(dict.fromkeys(hit.group for hit in result.hits)),
        meant=tuple(correction.meant for correction in result.corrections),
    )


async def _search(*, merchant: MerchantId, query: SearchQuery) -> SearchResult:
    async with await TellingConnection.connect(settings.DATABASE_URL, autocommit=True) as connection:
        return await search_products(connection, merchant=merchant, query=query)
