"""Systems that share an address are called apart: a connection made for one host carries nothing for another."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from catalog.connectors import Allowed, fetching
from catalog.connectors.fetching import Fetcher

HERE = Allowed(networks=("127.0.0.0/8", "::1/128"))


class Counting:
    """What came in over which connection: of each the hosts that were named on it."""

    def __init__(self) -> None:
        self.connections: list[list[str]] = []
        self.port = 0
        self.serving: list[asyncio.Task[None] | None] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.serving.append(asyncio.current_task())
        named: list[str] = []
        self.connections.append(named)
        while line := await reader.readline():
            if line.lower().startswith(b"host:"):
                named.append(line.split(b":")[1].strip().decode())
            if line == b"\r\n":
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        writer.close()
        await writer.wait_closed()


@asynccontextmanager
async def counting() -> AsyncIterator[Counting]:
    seen = Counting()
    server = await asyncio.start_server(seen.serve, "127.0.0.1", 0)
    seen.port = server.sockets[0].getsockname()[1]
    async with server:
        yield seen
        # The callers have closed; a side that still hears of it would be left open at the end of the loop.
        async with asyncio.timeout(30):
            await asyncio.gather(*(task for task in seen.serving if task))


async def call(fetcher: Fetcher, *hosts: str, port: int) -> None:
    for host in hosts:
        url = f"http://{host}:{port}/stock"
        assert (await fetcher.fetch(kind="inventory", url=url, headers={})).body == b"{}"


async def test_hosts_at_one_address_share_no_connection_and_each_keeps_its_own() -> None:
    fetcher = Fetcher(allowed=HERE)
    async with counting() as seen:
        await call(fetcher, "localhost", "127.0.0.1", "localhost", "127.0.0.1", port=seen.port)
        await fetcher.close()

    assert seen.connections == [["localhost", "localhost"], ["127.0.0.1", "127.0.0.1"]]


async def test_of_many_hosts_the_connections_to_the_first_are_let_go_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fetching, "MOST_HOSTS", 1)
    fetcher = Fetcher(allowed=HERE)
    async with counting() as seen:
        await call(fetcher, "localhost", "127.0.0.1", "127.0.0.1", "localhost", port=seen.port)
        await fetcher.close()

    assert seen.connections == [["localhost"], ["127.0.0.1", "127.0.0.1"], ["localhost"]]
