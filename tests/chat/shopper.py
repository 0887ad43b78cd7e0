"""A shopper's side of the socket, as plain as can be: sends frames, waits for frames."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from commerce_agent.chat.tickets import grant_ticket

Frame = dict[str, Any]
DEADLINE_SECONDS = 60.0
"""Longer than a turn may take on a busy machine; what comes sooner is not waited for."""


class Shopper:
    """One socket and everything that came through it."""

    def __init__(self, *, socket: ClientConnection, key: str, ticket: str) -> None:
        self.socket = socket
        self.key = key
        self.ticket = ticket
        self.frames: list[Frame] = []

    async def send(self, **frame: Any) -> None:
        await self.socket.send(json.dumps(frame))

    async def hello(self, **fields: Any) -> Frame:
        await self.send(t="hello", v=1, **{"ticket": self.ticket, **fields})
        return await self.expect("welcome")

    async def say(self, text: str, *, cid: str | None = None) -> Frame:
        """Sends a message and answers its acknowledgement."""
        cid = cid or str(uuid.uuid4())
        await self.send(t="msg", cid=cid, text=text)
        return await self.expect("ack", lambda frame: frame["cid"] == cid)

    async def expect(
        self,
        kind: str,
        fits: Callable[[Frame], bool] = lambda frame: True,
        *,
        seconds: float = DEADLINE_SECONDS,
    ) -> Frame:
        """The next frame of this kind; those before it are kept in `frames`."""
        async with asyncio.timeout(seconds):
            while True:
                frame: Frame = json.loads(await self.socket.recv())
                self.frames.append(frame)
                if frame["t"] == kind and fits(frame):
                    return frame

    async def have(self, kind: str) -> Frame:
        """The first frame of this kind, which may have come already."""
        came = next((frame for frame in self.frames if frame["t"] == kind), None)
        return came or await self.expect(kind)

    async def expect_close(self) -> int:
        """The code with which the server closes."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            try:
                while True:
                    self.frames.append(json.loads(await self.socket.recv()))
            except ConnectionClosed as closed:
                return closed.rcvd.code if closed.rcvd else 1006

    @property
    def durable(self) -> list[Frame]:
        return [frame for frame in self.frames if "seq" in frame]


class Gate:
    """Where sockets are opened."""

    def __init__(self, *, base: str, key: str) -> None:
        self.base = base
        self.key = key

    @asynccontextmanager
    async def open(self, *, origin: str | None = "") -> AsyncIterator[Shopper]:
        # Before the socket is open: the first one of a process takes a while, and the gate waits for hello 5 s only.
        ticket = grant_ticket(merchant=self.key)
        url = self.base.replace("http", "ws", 1) + "/ws/chat/"
        chosen: Any = self.base if origin == "" else origin
        async with connect(url, origin=chosen, proxy=None, open_timeout=DEADLINE_SECONDS) as socket:
            yield Shopper(socket=socket, key=self.key, ticket=ticket)
