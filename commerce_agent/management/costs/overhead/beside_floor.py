"""What the state costs a turn: load, resolve, assemble and commit, beside the bare floor in the same run.

The floor is measured between the turns, with as many bytes as a turn has: whatever else the machine does at that
moment, it does to both. It has four forms, with a message or without, its commits in two ways, see `Floor`: one of
them is measured before each turn.
"""

import os
from collections.abc import Sequence
from uuid import uuid4

import msgspec
import uvloop

from commerce_agent.composition import Platform, open_platform, settle_collector
from commerce_agent.management.costs.overhead.floor import Floor, count_turn_bytes, open_floor
from commerce_agent.management.costs.overhead.load import AtOnce, measure_load
from commerce_agent.management.costs.overhead.talk import Cost, Talk, open_talk
from commerce_agent.management.costs.percentiles import find_percentile
from conversations.ids import MerchantId

SAMPLES = 30
"""Turns measured around each length."""
LENGTHS = (1, 10, 30, 100, 300)
PROMPT_LENGTHS = (5, 15, 30, 60, 100)
SIZE_LENGTHS = (10, 300)
CHARACTERS_A_TOKEN = 4


class Around:
    """Conversations about as long as one length: where one has grown past it, another is grown up to it."""

    def __init__(self, *, platform: Platform, merchant: MerchantId, length: int) -> None:
        around = min(SAMPLES, length) // 2
        self.length = length
        self.costs: list[Cost] = []
        self._platform = platform
        self._merchant = merchant
        self._first, self._last = length - around, length + around
        self._talk: Talk | None = None

    async def find_talk(self) -> Talk:
        """The one whose next turn is about that many turns in."""
        if self._talk is None or self._talk.turns >= self._last:
            self._talk = await open_talk(self._platform, merchant=self._merchant)
            while self._talk.turns < self._first - 1:
                await self._talk.speak()
        return self._talk


class Floors(msgspec.Struct, kw_only=True):
    """Milliseconds of the floor in each of its forms."""

    plain: list[float] = []
    at_once: list[float] = []
    with_message: list[float] = []
    with_message_at_once: list[float] = []

    async def measure_next(self, floor: Floor, *, number: int) -> None:
        """Measures one of the forms: right after another it would find everything at hand."""
        with_message = number % 4 > 1
        if number % 2:
            taken = await floor.measure_at_once(with_message=with_message)
            (self.with_message_at_once if with_message else self.at_once).append(taken)
        else:
            taken = await floor.measure(with_message=with_message)
            (self.with_message if with_message else self.plain).append(taken)


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """What turns of each length cost, and the floor beside them."""

    longest: Talk
    costs: dict[int, list[Cost]]
    floors: Floors


async def _measure_lengths(platform: Platform, *, merchant: MerchantId, floor: Floor, turns: int) -> Measured:
    """Measures one turn of every length in each round, so that no length meets another machine than the others."""
    arounds = [
        Around(platform=platform, merchant=merchant, length=length) for length in LENGTHS if length <= turns
    ]
    longest = await arounds[-1].find_talk()
    floors = Floors()
    for sample in range(SAMPLES):
        for number, around in enumerate(arounds):
            talk = await around.find_talk()
            await floors.measure_next(floor, number=sample + number)
            around.costs.append(await talk.speak())
    return Measured(longest=longest, costs={around.length: around.costs for around in arounds}, floors=floors)


def measure_overhead(*, turns: int, conversations: int) -> dict[str, object]:
    """The whole report, as `words` reads it and `--json` prints it; on the event loop that the server runs on."""
    return uvloop.run(_measure(turns=turns, conversations=conversations))


async def _measure(*, turns: int, conversations: int) -> dict[str, object]:
    before = os.getloadavg()
    merchant = MerchantId(str(uuid4()))
    async with open_platform(quiet=True, prefix=f"overhead-{uuid4().hex}:") as platform:
        try:
            warm = await open_talk(platform, merchant=merchant)
            for _ in range(SAMPLES):
                await warm.speak()
            async with open_floor(platform, talk=warm) as floor:
                settle_collector()
                measured = await _measure_lengths(platform, merchant=merchant, floor=floor, turns=turns)
            sizes = {
                str(turn): await count_turn_bytes(platform, talk=measured.longest, turn=turn)
                for turn in SIZE_LENGTHS
                if turn <= turns
            }
            at_once = measure_load(merchant=merchant, prefix=platform.prefix, conversations=conversations)
        finally:
            await platform.forget_keys()
            await platform.conversations.forget_merchant(merchant=merchant)
    return {
        **_describe(measured),
        "machine_load": {"before": _round_each(before), "after": _round_each(os.getloadavg())},
        "concurrent": {"conversations": conversations, **_describe_load(at_once)},
        "bytes_per_turn": sizes,
        "prompt_tokens": {
            str(turn): measured.longest.prompt_characters[turn] // CHARACTERS_A_TOKEN
            for turn in PROMPT_LENGTHS
            if turn in measured.longest.prompt_characters
        },
    }


def _describe(measured: Measured) -> dict[str, object]:
    """The floor in its forms, what turns of each length took, and how many times the floor that is.

    `turns` are load, resolve, assemble and commit, beside `floor_ms`; `with_message_ms` has the message's own commit in
    it as well, beside `floor_with_message_ms`, which has one more commit. "At once" are the floors with the quicker
    commits, and the ratios to them.
    """
    floors = {
        "floor": _summarise(measured.floors.plain),
        "floor_at_once": _summarise(measured.floors.at_once),
        "floor_with_message": _summarise(measured.floors.with_message),
        "floor_with_message_at_once": _summarise(measured.floors.with_message_at_once),
    }
    turns, whole = (
        {
            str(length): _summarise([getattr(cost, which) for cost in taken])
            for length, taken in measured.costs.items()
        }
        for which in ("total", "with_message")
    )
    every = [cost for taken in measured.costs.values() for cost in taken]
    return {
        **{f"{name}_ms": taken for name, taken in floors.items()},
        "turns": turns,
        "with_message_ms": whole,
        "times_the_floor": {
            "turns": _hold_against(turns, floors["floor"]),
            "turns_at_once": _hold_against(turns, floors["floor_at_once"]),
            "with_message": _hold_against(whole, floors["floor_with_message"]),
            "with_message_at_once": _hold_against(whole, floors["floor_with_message_at_once"]),
        },
        "processor_ms": {
            str(length): _summarise([cost.processor for cost in taken])
            for length, taken in measured.costs.items()
        },
        "message_ms": _summarise([cost.message for cost in every]),
        "load_ms": _summarise([cost.load for cost in every]),
    }


def _describe_load(at_once: AtOnce) -> dict[str, object]:
    """So many at once, turns and floors: a turn waits for the others here, and a floor for the other floors."""
    turns = _summarise([total for total, _ in at_once.turns.costs])
    whole = _summarise([with_message for _, with_message in at_once.turns.costs])
    floor = _summarise([cost for (cost,) in at_once.floor.costs])
    floor_with_message = _summarise([cost for (cost,) in at_once.floor_with_message.costs])
    return {
        "turns_per_s": round(at_once.turns.per_s, 1),
        **turns,
        "with_message_ms": whole,
        "floor_per_s": round(at_once.floor.per_s, 1),
        "floor_ms": floor,
        "floor_with_message_per_s": round(at_once.floor_with_message.per_s, 1),
        "floor_with_message_ms": floor_with_message,
        "times_the_floor": {
            "turns": _divide(turns, floor),
            "with_message": _divide(whole, floor_with_message),
        },
    }


def _round_each(averages: Sequence[float]) -> list[float]:
    return [round(each, 2) for each in averages]


def _summarise(taken: Sequence[float]) -> dict[str, float]:
    return {"p50": find_percentile(taken, 50), "p99": find_percentile(taken, 99)}


def _hold_against(taken: dict[str, dict[str, float]], floor: dict[str, float]) -> dict[str, float]:
    return {length: _divide(each, floor) for length, each in taken.items()}


def _divide(taken: dict[str, float], floor: dict[str, float]) -> float:
    return round(taken["p50"] / floor["p50"], 2)
