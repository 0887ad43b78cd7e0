"""Many conversations at once, in as many processes as the server has workers."""

import asyncio
import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from threading import Barrier

import django
import msgspec
import uvloop

from commerce_agent.composition import open_platform, settle_collector
from commerce_agent.isolation.acting import acting_for
from commerce_agent.management.overhead_talk import Talk, open_talk
from conversations.ids import MerchantId

WORKERS = 2
"""As many as the production set-up of README.md starts, on two cores."""
TURNS = 20
"""Turns of each conversation."""
WARM = 8
"""Turns before them that are not measured: connections are made, statements prepared, words looked up."""
START_SECONDS = 120.0


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What one worker did between two instants of the machine's monotonic clock."""

    began: float
    ended: float
    costs: tuple[float, ...]
    """Milliseconds of each turn."""


def measure_load(*, merchant: MerchantId, prefix: str, conversations: int) -> tuple[float, tuple[float, ...]]:
    """Turns a second of so many conversations at once, their messages' commits included, and each turn's cost."""
    shares = [conversations // WORKERS + (worker < conversations % WORKERS) for worker in range(WORKERS)]
    shares = [share for share in shares if share]
    context = multiprocessing.get_context("spawn")
    with context.Manager() as manager:
        together = manager.Barrier(len(shares))
        with ProcessPoolExecutor(len(shares), mp_context=context, initializer=django.setup) as workers:
            running = [workers.submit(_run_worker, merchant, prefix, share, together) for share in shares]
            loads = [one.result() for one in running]
    took = max(load.ended for load in loads) - min(load.began for load in loads)
    costs = tuple(cost for load in loads for cost in load.costs)
    return len(costs) / took, costs


def _run_worker(merchant: MerchantId, prefix: str, conversations: int, together: Barrier) -> Load:
    with acting_for(merchant):
        return uvloop.run(
            _load(merchant=merchant, prefix=prefix, conversations=conversations, together=together)
        )


async def _load(*, merchant: MerchantId, prefix: str, conversations: int, together: Barrier) -> Load:
    async with open_platform(quiet=True, prefix=prefix) as platform:
        talks = [await open_talk(platform, merchant=merchant) for _ in range(conversations)]
        await asyncio.gather(*(_talk(talk, turns=WARM) for talk in talks))
        settle_collector()
        await asyncio.to_thread(together.wait, START_SECONDS)
        began = time.monotonic()
        costs = await asyncio.gather(*(_talk(talk, turns=TURNS) for talk in talks))
        ended = time.monotonic()
    return Load(began=began, ended=ended, costs=tuple(cost for each in costs for cost in each))


async def _talk(talk: Talk, *, turns: int) -> list[float]:
    return [(await talk.speak()).total for _ in range(turns)]
