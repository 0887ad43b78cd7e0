"""A process that has just started builds its patterns before anybody waits for them; /readyz says when it has."""

import threading
from collections.abc import Callable

import structlog

from commerce_agent.agent.warming import build_patterns

log = structlog.get_logger(__name__)


class Warming:
    """Builds in a thread of its own, once. A process that never begins, as a command, is as warm as it will be."""

    def __init__(self, *, build: Callable[[], None] = build_patterns) -> None:
        self._build = build
        self._begun = threading.Lock()
        self._failed = False
        self._thread: threading.Thread | None = None

    @property
    def is_going_on(self) -> bool:
        """Whether it has begun and is not done."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def has_failed(self) -> bool:
        """Whether it could not be built: what cannot be built now cannot be in the first turn either."""
        return self._failed

    def begin(self) -> None:
        """Begins, unless it was begun before; returns at once."""
        with self._begun:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="warming", daemon=True)
                self._thread.start()

    def finish(self, *, seconds: float) -> None:
        """Begins, and waits for the end of it, so long at most."""
        self.begin()
        if self._thread is not None:
            self._thread.join(seconds)

    def _run(self) -> None:
        try:
            self._build()
        except Exception:
            # Every turn would come to the same: /readyz keeps a release that cannot answer from being sent shoppers.
            self._failed = True
            log.exception("warming.failed")


warming = Warming()
"""This process's."""
