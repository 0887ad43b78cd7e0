"""A task that is to end ends, whatever its first cancellation came to."""

import asyncio
import warnings
from contextlib import suppress

import pytest

from commerce_agent import ending
from commerce_agent.ending import end, is_ending


async def test_a_task_that_sends_all_the_time_ends() -> None:
    async def nothing() -> None:
        pass

    async def send_for_ever() -> None:
        while not is_ending():
            await asyncio.wait_for(nothing(), 60)

    async def end_after(turns: int) -> asyncio.Task[None]:
        task = asyncio.create_task(send_for_ever())
        for _ in range(turns):
            await asyncio.sleep(0)
        await end(task)
        return task

    async with asyncio.timeout(30):
        tasks = await asyncio.gather(*(end_after(turns) for turns in range(24)))

    assert all(task.done() for task in tasks)


async def test_what_does_not_hear_once_is_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ending, "AGAIN_SECONDS", 0.05)
    begun = asyncio.Event()

    async def miss_the_first() -> None:
        with suppress(asyncio.CancelledError):
            begun.set()
            await asyncio.Event().wait()
        await asyncio.Event().wait()

    task = asyncio.create_task(miss_the_first())
    await begun.wait()

    async with asyncio.timeout(30):
        await end(task)

    assert task.cancelled()


async def test_what_a_task_raised_is_its_own_affair() -> None:
    async def fail() -> None:
        raise ValueError("of the task")

    task = asyncio.create_task(fail())
    await asyncio.wait((task,))

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        await end(task)

    assert isinstance(task.exception(), ValueError)
