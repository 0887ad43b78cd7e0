"""The ways in which the merchant API misbehaves on purpose, for the demo and for tests."""

import asyncio
from collections import Counter
from contextlib import suppress
from typing import Literal

import msgspec

from catalog.connectors import KINDS
from catalog.merchant_api.answers import Rows

Mode = Literal[
    "slow",
    "error",
    "hang",
    "rate_limited",
    "older_version",
    "not_json",
    "wrong_type",
    "missing_field",
    "negative",
    "other_currency",
    "lost_answer",
    "late_answer",
    "held_answer",
]
AFTER: tuple[Mode, ...] = ("lost_answer", "late_answer")
"""Orders are done all the same, and only the answer misbehaves."""
EVERYTHING = "all"
VALUE: dict[str, str] = {"inventory": "quantity", "pricing": "price"}
HANG_SECONDS = 3600.0
HELD = "held "
"""Before a kind: how many of its answers were read and held back so far."""


class Drill(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One way of misbehaving, for one kind of question or for all."""

    mode: Mode
    kind: str = EVERYTHING
    seconds: float = 2.0
    """How slow, how long to hold back, or how long to stay away after a 429."""
    times: int = 0
    """So many answers are held back; 0: all of them."""
    status: int = 500
    """What stands in the place of an answer that is lost."""


class Drills:
    """What is drilled now, and how often each question came."""

    def __init__(self) -> None:
        self._drills: dict[str, Drill] = {}
        self._stopped = asyncio.Event()
        self.calls: Counter[str] = Counter()

    def start(self, drill: Drill) -> None:
        """From now on; a drill of the same kind ends. Raises ValueError for a kind that is none."""
        if drill.kind not in (*KINDS, EVERYTHING):
            raise ValueError(f"There is no kind {drill.kind!r}; there are {', '.join(KINDS)}.")
        self._drills[drill.kind] = drill

    def stop(self) -> None:
        """Behaves again; the counts begin anew."""
        self._drills.clear()
        self._stopped.set()
        self._stopped = asyncio.Event()
        self.calls.clear()

    def find(self, kind: str) -> Drill | None:
        """What is drilled for this kind of question."""
        return self._drills.get(kind) or self._drills.get(EVERYTHING)

    async def hold(self, drill: Drill | None, *, kind: str) -> None:
        """Keeps an answer that was read back for so long, or until everything behaves again."""
        held = f"{HELD}{kind}"
        if drill is None or drill.mode != "held_answer" or 0 < drill.times <= self.calls[held]:
            return
        self.calls[held] += 1
        with suppress(TimeoutError):
            async with asyncio.timeout(drill.seconds):
                await self._stopped.wait()

    def describe(self) -> dict[str, object]:
        """What is drilled, and the calls since the last stop."""
        return {"drills": list(self._drills.values()), "calls": dict(self.calls)}


async def delay(drill: Drill | None) -> None:
    """Waits as the drill says."""
    if drill is not None and drill.mode == "slow":
        await asyncio.sleep(drill.seconds)
    elif drill is not None and drill.mode == "hang":
        await asyncio.sleep(HANG_SECONDS)


def spoil(rows: Rows, *, drill: Drill, kind: str) -> Rows:
    """The rows, wrong in the drilled way; a wrong value stands in the field that matters most of the kind."""
    is_older = drill.mode == "older_version" and rows.version > 0
    return Rows(
        items=[
            _spoil(row, mode=drill.mode, field=VALUE.get(kind) or next(iter(row), "")) for row in rows.items
        ],
        version=rows.version - 1 if is_older else rows.version,
    )


def _spoil(row: dict[str, object], *, mode: Mode, field: str) -> dict[str, object]:
    match mode:
        case "older_version" if isinstance(version := row.get("version"), int):
            return {**row, "version": max(0, version - 1)}
        case "older_version" if isinstance(orders := row.get("orders"), list):
            return {**row, "orders": [_spoil(order, mode=mode, field=field) for order in orders]}
        case "wrong_type":
            return {**row, field: ["many"]}
        case "missing_field":
            return {name: value for name, value in row.items() if name != field}
        case "negative":
            return {**row, field: -3}
        case "other_currency" if "currency" in row:
            return {**row, "currency": "XTS"}
        case _:
            return row
