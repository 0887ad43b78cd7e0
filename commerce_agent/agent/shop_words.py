"""What each shop calls its goods, read once a minute and indexed once a reading."""

import time
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from catalog.ids import MerchantId
from catalog.policies import list_policies
from catalog.products import get_vocabulary
from commerce_agent.agent.understanding import ShopWords
from conversations.language import Category, Vocabulary

MOST_SHOPS = 200
"""Shops whose words a process keeps; the ones read longest ago make room."""
KEPT_SECONDS = 60.0
"""A new brand or category is understood this long after its import at the latest."""


class ShopWordsKeeper:
    """Keeps the words of the merchants this process serves."""

    def __init__(self, *, pool: AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]]) -> None:
        self._pool = pool
        self._kept: dict[str, tuple[float, ShopWords]] = {}

    async def get_words(self, *, merchant: str, now: datetime) -> ShopWords:
        """The shop's words."""
        kept = self._kept.get(merchant)
        if kept and time.monotonic() - kept[0] < KEPT_SECONDS:
            return kept[1]
        async with self._pool.connection() as connection:
            found = await get_vocabulary(connection, merchant=MerchantId(merchant))
            policies = await list_policies(connection, merchant=MerchantId(merchant), now=now)
        words = ShopWords(
            vocabulary=Vocabulary(
                categories=tuple(
                    Category(name=category.name, path=_split_path(category.path))
                    for category in found.categories
                ),
                brands=found.brands,
                colors=found.colors,
                sizes=found.sizes,
                materials=found.materials,
                attributes=found.attributes,
                measures={**found.units, "price": "", "rating": ""},
            ),
            policies=tuple((answer.chosen.name, answer.chosen.title) for answer in policies),
        )
        if len(self._kept) >= MOST_SHOPS:
            del self._kept[min(self._kept, key=lambda shop: self._kept[shop][0])]
        self._kept[merchant] = (time.monotonic(), words)
        return words

    def forget(self, *, merchant: str) -> None:
        """Reads the merchant's words anew at the next turn."""
        self._kept.pop(merchant, None)


def _split_path(path: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in path.split(">") if part.strip())[:-1]
