"""Asking for events that have not happened yet."""

import asyncio
import time
import uuid

import httpx2
import psycopg
import pytest
from django.conf import settings

from catalog.models import Merchant
from tests.api.conftest import make_key
from tests.waiting import wait_until_async

WAITERS = 60


@pytest.fixture
def secret(lamp_shop: Merchant) -> str:
    return make_key(lamp_shop)[0]


def open_client(base: str, secret: str) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(
        base_url=f"{base}/api/v1/",
        headers={"Authorization": f"Bearer {secret}"},
        timeout=40,
        trust_env=False,
        limits=httpx2.Limits(max_connections=200),
    )


async def count_connections() -> int:
    async with await psycopg.AsyncConnection.connect(settings.DATABASE_URL) as connection:
        cursor = await connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        )
        row = await cursor.fetchone()
    return int(row[0]) if row else 0


async def test_who_waits_hears_at_once(running_shop: str, secret: str) -> None:
    async with open_client(running_shop, secret) as client:
        name = (await client.post("conversations/", json={})).json()["id"]
        events = f"conversations/{name}/events/"
        waiting = asyncio.create_task(client.get(events, params={"after": 1, "wait": 25}))
        # Whoever waits is subscribed once Redis knows the channel; the message comes after that.
        done, _ = await asyncio.wait({waiting}, timeout=0.5)
        assert not done
        started = time.monotonic()
        message = {"cid": uuid.uuid4().hex, "text": "Hello"}
        await client.post(f"conversations/{name}/messages/", json=message)
        heard = (await waiting).json()

    assert time.monotonic() - started < 5
    assert heard["results"][0]["seq"] == 2
    assert heard["results"][0]["event"] == {
        "type": "shopper.spoke",
        **message,
        "redacted": [],
        "about": "",
        "refs": [],
    }
    assert heard["after"] == heard["results"][-1]["seq"]


async def test_a_wait_in_vain_ends_in_time(running_shop: str, secret: str) -> None:
    async with open_client(running_shop, secret) as client:
        name = (await client.post("conversations/", json={})).json()["id"]
        started = time.monotonic()
        answer = await client.get(f"conversations/{name}/events/", params={"after": 1, "wait": 1.5})
        took = time.monotonic() - started

    assert (answer.status_code, answer.json()) == (200, {"results": [], "after": 1})
    assert 1.5 <= took < 8


async def test_many_waiters_hold_no_connection_and_no_turn(running_shop: str, secret: str) -> None:
    async with open_client(running_shop, secret) as client:
        name = (await client.post("conversations/", json={})).json()["id"]
        events = f"conversations/{name}/events/"
        before = await count_connections()
        waiting = [
            asyncio.create_task(client.get(events, params={"after": 1, "wait": 20})) for _ in range(WAITERS)
        ]

        async def settled() -> bool:
            return (await count_connections()) < before + WAITERS // 3

        # More waiters than a pool of threads or connections would hold, and still there is room.
        done, _ = await asyncio.wait(waiting, timeout=3)
        assert not done
        assert await wait_until_async(settled, what="the waiters to let go of PostgreSQL")
        await client.post(f"conversations/{name}/messages/", json={"cid": uuid.uuid4().hex, "text": "Hi"})
        heard = await asyncio.gather(*waiting)

    assert {one.json()["results"][0]["seq"] for one in heard} == {2}
