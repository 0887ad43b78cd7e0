"""Many conversations at once, in as many processes as the server has workers, and as many floors beside them."""

import asyncio
import multiprocessing
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor
from threading import Barrier

import django
import msgspec
import uvloop

from commerce_agent.composition import open_platform, settle_collector
from commerce_agent.isolation.acting import acting_for
from commerce_agent.management.costs.overhead.floor import Floor, open_floor
from commerce_agent.management.costs.overhead.talk import Talk, open_talk
from conversations.ids import MerchantId

WORKERS = 2
"""As many as the production set-up of README.md starts, on two cores."""
TURNS = 10
"""Turns of each conversation in each round."""
ROUNDS = 2
"""Talks and floors take turns, so that both meet the same machine."""
WARM = 8
"""Turns before them that are not measured: connections are made, statements prepared, words looked up."""
START_SECONDS = 120.0
Costs = list[tuple[float, ...]]


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """What one worker did of one kind between two instants of the machine's monotonic clock."""

    began: float
    ended: float
    costs: tuple[tuple[float, ...], ...]
    """Milliseconds: of a turn, without its message and with it; of a floor one figure."""


Load = dict[str, tuple[Stretch, ...]]
"""Of one worker: of each kind, its stretch in each round."""


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """What all did of one kind."""

    per_s: float
    costs: tuple[tuple[float, ...], ...]


class AtOnce(msgspec.Struct, frozen=True, kw_only=True):
    """So many conversations at once, their messages' commits included, and as many floors: without a message, with."""

    turns: Kind
    floor: Kind
    floor_with_message: Kind


def measure_load(*, merchant: MerchantId, prefix: str, conversations: int) -> AtOnce:
    """Measures them in processes of their own."""
    shares = [conversations // WORKERS + (worker < conversations % WORKERS) for worker in range(WORKERS)]
    shares = [share for share in shares if share]
    context = multiprocessing.get_context("spawn")
    with context.Manager() as manager:
        together = manager.Barrier(len(shares))
        with ProcessPoolExecutor(len(shares), mp_context=context, initializer=django.setup) as workers:
            running = [workers.submit(_run_worker, merchant, prefix, share, together) for share in shares]
            loads = [one.result() for one in running]
    return add_up(loads)


def add_up(loads: list[Load]) -> AtOnce:
    """What the workers did together: in each round from the first one's beginning to the last one's end."""
    return AtOnce(**{name: _add_up([load[name] for load in loads]) for name in AtOnce.__struct_fields__})


def _add_up(stretches: list[tuple[Stretch, ...]]) -> Kind:
    took = sum(
        max(one.ended for one in together) - min(one.began for one in together)
        for together in zip(*stretches, strict=True)
    )
    costs = tuple(cost for each in stretches for stretch in each for cost in stretch.costs)
    return Kind(per_s=len(costs) / took, costs=costs)


def _run_worker(merchant: MerchantId, prefix: str, conversations: int, together: Barrier) -> Load:
    with acting_for(merchant):
        return uvloop.run(
            _load(merchant=merchant, prefix=prefix, conversations=conversations, together=together)
        )


async def _load(*, merchant: MerchantId, prefix: str, conversations: int, together: Barrier) -> Load:
    async with open_platform(quiet=True, prefix=prefix) as platform:
        talks = [await open_talk(platform, merchant=merchant) for _ in range(conversations)]
        await asyncio.gather(*(_talk(talk, turns=WARM) for talk in talks))
        async with open_floor(platform, talk=talks[0]) as floor:
            kinds: dict[str, Callable[[Talk], Awaitable[Costs]]] = {
                "turns": lambda talk: _talk(talk, turns=TURNS),
                "floor": lambda _: _stand(floor, with_message=False),
                "floor_with_message": lambda _: _stand(floor, with_message=True),
            }
            for kind in ("floor", "floor_with_message"):
                await asyncio.gather(*(kinds[kind](talk) for talk in talks))
            settle_collector()
            rounds = [
                {kind: await _measure(deed, talks=talks, together=together) for kind, deed in kinds.items()}
                for _ in range(ROUNDS)
            ]
    return {kind: tuple(done[kind] for done in rounds) for kind in kinds}


async def _measure(
    deed: Callable[[Talk], Awaitable[Costs]], *, talks: list[Talk], together: Barrier
) -> Stretch:
    await asyncio.to_thread(together.wait, START_SECONDS)
    began = time.monotonic()
    costs = await asyncio.gather(*(deed(talk) for talk in talks))
    return Stretch(began=began, ended=time.monotonic(), costs=tuple(cost for each in costs for cost in each))


async def _talk(talk: Talk, *, turns: int) -> Costs:
    taken = [await talk.speak() for _ in range(turns)]
    return [(cost.total, cost.with_message) for cost in taken]


async def _stand(floor: Floor, *, with_message: bool) -> Costs:
    """The floor whose commits are one statement, on the connections that the turns use: the lower of the two."""
    return [(await floor.measure_at_once(with_message=with_message),) for _ in range(TURNS)]
