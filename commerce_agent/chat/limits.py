"""How fast one socket may send."""

from collections import deque


class SendingRate:
    """Counts what was sent in a sliding window; seconds come from the caller's monotonic clock."""

    def __init__(self, *, most: int = 20, window: float = 60.0) -> None:
        """Allow `most` in any `window` seconds."""
        self._most = most
        self._window = window
        self._sent: deque[float] = deque()
        self.refusals = 0
        """How often in a row it was refused."""

    def find_wait(self, now: float) -> float | None:
        """Counts one more and answers None, or counts nothing and answers the seconds to wait."""
        while self._sent and self._sent[0] <= now - self._window:
            self._sent.popleft()
        if len(self._sent) >= self._most:
            self.refusals += 1
            return self._sent[0] + self._window - now
        self._sent.append(now)
        self.refusals = 0
        return None
