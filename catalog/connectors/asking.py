"""Who is asking for what: a short lock on each key, so that of all processes one asks."""

from collections.abc import Iterable
from uuid import uuid4

from redis.exceptions import RedisError

from catalog.connectors.redis_gate import RedisGate, report_unreachable
from catalog.connectors.veil import Veil
from catalog.ids import MerchantId

FAILED_MS = 250
"""Those who waited for a call that failed, and those who come for the same within this, take its failure for theirs."""
FAILED = b"failed"
TAKE = """
local mine = {}
for place = 1, #KEYS do
  if redis.call('SET', KEYS[place], ARGV[1], 'NX', 'PX', ARGV[2]) then table.insert(mine, place) end
end
return mine
"""
GIVE_BACK = """
for place = 1, #KEYS do
  if redis.call('GET', KEYS[place]) == ARGV[1] then
    if ARGV[2] == '0' then redis.call('DEL', KEYS[place])
    else redis.call('SET', KEYS[place], 'failed', 'PX', ARGV[2]) end
  end
end
return 0
"""


class Asking:
    """The locks of one connector. Without Redis everybody asks for themselves."""

    def __init__(
        self,
        *,
        gate: RedisGate,
        prefix: str,
        connector: str,
        seconds: float,
        veil: Veil | None = None,
    ) -> None:
        self._veil = veil or Veil(keys={}, connector=connector)
        self._gate = gate
        self._prefix = prefix
        self._connector = connector
        self._lease = int(seconds * 1000) + FAILED_MS

    async def take(self, *, merchant: MerchantId, keys: tuple[str, ...], token: str) -> tuple[int, ...]:
        """The places of those keys that nobody else is asking for; they are this token's now."""
        names = self._list_names(merchant, keys)
        try:
            places = await self._gate.ask(
                lambda redis: redis.eval(TAKE, len(names), *names, token, self._lease)
            )
        except (RedisError, OSError) as error:
            report_unreachable(error)
            return tuple(range(len(keys)))
        return tuple(int(place) - 1 for place in places)

    async def give_back(
        self, *, merchant: MerchantId, keys: tuple[str, ...], token: str, failed: bool
    ) -> None:
        """Lets others ask again; after a failure those who wait hear of it first."""
        names, kept = self._list_names(merchant, keys), FAILED_MS if failed else 0
        try:
            await self._gate.ask(lambda redis: redis.eval(GIVE_BACK, len(names), *names, token, kept))
        except (RedisError, OSError) as error:
            report_unreachable(error)

    async def look(self, *, merchant: MerchantId, keys: tuple[str, ...]) -> tuple[bool, bool]:
        """Whether any of these is being asked for, and whether the call for one of them failed."""
        names = self._list_names(merchant, keys)
        try:
            held = await self._gate.ask(lambda redis: redis.mget(names))
        except (RedisError, OSError) as error:
            report_unreachable(error)
            return False, False
        return any(held), any(each in (FAILED, FAILED.decode()) for each in held)

    def _list_names(self, merchant: MerchantId, keys: Iterable[str]) -> list[str]:
        named = [self._veil.name(key, merchant=merchant) for key in keys]
        return [f"{self._prefix}c:{merchant}:asking:{self._connector}:{name}" for name in named]


def make_token() -> str:
    """The name of one who asks."""
    return uuid4().hex
