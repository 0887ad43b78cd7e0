"""What is shown of a breaker that processes share."""

import asyncio

from prometheus_client import REGISTRY

from tests.catalog.test_shared_breaker import Bench, bench, equals_calls
from tests.waiting import wait_until_async

__all__ = ["bench"]


def read_gauge() -> float | None:
    """What is shown of the breaker: 0 closed, 1 half open, 2 open."""
    return REGISTRY.get_sample_value("commerce_breaker_state", {"dep": "inventory"})


async def test_it_is_shown_as_half_open_for_as_long_as_it_is(bench: Bench) -> None:
    assert (await bench.ask(), read_gauge()) == ("answered", 0)
    await bench.fail(4)
    assert (await bench.ask(), read_gauge()) == ("BreakerOpen", 2)
    await bench.cool_down()
    bench.hold = asyncio.Event()
    asked, shown = bench.calls, []
    first = asyncio.create_task(bench.ask())
    await wait_until_async(equals_calls(bench, asked + 1), what="the first probe")
    shown.append(read_gauge())
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)

    second = asyncio.create_task(bench.ask())
    await wait_until_async(equals_calls(bench, asked + 2), what="the second probe")
    shown.append(read_gauge())
    assert await bench.ask() == "BreakerOpen"
    shown.append(read_gauge())
    await bench.lose_the_lease()
    third = asyncio.create_task(bench.ask())
    await wait_until_async(equals_calls(bench, asked + 3), what="the third probe")
    shown.append(read_gauge())
    bench.hold.set()

    assert await third == "answered"
    assert (shown, read_gauge()) == ([1, 1, 1, 1], 0)
    await second
