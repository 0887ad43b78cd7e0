"""What each shop calls its goods, read once a minute and indexed once a reading."""

import time
from datetime import datetime
from typing import Any, Protocol

import msgspec
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from catalog.connectors import ConnectorUnavailable, PolicySource
from catalog.ids import MerchantId
from catalog.policies import list_policy_titles
from catalog.products import get_vocabulary
from commerce_agent.agent.understanding.understood import ShopWords
from commerce_agent.decoding import decode_json
from conversations.ids import MerchantId as StateMerchantId
from conversations.language import Category, Vocabulary

MOST_SHOPS = 200
"""Shops whose words a process keeps; the ones read longest ago make room."""
EVERY_SHOP = (
    ("returns", "Returns"),
    ("shipping", "Shipping"),
    ("warranty", "Warranty"),
    ("price_match", "Price match"),
)
"""Policies that may be asked about whatever the merchant's system says."""
KEPT_SECONDS = 60.0
"""A new brand or category is understood this long after its import at the latest."""


class Documents(Protocol):
    """Where words are put on record, each version once."""

    async def keep(self, *, merchant: StateMerchantId, body: bytes, at: datetime) -> str:
        """Keeps the document unless it is there, and answers its digest."""
        ...

    async def find(self, *, merchant: StateMerchantId, digest: str) -> bytes | None:
        """The merchant's document of this digest."""
        ...


class ShopWordsKeeper:
    """Keeps the words of the merchants this process serves, and puts each version on record once."""

    def __init__(
        self,
        *,
        pool: AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]],
        documents: Documents,
        policies: PolicySource,
    ) -> None:
        self._policies = policies
        self._pool = pool
        self._documents = documents
        self._kept: dict[str, tuple[float, ShopWords]] = {}

    async def get_words(self, *, merchant: str, now: datetime) -> ShopWords:
        """The shop's words."""
        kept = self._kept.get(merchant)
        if kept and time.monotonic() - kept[0] < KEPT_SECONDS:
            return kept[1]
        words = await self.read_words(merchant=merchant, now=now)
        digest = await self._documents.keep(
            merchant=StateMerchantId(merchant), body=write_words(words), at=now
        )
        words = msgspec.structs.replace(words, digest=digest)
        if len(self._kept) >= MOST_SHOPS:
            del self._kept[min(self._kept, key=lambda shop: self._kept[shop][0])]
        self._kept[merchant] = (time.monotonic(), words)
        return words

    async def read_words(
        self, *, merchant: str, now: datetime, policies: PolicySource | None = None
    ) -> ShopWords:
        """The shop's words as they are this moment, none of them put on record; policies asked of where given."""
        async with self._pool.connection() as connection:
            found = await get_vocabulary(connection, merchant=MerchantId(merchant))
        named = await self._list_policies(policies or self._policies, merchant=MerchantId(merchant), now=now)
        return ShopWords(
            vocabulary=Vocabulary(
                categories=tuple(
                    Category(
                        name=category.name,
                        path=_split_path(category.path),
                        attributes=category.attributes,
                        says_parent=category.says_parent,
                    )
                    for category in found.categories
                ),
                brands=found.brands,
                colors=found.colors,
                sizes=found.sizes,
                materials=found.materials,
                attributes=found.attributes,
                measures={**found.units, "price": "", "rating": ""},
            ),
            policies=named,
        )

    async def _list_policies(
        self, source: PolicySource, *, merchant: MerchantId, now: datetime
    ) -> tuple[tuple[str, str], ...]:
        """Names and titles; those that every shop has where the merchant's system does not say."""
        try:
            return await list_policy_titles(source, merchant=merchant, now=now)
        except ConnectorUnavailable:
            return EVERY_SHOP

    async def find_words(self, *, merchant: str, digest: str) -> ShopWords | None:
        """The words that a turn of the past worked from; None where they were not put on record."""
        body = await self._documents.find(merchant=StateMerchantId(merchant), digest=digest)
        if body is None:
            return None
        return msgspec.structs.replace(decode_json(body, ShopWords), digest=digest)

    def forget(self, *, merchant: str) -> None:
        """Reads the merchant's words anew at the next turn."""
        self._kept.pop(merchant, None)


def write_words(words: ShopWords) -> bytes:
    """The words as they are put on record; their order counts, so it is kept."""
    return msgspec.json.encode(words)


def _split_path(path: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in path.split(">") if part.strip())[:-1]
