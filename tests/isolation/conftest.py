"""Two shops with something in every kind of table that a talk and an order touch."""

import uuid

import msgspec
import pytest
from asgiref.sync import sync_to_async
from django.conf import settings

from catalog.merchants import create_merchant
from catalog.models import Brand, Policy, Product
from commerce_agent.isolation.connections import Pool
from conversations.ids import ConversationId, MerchantId
from conversations.service import Conversations
from conversations.store.projection import RedisDoor
from tests.boxes import make_boxes
from tests.conversations.state.talking import NOON, Ear, say


class Shop(msgspec.Struct, frozen=True, kw_only=True):
    """A merchant and a conversation of its own."""

    merchant: MerchantId
    conversation: ConversationId


def make_service(pool: Pool, door: RedisDoor) -> Conversations:
    return Conversations(
        pool=pool, door=door, prefix=settings.REDIS_PREFIX, announce=Ear().hear, boxes=make_boxes(pool)
    )


@pytest.fixture
def service(pool: Pool, door: RedisDoor) -> Conversations:
    return make_service(pool, door)


async def open_shop(service: Conversations, *, word: str) -> Shop:
    merchant = MerchantId(str(await sync_to_async(_stock)(word)))
    conversation = await service.open_conversation(merchant=merchant, at=NOON)
    await say(service, conversation, f"I want {word}")
    return Shop(merchant=merchant, conversation=conversation)


def _stock(word: str) -> uuid.UUID:
    shop = create_merchant(key=f"apart-{uuid.uuid4().hex}", name=word, currency="EUR")
    brand = Brand.objects.create(merchant=shop, name=word)
    Product.objects.create(merchant=shop, group_key=word, title=word, brand=brand)
    Policy.objects.create(merchant=shop, name="returns", title=word, text=word, observed_at=NOON)
    return shop.id


@pytest.fixture
async def ours(service: Conversations) -> Shop:
    return await open_shop(service, word="lamps")


@pytest.fixture
async def theirs(service: Conversations) -> Shop:
    return await open_shop(service, word="boots")
