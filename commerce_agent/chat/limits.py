"""How fast one socket, or one client without a socket, may send."""

from collections import OrderedDict, deque

from django.utils.translation import gettext_noop as _

from commerce_agent.chat.protocol import CLOSE_TOO_MANY, FrameRefused, SocketEnded

FRAMES_A_MINUTE = 120
MESSAGES_A_MINUTE = 20
REPLAYS_A_MINUTE = 12
"""A hello may ask for the whole conversation again; a client with gaps needs a few, no client needs more."""
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
            text=_("That was a lot at once. It is sent again in a moment."),
            cid=cid,
            retry_after=round(self._sent[0] + self._window - now, 1),
        )


class Rates:
    """What one client may do in a minute."""

    def __init__(self) -> None:
        """Nothing was sent yet."""
        self.frames = SendingRate(most=FRAMES_A_MINUTE)
        self.messages = SendingRate(most=MESSAGES_A_MINUTE)
        self.replays = SendingRate(most=REPLAYS_A_MINUTE)


class RatesByClient:
    """The rates of clients that come back with each request; who was quiet for longest is forgotten first."""

    def __init__(self, *, most: int = 10_000) -> None:
        """Remember so many at once."""
        self._most = most
        self._known: OrderedDict[str, Rates] = OrderedDict()

    def get(self, name: str) -> Rates:
        """The rates of the client of this name."""
        rates = self._known.pop(name, None) or Rates()
        self._known[name] = rates
        if len(self._known) > self._most:
            self._known.popitem(last=False)
        return rates
