"""What the state costs a turn: load, resolve, assemble and commit, beside the bare floor in the same run.

The floor is measured between the turns, with as many bytes as a turn has: whatever else the machine does at that
moment, it does to both. It has two forms, see `Floor`, of which one is measured before each turn.
"""

from collections.abc import Sequence
from uuid import uuid4

import msgspec
import uvloop

from commerce_agent.composition import Platform, open_platform, settle_collector
from commerce_agent.management.overhead_load import measure_load
from commerce_agent.management.overhead_talk import Cost, Floor, Talk, count_turn_bytes, open_floor, open_talk
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


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """What turns of each length cost, and the floor beside them."""

    longest: Talk
    costs: dict[int, list[Cost]]
    floor: list[float]
    floor_at_once: list[float]


async def _measure_lengths(platform: Platform, *, merchant: MerchantId, floor: Floor, turns: int) -> Measured:
    """Measures one turn of every length in each round, so that no length meets another machine than the others."""
    arounds = [
        Around(platform=platform, merchant=merchant, length=length) for length in LENGTHS if length <= turns
    ]
    longest = await arounds[-1].find_talk()
    floors: list[float] = []
    at_once: list[float] = []
    for sample in range(SAMPLES):
        for number, around in enumerate(arounds):
            talk = await around.find_talk()
            # One of the two before each turn: the second of both would find everything at hand.
            if (sample + number) % 2:
                at_once.append(await floor.measure_at_once())
            else:
                floors.append(await floor.measure())
            around.costs.append(await talk.speak())
    return Measured(
        longest=longest,
        costs={around.length: around.costs for around in arounds},
        floor=floors,
        floor_at_once=at_once,
    )


def find_percentile(values: Sequence[float], percent: int) -> float:
    """The value below which so many percent lie."""
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))], 3)


def measure_overhead(*, turns: int, conversations: int) -> dict[str, object]:
    """The whole report, in the form that DESIGN.md fixes; on the event loop that the server runs on."""
    return uvloop.run(_measure(turns=turns, conversations=conversations))


async def _measure(*, turns: int, conversations: int) -> dict[str, object]:
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
            rate, concurrent = measure_load(
                merchant=merchant, prefix=platform.prefix, conversations=conversations
            )
        finally:
            await platform.forget_keys()
            await platform.conversations.forget_merchant(merchant=merchant)
    return {
        **_describe(measured),
        "concurrent": {
            "conversations": conversations,
            "turns_per_s": round(rate, 1),
            **_summarise(concurrent),
        },
        "bytes_per_turn": sizes,
        "prompt_tokens": {
            str(turn): measured.longest.prompt_characters[turn] // CHARACTERS_A_TOKEN
            for turn in PROMPT_LENGTHS
            if turn in measured.longest.prompt_characters
        },
    }


def _describe(measured: Measured) -> dict[str, object]:
    """The floor in both its forms, and what turns of each length took."""
    return {
        "floor_ms": _summarise(measured.floor),
        "floor_at_once_ms": _summarise(measured.floor_at_once),
        "turns": {
            str(length): _summarise([cost.total for cost in taken])
            for length, taken in measured.costs.items()
        },
        "processor_ms": {
            str(length): _summarise([cost.processor for cost in taken])
            for length, taken in measured.costs.items()
        },
        "with_message_ms": {
            str(length): _summarise([cost.accept + cost.total for cost in taken])
            for length, taken in measured.costs.items()
        },
        "accept_ms": _summarise([cost.accept for taken in measured.costs.values() for cost in taken]),
    }


def _summarise(taken: Sequence[float]) -> dict[str, float]:
    return {"p50": find_percentile(taken, 50), "p99": find_percentile(taken, 99)}
