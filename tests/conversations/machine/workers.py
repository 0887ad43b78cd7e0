"""Workers as processes are: each with its own connections, which may be cut at any step."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from django.conf import settings
from redis.asyncio import Redis

from commerce_agent.isolation.connections import Pool, build_pool
from commerce_agent.redis_wire import build_client
from conversations.ids import ConversationId
from conversations.service import Conversations, Turn
from conversations.store.boxes import Boxes
from conversations.store.projection import RedisDoor
from tests.boxes import make_boxes
from tests.conversations.machine.wires import Lost, Wires
from tests.conversations.state.talking import Ear

MakeService = Callable[..., Conversations]
MakeBoxes = Callable[[Pool], Boxes]


class Worker:
    """One process: it shares nothing with others but the servers."""

    def __init__(self, *, wires: Wires, pool: Pool, door: RedisDoor, service: Conversations) -> None:
        self.wires = wires
        self.service = service
        self.held: Turn | None = None
        self._pool = pool
        self._door = door

    async def crash_in(self, deed: Callable[[], Awaitable[object]], *, step: int, lost: Lost) -> None:
        """Does it and dies on the way, at that step; right after it where it takes fewer steps."""
        self.wires.arm(step=step, lost=lost)
        doing = asyncio.ensure_future(deed())
        dead = asyncio.ensure_future(self.wires.died.wait())
        await asyncio.wait({doing, dead}, return_when=asyncio.FIRST_COMPLETED)
        # A dead process tells nobody how it ended; what it left behind is looked at.
        for task in (doing, dead):
            task.cancel()
        await asyncio.gather(doing, dead, return_exceptions=True)
        await self.bury()

    async def bury(self) -> None:
        """Ends the process at once; whatever it held is left as it is."""
        await self.wires.close()
        with suppress(Exception):
            await self._pool.close(timeout=1)
        with suppress(Exception):
            await self._door.close()


async def start_worker(
    *,
    database_url: str,
    redis_url: str,
    make_service: MakeService = Conversations,
    seal_with: MakeBoxes = make_boxes,
) -> Worker:
    """Starts a process, connected to both servers."""
    wires = Wires(database_url=database_url, redis_url=redis_url)
    urls = await wires.lay()
    pool = build_pool(urls["postgresql"], most=4, wait=5)
    await pool.open(wait=True)
    redis = build_client(urls["redis"], seconds=2)
    await redis.ping()
    door = RedisDoor(client=redis)
    service = make_service(
        pool=pool, door=door, prefix=settings.REDIS_PREFIX, announce=Ear().hear, boxes=seal_with(pool)
    )
    return Worker(wires=wires, pool=pool, door=door, service=service)


class Shelf:
    """What Redis holds of one conversation, to be lost, aged, put back or mixed up; key names do not matter."""

    def __init__(self, *, redis: Redis, conversation: ConversationId) -> None:
        self._redis = redis
        self._conversation = conversation
        self._kept: dict[bytes, tuple[bytes, int]] = {}

    async def list_keys(self) -> list[bytes]:
        return [key async for key in self._redis.scan_iter(match=f"*{{{self._conversation}}}*", count=5000)]

    async def flush(self) -> None:
        """Redis forgets it all."""
        if keys := await self.list_keys():
            await self._redis.delete(*keys)

    async def age(self, *, seconds: int) -> None:
        """So much time passes: what would have run out by then is gone."""
        for key in await self.list_keys():
            if 0 <= await self._redis.pttl(key) <= seconds * 1000:
                await self._redis.delete(key)

    async def keep(self) -> None:
        """Remembers what is there, as a replica does."""
        self._kept.clear()
        for key in await self.list_keys():
            dumped = await self._redis.dump(key)
            if dumped is not None:
                self._kept[key] = (dumped, max(0, await self._redis.pttl(key)))

    async def put_back(self) -> None:
        """A replica that had not heard the rest takes over: Redis is in the past."""
        await self.flush()
        for key, (dumped, left) in self._kept.items():
            await self._redis.restore(key, left, dumped, replace=True)

    async def take_over(self, other: "Shelf", *, longer_than: int) -> None:
        """Holds what another conversation holds, but for what lives shorter than so many seconds."""
        for key in await other.list_keys():
            mine = key.replace(str(other._conversation).encode(), str(self._conversation).encode())
            if await self._redis.pttl(key) > longer_than * 1000:
                await self._redis.copy(key, mine, replace=True)
