"""What the state costs a turn: load, resolve, assemble and commit, beside the bare floor in the same run.

The floor is measured before every turn, with as many bytes as a turn has: whatever else the machine does at that
moment, it does to both.
"""

import gc
from collections.abc import Sequence
from uuid import uuid4

import msgspec
import uvloop

from commerce_agent.composition import Platform, open_platform
from commerce_agent.management.overhead_load import measure_load
from commerce_agent.management.overhead_talk import Floor, Talk, count_turn_bytes, open_floor, open_talk
from conversations.ids import MerchantId

SAMPLES = 30
"""Turns measured around each length."""
LENGTHS = (1, 10, 30, 100, 300)
PROMPT_LENGTHS = (5, 15, 30, 60, 100)
SIZE_LENGTHS = (10, 300)
CHARACTERS_A_TOKEN = 4


class Grown(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation that grew to the longest length, and what it cost on the way."""

    talk: Talk
    costs: dict[int, list[float]]
    floor: list[float]


async def _grow(platform: Platform, *, merchant: MerchantId, floor: Floor, turns: int) -> Grown:
    """Measures the first turns of so many conversations, then turns around each length of one of them."""
    talk = await open_talk(platform, merchant=merchant)
    windows = {
        length: (length - min(SAMPLES, length) // 2, length + min(SAMPLES, length) // 2)
        for length in LENGTHS
        if length <= turns
    }
    grown = Grown(talk=talk, costs={length: [] for length in windows}, floor=[])
    for _ in range(SAMPLES):
        other = await open_talk(platform, merchant=merchant)
        grown.floor.append(await floor.measure())
        grown.costs[1].append((await other.speak()).total)
    while talk.turns < turns + SAMPLES // 2:
        grown.floor.append(await floor.measure())
        cost = await talk.speak()
        for length, (first, last) in windows.items():
            if first <= talk.turns <= last:
                grown.costs[length].append(cost.total)
    return grown


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
            floor = await open_floor(platform, talk=warm)
            # What was loaded until here stays: the collector need not walk through it in the middle of a turn.
            gc.collect()
            gc.freeze()
            grown = await _grow(platform, merchant=merchant, floor=floor, turns=turns)
            sizes = {
                str(turn): await count_turn_bytes(platform, talk=grown.talk, turn=turn)
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
        "floor_ms": _summarise(grown.floor),
        "turns": {str(length): _summarise(taken) for length, taken in grown.costs.items()},
        "concurrent": {
            "conversations": conversations,
            "turns_per_s": round(rate, 1),
            **_summarise(concurrent),
        },
        "bytes_per_turn": sizes,
        "prompt_tokens": {
            str(turn): grown.talk.prompt_characters[turn] // CHARACTERS_A_TOKEN
            for turn in PROMPT_LENGTHS
            if turn in grown.talk.prompt_characters
        },
    }


def _summarise(taken: Sequence[float]) -> dict[str, float]:
    return {"p50": find_percentile(taken, 50), "p99": find_percentile(taken, 99)}
