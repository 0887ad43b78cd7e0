"""Recorded after-sales work done again: each task on the shop as it was loaded, undone after its end was read."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from catalog.ids import MerchantId
from catalog.merchants import delete_merchant
from commerce_agent.composition import Platform, open_platform, read_clock
from commerce_agent.management.judged.after_sales.acting import (
    Desk,
    NotUnderstood,
    Refused,
    act,
    write_answer,
)
from commerce_agent.management.judged.after_sales.ending import Ending
from commerce_agent.management.judged.after_sales.loading import load_shop, name_users
from commerce_agent.management.judged.after_sales.shapes import (
    Json,
    Store,
    Task,
    read_store,
    read_tasks,
    write_json,
)
from conversations.ids import MerchantId as TalkMerchantId

Outcome = Literal["done", "refused", "not understood"]


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a call."""

    task: str | None
    call: int
    name: str
    arguments: Json
    outcome: Outcome
    because: str = ""
    result: object = None


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a task: its calls, and what is not as it was loaded."""

    task: str | None
    calls: tuple[Answered, ...]
    changed: dict[str, dict[str, Json]]


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """Where to write, and how much."""

    end: Path
    results: Path | None
    whole: bool


def replay_service(*, store: Path, calls: Path, output: Output) -> str:
    """Does the calls on the store, writes the ends and answers a line about it. Raises StoreUnreadable, OSError."""
    shop, tasks = read_store(store), read_tasks(calls)
    merchant = load_shop(shop, now=read_clock())
    try:
        replayed = asyncio.run(_replay_all(shop, tasks=tasks, merchant=merchant))
    finally:
        asyncio.run(_forget(merchant))
        delete_merchant(merchant=merchant)
    _write(shop, replayed, output=output)
    answered = [call for task in replayed for call in task.calls]
    counts = {word: sum(call.outcome == word for call in answered) for word in ("done", "refused")}
    lost = len(answered) - sum(counts.values())
    return (
        f"{len(replayed)} tasks, {len(answered)} calls: {counts['done']} done, {counts['refused']} refused,"
        f" {lost} not understood"
    )


async def _forget(merchant: MerchantId) -> None:
    async with open_platform(quiet=True) as platform:
        await platform.conversations.forget_merchant(merchant=TalkMerchantId(merchant))


async def _replay_all(shop: Store, *, tasks: tuple[Task, ...], merchant: MerchantId) -> list[Replayed]:
    async with open_platform(quiet=True) as platform:
        await name_users(platform, shop, merchant=merchant, now=platform.clock())
        return [await _replay(platform, shop, task=task, merchant=merchant) for task in tasks]


async def _replay(platform: Platform, shop: Store, *, task: Task, merchant: MerchantId) -> Replayed:
    async with _undone(platform) as connection:
        desk = Desk(
            platform=platform,
            connection=connection,
            merchant=merchant,
            store=shop,
            ending=Ending(connection, merchant=merchant, store=shop, keys=platform.connectors.parts.keys),
            now=platform.clock(),
            task=task.id or "calls",
        )
        answered: list[Answered] = []
        for number, call in enumerate(task.calls):
            outcome: Outcome = "done"
            because, result = "", None
            try:
                result = write_answer(await act(desk, call, number=number))
            except Refused as refused:
                outcome, because, result = "refused", refused.because, refused.message
            except NotUnderstood as problem:
                outcome, result = "not understood", str(problem)
            answered.append(
                Answered(
                    task=task.id,
                    call=number,
                    name=call.name,
                    arguments=call.arguments,
                    outcome=outcome,
                    because=because,
                    result=result,
                )
            )
        return Replayed(task=task.id, calls=tuple(answered), changed=await desk.ending.list_changed())


@asynccontextmanager
async def _undone(platform: Platform) -> AsyncIterator[AsyncConnection[TupleRow]]:
    """A connection in a transaction that never stands: the next task finds the shop as it was loaded."""
    async with platform.pool.connection() as connection, connection.transaction(force_rollback=True):
        yield connection


def _write(shop: Store, replayed: list[Replayed], *, output: Output) -> None:
    if output.results is not None:
        output.results.write_bytes(b"".join(write_json(call) for task in replayed for call in task.calls))
    ends: list[Json] = []
    for task in replayed:
        whole = output.whole or task.task is None
        end: Json = {} if task.task is None else {"task": task.task}
        for kind, rows in shop.written.items():
            end[kind] = {**rows, **task.changed[kind]} if whole else task.changed[kind]
        ends.append(end)
    output.end.write_bytes(b"".join(write_json(end) for end in ends))
