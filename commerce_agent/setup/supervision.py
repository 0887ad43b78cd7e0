"""Keep the processes of `up` running, and stop them in order."""

import signal
import sys
import threading
import time
from collections.abc import Sequence
from types import FrameType

from commerce_agent.setup.child import Child
from commerce_agent.setup.environment import SetupError
from commerce_agent.setup.places import Places

LOOK_SECONDS = 0.2
DEATHS_ALLOWED = 5
DEATHS_SECONDS = 60.0
"""A process that dies more than DEATHS_ALLOWED times in so many seconds will not come up by being started
again."""
BACKOFF_SECONDS = (0.5, 1.0, 2.0, 4.0, 8.0)


class StopRequest:
    """Ctrl-C, SIGTERM and a closed terminal, as a flag to wait on. A second one ends the waiting for a clean
    stop.
    """

    def __init__(self) -> None:
        self._asked = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._take)

    def wait(self, seconds: float) -> bool:
        """Wait so long for the request; say whether it has come."""
        return self._asked.wait(seconds)

    def is_asked(self) -> bool:
        """Say whether the request has come."""
        return self._asked.is_set()

    def _take(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        if self._asked.is_set():
            raise KeyboardInterrupt
        self._asked.set()


class KeepsDyingError(SetupError):
    """A process ended again and again."""

    def __init__(self, child: Child) -> None:
        self.name = child.program.name
        super().__init__(
            f"{self.name} ended {DEATHS_ALLOWED + 1} times within {DEATHS_SECONDS:.0f} s, so everything is "
            "stopped. "
            f"Its last lines, from {child.log}:\n{child.read_tail()}"
        )


class Supervised:
    """One process, and how often it has died lately."""

    def __init__(self, *, child: Child, places: Places) -> None:
        self.child = child
        self._places = places
        self._deaths: list[float] = []
        self._restart_at: float | None = None

    def look(self, now: float) -> None:
        """Start the process again if it has ended and its pause is over; raises KeepsDyingError when that is
        no use.
        """
        if self._restart_at is not None:
            if now >= self._restart_at:
                self._restart_at = None
                self.child = Child(program=self.child.program, places=self._places)
            return
        code = self.child.find_exit_code()
        if code is None:
            return
        self._deaths = [death for death in self._deaths if now - death < DEATHS_SECONDS] + [now]
        if len(self._deaths) > DEATHS_ALLOWED:
            raise KeepsDyingError(self.child)
        pause = BACKOFF_SECONDS[min(len(self._deaths), len(BACKOFF_SECONDS)) - 1]
        self._restart_at = now + pause
        name = self.child.program.name
        print(f"\n{name} ended with code {code}; it starts again in {pause} s.", file=sys.stderr)
        print(f"{self.child.read_tail(lines=8)}\n(from {self.child.log})", file=sys.stderr, flush=True)


def supervise(*, processes: Sequence[Supervised], stop: StopRequest) -> None:
    """Restart what dies until a stop is asked for; raises KeepsDyingError."""
    while not stop.wait(LOOK_SECONDS):
        now = time.monotonic()
        for process in processes:
            process.look(now)
