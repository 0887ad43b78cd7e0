"""A progress line on standard error, from the standard library only: it is shown before anything is
installed.
"""

import sys
import time
from types import TracebackType
from typing import Self

BAR_WIDTH = 28
REDRAW_SECONDS = 0.1
PLAIN_LINE_SECONDS = 5.0
"""Where standard error is no terminal, a line at most this often."""


class ProgressLine:
    """Show how far a step is: a bar on a terminal, plain lines elsewhere. Use as a context manager."""

    def __init__(self, *, title: str, total: int) -> None:
        self._title = title
        self._total = max(total, 1)
        self._started = time.monotonic()
        self._drawn_at = 0.0
        self._drawn = ""
        self._terminal = sys.stderr.isatty()

    def __enter__(self) -> Self:
        if not self._terminal:
            print(f"{self._title} ({self._total} packages)", file=sys.stderr, flush=True)
            self._drawn_at = time.monotonic()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._terminal:
            print(file=sys.stderr)
        elif error is None:
            print(f"  done in {self._elapsed():.0f} s", file=sys.stderr, flush=True)

    def show(self, *, done: int, doing: str) -> None:
        """Draw the state: `done` of the total, and what is being done."""
        now = time.monotonic()
        pause = REDRAW_SECONDS if self._terminal else PLAIN_LINE_SECONDS
        if now - self._drawn_at < pause:
            return
        line = self._format(done=min(done, self._total), doing=doing)
        if line == self._drawn:
            return
        self._drawn_at, self._drawn = now, line
        if self._terminal:
            print(f"\r\x1b[2K{line}", end="", file=sys.stderr, flush=True)
        else:
            print(f"  {line}", file=sys.stderr, flush=True)

    def _format(self, *, done: int, doing: str) -> str:
        counted = f"{done} of {self._total} {doing}, {self._elapsed():.0f} s"
        if not self._terminal:
            return counted
        filled = BAR_WIDTH * done // self._total
        return f"{self._title}  [{'#' * filled}{'.' * (BAR_WIDTH - filled)}]  {counted}"

    def _elapsed(self) -> float:
        return time.monotonic() - self._started
