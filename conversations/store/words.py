"""Words as numbers that only equal themselves, so that a talk can be found by them and not read."""

import hmac
from collections.abc import Collection, Mapping
from typing import Any

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from conversations.ids import MerchantId
from conversations.store.boxes import Boxes

PURPOSE = b"words of talks"
NUMBER_BYTES = 8


class WordNumbers:
    """Numbers words under a key of the merchant's own: the same word has another number in another shop."""

    def __init__(self, *, pool: AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]], boxes: Boxes) -> None:
        self._pool = pool
        self._boxes = boxes

    async def make(self, *, merchant: MerchantId, words: Collection[str]) -> Mapping[str, int]:
        """The number of each of these words in a shop. Raises `KeyFault` where its key does not open."""
        if not words:
            return {}
        async with self._pool.connection() as connection, connection.transaction():
            key = await self._boxes.get_index_key(connection, merchant=merchant)
        return _number(words, key=key)

    async def find(self, *, words: Collection[str]) -> Mapping[str, tuple[int, ...]]:
        """The numbers of each word, in every shop within reach that has any."""
        async with self._pool.connection() as connection:
            keys = await self._boxes.list_index_keys(connection)
        each = [_number(words, key=key) for key in keys.values()]
        return {word: tuple(numbers[word] for numbers in each) for word in words}


def _number(words: Collection[str], *, key: bytes) -> dict[str, int]:
    own = hmac.digest(key, PURPOSE, "sha256")
    return {
        word: int.from_bytes(hmac.digest(own, word.encode(), "sha256")[:NUMBER_BYTES], "big", signed=True)
        for word in words
    }
