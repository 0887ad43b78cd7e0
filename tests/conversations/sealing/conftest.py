"""A service on the real stores, and the parts beneath it that seal."""

import uuid
from datetime import UTC, datetime

import msgspec
import pytest
from django.conf import settings

from commerce_agent.isolation.connections import Pool
from conversations.ids import ConversationId, MerchantId
from conversations.service import Conversations
from conversations.store.boxes import Boxes, KeyEncryptionKeys
from conversations.store.keeper import KeyKeeper
from conversations.store.projection import RedisDoor
from tests.conversations.state.talking import Ear

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


class Process(msgspec.Struct, frozen=True, kw_only=True):
    """What one process holds: it shares only the servers with others."""

    service: Conversations
    boxes: Boxes
    keeper: KeyKeeper


def make_process(*, pool: Pool, door: RedisDoor, keys: dict[int, bytes]) -> Process:
    held = KeyEncryptionKeys(keys=keys)
    boxes = Boxes(pool=pool, keys=held)
    prefix = settings.REDIS_PREFIX
    return Process(
        service=Conversations(pool=pool, door=door, prefix=prefix, announce=Ear().hear, boxes=boxes),
        boxes=boxes,
        keeper=KeyKeeper(pool=pool, door=door, prefix=prefix, boxes=boxes, keys=held),
    )


@pytest.fixture
def merchant() -> MerchantId:
    return MerchantId(str(uuid.uuid4()))


@pytest.fixture
def process(pool: Pool, door: RedisDoor) -> Process:
    return make_process(pool=pool, door=door, keys=settings.KEY_ENCRYPTION_KEYS)


@pytest.fixture
def service(process: Process) -> Conversations:
    return process.service


@pytest.fixture
async def conversation(service: Conversations, merchant: MerchantId) -> ConversationId:
    return await service.open_conversation(merchant=merchant, at=NOON)
