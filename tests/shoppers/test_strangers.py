"""Whoever brings an id that is another's hears exactly what they would hear of one that does not exist."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx2
import pytest
from redis.asyncio.connection import AbstractConnection

from catalog.merchants import create_merchant
from catalog.models import Merchant, Order
from commerce_agent.chat.tickets import grant_ticket
from commerce_agent.composition import Platform
from commerce_agent.isolation.acting import acting_for
from commerce_agent.isolation.connections import TellingCursor
from commerce_agent.management.costs.apart import list_doors, make_absent, measure_apart, open_stalls
from commerce_agent.redis_wire import LeanConnection
from conversations.api.keys import grant_key
from conversations.ids import MerchantId
from conversations.models import ApiKey
from tests.naming import name_shopper
from tests.shoppers.conftest import Visitor, buy, get_reply

_noted: ContextVar[list[str] | None] = ContextVar("noted", default=None)
"""Whose steps are counted: of the code that is asked alone, not of what runs beside it."""
UNLIKE = {"date", "expires", "x-request-id"}


@pytest.fixture
def http(running_shop: str) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=running_shop, timeout=30, trust_env=False) as client:
        yield client


def describe(answer: httpx2.Response, *, brought: str) -> tuple[int, dict[str, str], str]:
    """All that a stranger sees of an answer, without the id that they brought."""
    headers = {name: value for name, value in answer.headers.items() if name not in UNLIKE}
    return answer.status_code, headers, answer.text.replace(brought, "ID")


def make_shop() -> tuple[Merchant, httpx2.Headers]:
    shop = create_merchant(key=f"strangers-{uuid4().hex[:12]}", name="Strangers")
    merchant, now = MerchantId(str(shop.id)), datetime.now(UTC)
    key = grant_key(merchant=merchant, name="test", scope=ApiKey.Scope.WRITE, at=now)
    return shop, httpx2.Headers({"Authorization": f"Bearer {key.secret}"})


def test_another_shops_conversation_and_shopper_answer_like_none(http: httpx2.Client, database: str) -> None:
    (another, theirs), (_, ours) = make_shop(), make_shop()
    shopper = f"eve-{uuid4().hex}"
    name_shopper(another.pk, key=shopper, name="Eve")
    talk = str(http.post("/api/v1/conversations/", json={"shopper": shopper}, headers=theirs).json()["id"])
    paths = [f"conversations/ID/{part}" for part in ("", "state/", "events/", "graph/", "export/")]
    paths += ["shoppers/ID/memory/", "shoppers/ID/export/"]

    for path in paths:
        name = talk if path.startswith("conversations") else shopper
        assert http.get(f"/api/v1/{path.replace('ID', name)}", headers=theirs).status_code == 200
        told, untold = (
            describe(http.get(f"/api/v1/{path.replace('ID', brought)}", headers=ours), brought=brought)
            for brought in (name, str(uuid4()))
        )
        assert told[0] == 404
        assert told == untold, path


def test_another_shops_handle_opens_nothing_and_says_nothing(http: httpx2.Client, database: str) -> None:
    (theirs, _), (ours, _) = make_shop(), make_shop()
    handle = f"{uuid4()}{uuid4()}"

    def greet(shop: Merchant, resume: str) -> dict[str, str]:
        hello = {"t": "hello", "v": 1, "ticket": grant_ticket(merchant=shop.key), "resume": resume}
        return {"Chat-Hello": quote(json.dumps(hello))}

    def look(shop: Merchant, resume: str) -> httpx2.Response:
        return http.get(f"/w/{shop.key}/events/?after=0&wait=0", headers=greet(shop, resume))

    said = {"t": "msg", "cid": str(uuid4()), "text": "a secret wish"}
    http.post(f"/w/{theirs.key}/messages/", headers=greet(theirs, handle), json=said)

    assert "a secret wish" in look(theirs, handle).text
    told, untold = (
        describe(look(ours, brought), brought=brought) for brought in (handle, f"{uuid4()}{uuid4()}")
    )
    assert told == untold
    assert "wish" not in told[2]


async def test_another_customers_order_answers_like_none(ada: Visitor) -> None:
    buy(ada.merchant, "TENT-G", customer="eve")
    theirs = await Order.objects.aget(merchant_id=ada.merchant, customer_key="eve")
    nothing = uuid4().hex[:8]

    replies = []
    for number in (theirs.number, nothing):
        ada.talk = None
        replies.append(get_reply(await ada.say(f"where is my order {number}?")).replace(number, "ID"))
    assert replies[0] == replies[1]
    assert "tent" not in replies[0].lower()


async def test_no_door_tells_by_what_it_answers(database: str) -> None:
    """The command measures how long each takes; here it is held that every door answers both alike."""
    report = await measure_apart(rounds=3)

    turns = {"turn_ms", "search_ms", "turn_processor_ms", "search_processor_ms"}
    assert set(report) == {"statement_ms", "strangers_ms", "chain", *turns}
    assert set(report["chain"]) == {"records_per_s", "commits_per_s", "ratio"}  # type: ignore[call-overload]
    assert set(report["strangers_ms"]) == {"conversation", "handle", "shopper", "order"}  # type: ignore[call-overload]


@contextmanager
def noting(patched: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What the code within asks of PostgreSQL and Redis, step by step, without the values."""
    execute, send, ask, pack = (
        TellingCursor.execute,
        AbstractConnection.send_command,
        LeanConnection.ask,
        AbstractConnection.pack_commands,
    )

    def note(step: str) -> None:
        if (steps := _noted.get()) is not None:
            steps.append(step)

    async def note_statement(cursor: TellingCursor, query: Any, *given: Any, **how: Any) -> TellingCursor:
        note(str(query))
        return await execute(cursor, query, *given, **how)

    async def note_command(connection: AbstractConnection, *words: Any, **how: Any) -> None:
        note(f"Redis {words[0]} of {len(words)}")
        await send(connection, *words, **how)

    async def note_script(connection: LeanConnection, *words: Any) -> Any:
        note(f"Redis {words[0]} of {len(words)}")
        return await ask(connection, *words)

    def note_pipeline(connection: AbstractConnection, commands: Iterable[Any]) -> list[bytes]:
        sent = [tuple(words) for words in commands]
        for words in sent:
            note(f"Redis {words[0]} of {len(words)}")
        return pack(connection, sent)

    patched.setattr(TellingCursor, "execute", note_statement)
    patched.setattr(AbstractConnection, "send_command", note_command)
    patched.setattr(LeanConnection, "ask", note_script)
    patched.setattr(AbstractConnection, "pack_commands", note_pipeline)
    steps: list[str] = []
    marked = _noted.set(steps)
    try:
        yield steps
    finally:
        _noted.reset(marked)


async def test_every_door_takes_the_same_steps_for_what_is_anothers_and_what_is_not_there(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stands in for the time here: the same statements and commands, one by one."""
    taken: dict[str, tuple[list[str], list[str]]] = {}
    async with open_stalls(platform) as (ours, theirs):
        with acting_for(ours.merchant):
            for name, door in list_doors(platform, ours=ours).items():
                # Opened once before, so that what a process asks but once is asked.
                assert await door(ours)
                brought = make_absent(ours), theirs
                steps = []
                for stall in brought:
                    with monkeypatch.context() as patched, noting(patched) as noted:
                        assert not await door(stall)
                    steps.append(noted)
                taken[name] = (steps[0], steps[1])

    assert set(taken) == {"conversation", "handle", "shopper", "order"}
    for name, (unknown, anothers) in taken.items():
        assert unknown, name
        assert unknown == anothers, name
