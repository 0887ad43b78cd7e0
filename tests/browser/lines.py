"""The other end of a page's line, played by a test: it says what the test has it say, and nothing else."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import Page, WebSocketRoute

from tests.waiting import wait_until

SOCKET = re.compile("/ws/chat/")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Line:
    """All sockets that a page opens, in order, and the frames it sent through any of them."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.sockets: list[WebSocketRoute] = []
        self.heard: list[dict[str, Any]] = []
        page.context.route_web_socket(SOCKET, self._open)

    def _open(self, shopper: WebSocketRoute) -> None:
        self.sockets.append(shopper)
        shopper.on_message(lambda text: self.heard.append(json.loads(text)))

    def say(self, kind: str, **frame: Any) -> None:
        """Sends the page a frame through its newest socket."""
        self.sockets[-1].send(json.dumps({"t": kind, **frame}))

    def count(self, kind: str) -> int:
        """How many frames of a kind have come, and what is under way has come as well."""
        self.page.evaluate("true")
        return sum(frame["t"] == kind for frame in self.heard)

    def count_sockets(self) -> int:
        """How many sockets the page has opened so far."""
        self.page.evaluate("true")
        return len(self.sockets)

    def expect(self, kind: str, *, number: int = 1) -> None:
        """Waits until so many frames of a kind have come."""
        wait_until(lambda: self.count(kind) == number, what=f"{kind} number {number}")

    def close(self, code: int) -> None:
        """Ends the newest socket as a server ends it."""
        self.sockets[-1].close(code=code)


def stop_clock(page: Page) -> None:
    """The page's clock stands, on every page it comes to; it goes on by `page.clock.run_for`."""
    page.clock.install(time=NOON)
    page.clock.pause_at(NOON + timedelta(hours=1))
