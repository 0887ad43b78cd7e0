"""Run as conversations/README.md says: records the story in the newest schema, over its recording.

Run it while a schema is new and its events still change; once it was released, its recording stays as it is.
It needs the migrated database that DATABASE_URL names.
"""

import asyncio
from uuid import uuid4

import msgspec
from django.conf import settings
from redis.asyncio import Redis

from commerce_agent.isolation.connections import build_pool
from conversations.ids import MerchantId
from conversations.service import Conversations
from conversations.store.codec import CURRENT_SCHEMA, get_kind
from conversations.store.projection import RedisDoor
from tests.boxes import make_boxes
from tests.conversations.state.recordings import RECORDED, summarise, write_recording
from tests.conversations.state.story import tell
from tests.conversations.state.talking import Ear, forget_keys


async def record() -> None:
    redis = Redis.from_url(settings.REDIS_URL)
    door = RedisDoor(client=redis)
    async with build_pool(settings.DATABASE_URL, most=4, wait=30) as pool:
        service = Conversations(
            pool=pool,
            door=door,
            prefix=settings.REDIS_PREFIX,
            announce=Ear().hear,
            boxes=make_boxes(pool),
        )
        conversation = await tell(service, merchant=MerchantId(str(uuid4())), decision=str(uuid4()))
        events = await service.list_events(conversation=conversation)
        told = summarise(await service.load(conversation=conversation))
        await forget_keys(redis, conversation)
    await door.close()
    kinds = sorted({get_kind(recorded.event) for recorded in events})
    write_recording(events, path=RECORDED / f"v{CURRENT_SCHEMA}.jsonl")
    written = msgspec.json.format(msgspec.json.encode(told), indent=2)
    (RECORDED / f"v{CURRENT_SCHEMA}.expected.json").write_bytes(written + b"\n")
    (RECORDED / f"v{CURRENT_SCHEMA}.kinds.txt").write_text("\n".join(kinds) + "\n", encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(record())
