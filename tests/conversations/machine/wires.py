"""The wires between one worker and the servers: they count its steps, and can be cut at any of them.

What the worker sends at once to PostgreSQL or Redis is a step. Cut at a step, the worker is dead to the servers
as after kill -9: either what it sent was never received, or it was done and the answer never heard.
"""

import asyncio
from contextlib import suppress
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

Lost = Literal["request", "answer"]
Server = Literal["postgresql", "redis"]
CHUNK = 65_536


class Wires:
    """A worker's way to both servers."""

    def __init__(self, *, database_url: str, redis_url: str) -> None:
        self._urls: dict[Server, str] = {"postgresql": database_url, "redis": redis_url}
        self._listening: list[asyncio.Server] = []
        self._pumps: set[asyncio.Task[None]] = set()
        self._joining: set[asyncio.Task[None]] = set()
        self._open: dict[Server, set[asyncio.StreamWriter]] = {"postgresql": set(), "redis": set()}
        self._left: int | None = None
        self._lost: Lost = "request"
        self._is_last_sent = False
        self.died = asyncio.Event()
        self.is_apart = False
        """Whether Redis is out of this worker's reach."""

    async def lay(self) -> dict[Server, str]:
        """Lays the wires; answers the URLs by which the worker is to reach the servers."""
        laid: dict[Server, str] = {}
        for server, url in self._urls.items():
            listening = await asyncio.start_server(self._make_joint(server), "127.0.0.1", 0)
            self._listening.append(listening)
            port = listening.sockets[0].getsockname()[1]
            parts = urlsplit(url)
            login = parts.netloc.rpartition("@")[0]
            place = f"127.0.0.1:{port}"
            laid[server] = urlunsplit(parts._replace(netloc=f"{login}@{place}" if login else place))
        return laid

    def arm(self, *, step: int, lost: Lost) -> None:
        """Cuts the wires at so many steps from now."""
        self._left, self._lost, self._is_last_sent = step, lost, False

    def set_apart(self, *, apart: bool) -> None:
        """Cuts or joins the way to Redis alone."""
        self.is_apart = apart
        if apart:
            self._abort("redis")

    def die(self) -> None:
        """Cuts everything for good."""
        self.died.set()
        self._abort("postgresql")
        self._abort("redis")

    async def close(self) -> None:
        """Takes the wires away."""
        self.die()
        loop = asyncio.get_running_loop()
        for listening in self._listening:
            for door in listening.sockets:
                loop.remove_reader(door.fileno())
        # Who was let in a moment ago is shown out first: asyncio leaves the socket of one open whose server closes
        # between its being accepted and its being served.
        await asyncio.sleep(0)
        await asyncio.gather(*self._joining, return_exceptions=True)
        for listening in self._listening:
            listening.close()
        for pump in tuple(self._pumps):
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)

    def _abort(self, server: Server) -> None:
        for writer in self._open[server]:
            writer.transport.abort()
        self._open[server].clear()

    def _make_joint(self, server: Server):  # type: ignore[no-untyped-def]
        async def join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if self.died.is_set() or (server == "redis" and self.is_apart):
                writer.transport.abort()
                return
            if joining := asyncio.current_task():
                self._joining.add(joining)
                joining.add_done_callback(self._joining.discard)
            self._open[server].add(writer)
            parts = urlsplit(self._urls[server])
            default = 5432 if server == "postgresql" else 6379
            answers, requests = await asyncio.open_connection(parts.hostname, parts.port or default)
            self._open[server] |= {writer, requests}
            if self.died.is_set():
                # Cut while this was being joined: nobody would abort it later.
                self._abort(server)
                return
            for pump in (self._send(reader, requests), self._hear(answers, writer)):
                task = asyncio.ensure_future(pump)
                self._pumps.add(task)
                task.add_done_callback(self._pumps.discard)

        return join

    async def _send(self, reader: asyncio.StreamReader, requests: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, OSError):
            while chunk := await reader.read(CHUNK):
                if self._left is not None:
                    self._left -= 1
                    if self._left == 0 and self._lost == "request":
                        self.die()
                        return
                    self._is_last_sent = self._left <= 0
                requests.write(chunk)
        requests.close()

    async def _hear(self, answers: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, OSError):
            while chunk := await answers.read(CHUNK):
                if self._is_last_sent:
                    self.die()
                    return
                writer.write(chunk)
        writer.close()
