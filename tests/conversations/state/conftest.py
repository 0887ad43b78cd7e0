"""A service on the real stores, a merchant of its own, and an ear for what is announced."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from conversations.ids import ConversationId, MerchantId
from conversations.service import Conversations
from conversations.store.projection import RedisDoor
from tests.boxes import make_boxes
from tests.conversations.state.talking import Ear

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@pytest.fixture
def merchant() -> MerchantId:
    return MerchantId(str(uuid.uuid4()))


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
def make_service(
    pool: AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]], door: RedisDoor, ear: Ear
) -> Callable[[], Conversations]:
    """Each service stands for a process of its own; they share nothing but the servers."""

    def make() -> Conversations:
        return Conversations(
            boxes=make_boxes(pool), pool=pool, door=door, prefix=settings.REDIS_PREFIX, announce=ear.hear
        )

    return make


@pytest.fixture
def service(make_service: Callable[[], Conversations]) -> Conversations:
    return make_service()


@pytest.fixture
async def conversation(service: Conversations, merchant: MerchantId) -> ConversationId:
    return await service.open_conversation(merchant=merchant, at=NOON)
