"""A connection to Redis that costs a turn less: commands are packed in C, and sending one takes no task of its own.

The client's own packs value by value in Python, and sends through `asyncio.wait_for`, which in Python 3.11 starts a
task for it and may lose a cancellation that comes as that ends.
"""

import asyncio
from collections.abc import Iterable

import hiredis
import redis.asyncio as aioredis
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
