"""A client of Redis that costs a turn less: commands are packed in C, sending one takes no task of its own, and a
script takes a connection that rests as it is.

The client's own packs value by value in Python, and sends through `asyncio.wait_for`, which in Python 3.11 starts a
task for it and may lose a cancellation that comes as that ends. Around each command it keeps counts for metrics, which
nobody reads here, and a lock for what takes no time.
"""

import asyncio
from collections.abc import Iterable
from typing import Any

import hiredis
import redis.asyncio as aioredis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisOutOfReach
from redis.exceptions import DataError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.typing import EncodableT
from typing_extensions import override


class LeanConnection(aioredis.Connection):
    """For `redis://`: an encrypted one, or one through a socket file, is the client's own."""

    @override
    def pack_command(self, *args: EncodableT) -> list[bytes]:
        """The command as it is sent; its name may hold words of its own, as "CONFIG GET" does."""
        name, *values = args
        words = name.encode().split() if isinstance(name, str) else bytes(name).split()  # type: ignore[arg-type]
        plain = [bytes(each) if isinstance(each, bytearray | memoryview) else each for each in values]
        try:
            return [hiredis.pack_command((*words, *plain))]  # type: ignore[arg-type]  # it takes any number
        except TypeError as error:
            raise DataError(str(error)) from error

    @override
    async def send_packed_command(
        self, command: bytes | str | Iterable[bytes], check_health: bool = True
    ) -> None:
        """As the client's: raises `TimeoutError` of Redis where the server takes nothing in for so long."""
        seconds = self.socket_timeout
        # Without one the client's own waits without a task; the time is kept around it.
        self.socket_timeout = None
        try:
            async with asyncio.timeout(seconds):
                await super().send_packed_command(command, check_health)
        except TimeoutError as error:
            raise RedisTimeoutError("Timeout writing to socket") from error
        finally:
            self.socket_timeout = seconds

    def is_at_rest(self) -> bool:
        """Whether it is open, as far as this side knows; a read that was cut off has closed it."""
        sure = self._writer is not None and not self._writer.is_closing() and self.is_connected
        return sure and not self._should_reconnect

    async def ask(self, *command: EncodableT) -> object:
        """Sends a command and reads its answer. The time to read bounds both: who takes nothing in answers nothing."""
        if self._writer is None:
            raise RedisOutOfReach("The connection is closed.")
        self._writer.writelines(self.pack_command(*command))
        return await self.read_response()


class LeanPool(aioredis.ConnectionPool):
    """Lends a connection that rests to whoever asks one thing and gives it back."""

    def find_resting(self) -> LeanConnection | None:
        """One to ask and to `put_back`; None where none rests that can be asked as it is."""
        if not self._available_connections:
            return None
        last = self._available_connections[-1]
        if not isinstance(last, LeanConnection) or not last.is_at_rest():
            return None
        self._in_use_connections.add(self._available_connections.pop())
        return last

    def put_back(self, connection: LeanConnection) -> None:
        """Takes it back; one that failed meanwhile is closed, and is opened anew for whoever takes it."""
        self._in_use_connections.discard(connection)
        self._available_connections.append(connection)


class LeanRedis(aioredis.Redis):
    """The client, whose scripts go the short way."""

    @override
    async def eval(self, script: str, numkeys: int, *keys_and_args: EncodableT) -> Any:
        """As the client's. Where the server has closed the line meanwhile, it is asked on another."""
        pool = self.connection_pool
        if isinstance(pool, LeanPool) and (resting := pool.find_resting()) is not None:
            try:
                return await resting.ask("EVAL", script, numkeys, *keys_and_args)
            except RedisOutOfReach:
                # The connection is closed by now; the client's own way opens one and tries again.
                pass
            finally:
                pool.put_back(resting)
        return await super().eval(script, numkeys, *keys_and_args)


def build_client(url: str, *, seconds: float) -> LeanRedis:
    """A client of one server, which waits so long for an answer; close it."""
    # A connection that Redis has closed is made anew; one that hangs is not waited for twice.
    retry = Retry(NoBackoff(), 1, supported_errors=(RedisOutOfReach,))
    timeouts = {"socket_timeout": seconds, "socket_connect_timeout": seconds}
    pool = LeanPool.from_url(url, connection_class=LeanConnection, retry=retry, **timeouts)
    client = LeanRedis(connection_pool=pool)
    client.auto_close_connection_pool = True
    return client
