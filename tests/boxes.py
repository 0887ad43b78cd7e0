"""The boxes that a service of the tests seals and opens with, as the composition makes them."""

from typing import Any

from django.conf import settings
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from conversations.store.boxes import Boxes, KeyEncryptionKeys


def make_boxes(pool: AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]]) -> Boxes:
    return Boxes(pool=pool, keys=KeyEncryptionKeys(keys=settings.KEY_ENCRYPTION_KEYS))
