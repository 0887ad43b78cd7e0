"""How often what happened to a connector: counted in Redis, kept in PostgreSQL by a task of the beat."""

from typing import Literal

from redis.asyncio import Redis
from redis.exceptions import RedisError

from catalog.connectors.readings import Kind
from catalog.connectors.redis_gate import RedisGate, report_unreachable
from catalog.ids import MerchantId
from catalog.metrics import CONNECTOR

What = Literal["calls", "failures", "refused", "fallbacks", "limited", "turned_away"]
COUNTED: tuple[What, ...] = ("calls", "failures", "refused", "fallbacks", "limited", "turned_away")
TAKE = """
local counted = redis.call('HGETALL', KEYS[1])
redis.call('DEL', KEYS[1])
return counted
"""


class Tally:
    """Counts. What Redis cannot take now is not counted: counting never costs an answer."""

    def __init__(self, *, gate: RedisGate, prefix: str) -> None:
        self._gate = gate
        self._prefix = prefix

    def name(self, *, merchant: MerchantId, connector: str) -> str:
        """Where the counts of a connector wait to be kept."""
        return f"{self._prefix}c:{merchant}:tally:{connector}"

    @property
    def waiting(self) -> str:
        """Where it is kept which counts wait."""
        return f"{self._prefix}c:tallies"

    async def count(
        self, *, merchant: MerchantId, connector: Kind, whats: tuple[What, ...], times: int = 1
    ) -> None:
        """So many more of each of these."""
        for what in whats:
            CONNECTOR.labels(connector, what).inc(times)
        name = self.name(merchant=merchant, connector=connector)

        async def question(redis: Redis) -> None:
            async with redis.pipeline(transaction=False) as pipe:
                for what in whats:
                    pipe.hincrby(name, what, times)
                pipe.sadd(self.waiting, f"{merchant} {connector}")
                await pipe.execute()

        try:
            await self._gate.ask(question)
        except (RedisError, OSError) as error:
            report_unreachable(error)

    async def take(self) -> dict[tuple[MerchantId, str], dict[str, int]]:
        """Takes what was counted since the last time, by merchant and connector. Raises RedisError."""
        taken: dict[tuple[MerchantId, str], dict[str, int]] = {}
        for member in await self._gate.ask(lambda redis: redis.smembers(self.waiting)):
            merchant, connector = _to_text(member).split(" ", 1)
            name = self.name(merchant=MerchantId(merchant), connector=connector)
            taken[MerchantId(merchant), connector] = await self._take(name, member=member)
        return taken

    async def look(self, *, merchant: MerchantId, connector: str) -> dict[str, int]:
        """What was counted since the last time; it stays. Raises RedisError."""
        name = self.name(merchant=merchant, connector=connector)
        counted = await self._gate.ask(lambda redis: redis.hgetall(name))
        return {_to_text(what): int(times) for what, times in counted.items()}

    async def _take(self, name: str, *, member: bytes | str) -> dict[str, int]:
        await self._gate.ask(lambda redis: redis.srem(self.waiting, member))
        pairs = [_to_text(each) for each in await self._gate.ask(lambda redis: redis.eval(TAKE, 1, name))]
        return {what: int(times) for what, times in zip(pairs[::2], pairs[1::2], strict=True)}


def _to_text(member: bytes | str) -> str:
    return member.decode() if isinstance(member, bytes) else member
