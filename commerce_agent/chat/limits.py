"""How fast one socket may send."""

from collections import deque

from commerce_agent.chat.protocol import CLOSE_TOO_MANY, FrameRefused, SocketEnded

PATIENCE = 20
"""After so many refusals in a row the socket is closed."""


class SendingRate:
    """Counts what was sent in a sliding window; seconds come from the caller's monotonic clock."""

    def __init__(self, *, most: int, window: float = 60.0) -> None:
        """Allow `most` in any `window` seconds."""
        self._most = most
        self._window = window
        self._sent: deque[float] = deque()
        self._refusals = 0

    def require(self, *, now: float, cid: str | None = None) -> None:
        """Counts one more.

        Raises:
            FrameRefused: it is one too many, and was not counted; the error says when there is room again.
            SocketEnded: the client has not minded that for long.
        """
        while self._sent and self._sent[0] <= now - self._window:
            self._sent.popleft()
        if len(self._sent) < self._most:
            self._sent.append(now)
            self._refusals = 0
            return
        self._refusals += 1
        if self._refusals > PATIENCE:
            raise SocketEnded(code=CLOSE_TOO_MANY, text="Too many messages.", retry=True)
        raise FrameRefused(
            code="slow_down",
            text="That was a lot at once. Your message is sent again in a moment.",
            cid=cid,
            retry_after=round(self._sent[0] + self._window - now, 1),
        )
