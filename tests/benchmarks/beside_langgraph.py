"""What the state costs a turn, beside LangGraph with its PostgreSQL saver on the same turns in the same run.

Both keep what a turn finds out: the message, what the shop answered (ten hits and five offers), four items with
price and stock, cards, a decision and a reply. In LangGraph the shop's answers are tool messages, as in every
agent that is built on it; ours keeps them with the decision. Ours also resolves references and terms, assembles
the prompt and seals everything; LangGraph is only asked to keep the state, in three nodes, which is the fewest
that an agent with a tool has. Each of its turns is an `ainvoke` on the thread, measured until that returns: the
message is in that, so it is also held against ours with the message's own commit (`with_message_ms` of our report),
which a turn's overhead does not count.
"""

import argparse
import asyncio
import gc
import json
import operator
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, TypedDict
from uuid import uuid4

import uvloop
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

from commerce_agent.setup.places import Places
from commerce_agent.setup.servers import own_servers

ROOT = Path(__file__).resolve().parent.parent.parent
LENGTHS = (1, 10, 30, 100, 300)
SAMPLES = 10
COLLECT_AFTER = (10_000, 20, 20)
"""As `commerce_agent.composition` sets it for processes that serve."""
"""Turns measured around each length."""
GOALS = {100: 10.0, 300: 30.0}
COLORS = ("blue", "red", "green", "grey", "black", "white", "yellow", "brown")
TEXT = "A chair for long evenings: a seat of solid oak, a back that gives a little, felt under its feet. " * 3
ANSWERS: dict[int, list[str]] = {}
"""What the shop answers to each turn, made before anything is measured."""


class Talk(TypedDict, total=False):
    """The channels of the graph: what a shop's agent has to know in the next turn."""

    messages: Annotated[list[AnyMessage], add_messages]
    entities: Annotated[dict[str, Any], operator.or_]
    facts: Annotated[dict[str, Any], operator.or_]
    constraints: list[dict[str, Any]]
    cards: list[dict[str, Any]]
    focus: list[str]
    decision: dict[str, Any]
    turn: int


def understand(state: Talk) -> Talk:
    """Notes the term of this turn."""
    turn = state.get("turn", 0) + 1
    return {
        "turn": turn,
        "constraints": [{"field": "price", "op": "<=", "value": 50 + turn % 50, "turn": turn}],
    }


def look(state: Talk) -> Talk:
    """Shows four items, with the facts that were read."""
    turn, now = state["turn"], datetime.now(UTC).isoformat()
    items = {f"SKU-{turn * 4 + place}": _make_item(turn * 4 + place) for place in range(4)}
    facts = {
        f"{sku}:{name}": {"value": value, "source": "store", "observed_at": now, "version": 1}
        for sku, item in items.items()
        for name, value in (("price", item["price"]), ("stock", 5))
    }
    names = ("search", "list_offers")
    calls = [{"name": name, "args": {"query": "chair"}, "id": f"{name}-{turn}"} for name in names]
    told = [
        ToolMessage(content=answer, tool_call_id=f"{name}-{turn}")
        for name, answer in zip(names, ANSWERS[turn], strict=True)
    ]
    return {
        "messages": [AIMessage(content="", tool_calls=calls), *told],
        "entities": items,
        "facts": facts,
        "cards": list(items.values()),
        "focus": list(items),
    }


def reply(state: Talk) -> Talk:
    """Decides and answers; the decision is of this turn only, earlier checkpoints hold the earlier ones."""
    candidates = [
        {"sku": sku, "kept": True, "rule": "matched", "reason": "It fits."} for sku in state["focus"]
    ]
    return {
        "messages": [AIMessage(content="Here are four that fit. The first costs least.")],
        "decision": {
            "turn": state["turn"],
            "constraints": state["constraints"],
            "candidates": candidates,
            "facts": [f"{sku}:{name}" for sku in state["focus"] for name in ("price", "stock")],
        },
    }


def answer_for_shop(turns: int, *, lean: bool) -> None:
    """Makes the answers of the measured turns: ten hits and five offers, as long as those of ours.

    With `lean` only the four items that are shown, once: less than any model could choose from.
    """
    for turn in range(1, turns + 1):
        if lean:
            ANSWERS[turn] = [json.dumps([_make_item(turn * 4 + place) for place in range(4)]), "[]"]
            continue
        hits = [_make_hit(turn * 10 + place) for place in range(10)]
        offers = [_make_offer(turn * 10 + place) for place in range(5)]
        ANSWERS[turn] = [json.dumps({"hits": hits, "total": 40}), json.dumps(offers)]


def _make_hit(number: int) -> dict[str, Any]:
    price = [f"{20 + number % 80}", "USD"]
    return {
        "sku": f"SKU-{number}",
        "group": f"G{number}",
        "title": f"Chair {number}",
        "brand": "Kvist",
        "category": "Furniture > Chairs",
        "color": "blue",
        "size": "",
        "price": price,
        "list_price": price,
        "quantity": number % 50,
        "availability": "in_stock",
        "rating": 4.0,
        "score": 1 / (number + 1),
        "why": ["title: chair"],
        "siblings": 1,
    }


def _make_offer(number: int) -> dict[str, Any]:
    now, price = datetime.now(UTC).isoformat(), [f"{20 + number % 80}", "USD"]
    read = {"source": "store", "observed_at": now, "valid_until": None, "version": 1}
    return {
        "item": {
            **_make_hit(number),
            "description": f"{number}. {TEXT}",
            "colors": ["cobalt blue", "cobalt", "blue"],
            "material": "Oak",
            "pattern": "",
            "gtin": "",
            "mpn": f"K-{number}",
            "rating_count": 120,
            "link": f"https://chairs.example/{number}",
            "image": f"https://chairs.example/{number}.jpg",
            "attributes": {"height": "80 cm", "stackable": "no"},
            "measures": {"height": 80.0},
        },
        "price": {"list_price": price, "price": price, "promotions": [], **read},
        "stock": {"quantity": number % 50, "availability": "in_stock", **read},
    }


def _make_item(number: int) -> dict[str, Any]:
    return {
        "sku": f"SKU-{number}",
        "name": f"Chair {number}",
        "group": f"G{number}",
        "color": COLORS[number % len(COLORS)],
        "category": ["Furniture", "Chairs"],
        "price": f"{20 + number % 80}.00",
        "rating": 4.0,
        "height": 80.0,
    }


@asynccontextmanager
async def open_saver(database: str) -> AsyncIterator[tuple[AsyncPostgresSaver, AsyncConnectionPool[Any]]]:
    """A saver on a schema of its own, which is gone afterwards."""
    schema = f"langgraph_{uuid4().hex[:12]}"
    async with await AsyncConnection.connect(database, autocommit=True) as connection:
        await connection.execute(f"CREATE SCHEMA {schema}")
        settings = {
            "autocommit": True,
            "prepare_threshold": 0,
            "row_factory": dict_row,
            "options": f"-c search_path={schema}",
        }
        try:
            async with AsyncConnectionPool(database, max_size=16, open=False, kwargs=settings) as pool:
                saver = AsyncPostgresSaver(pool)
                await saver.setup()
                yield saver, pool
        finally:
            await connection.execute(f"DROP SCHEMA {schema} CASCADE")


async def measure_langgraph(database: str, *, turns: int) -> tuple[dict[int, float], dict[int, int]]:
    """Milliseconds (p50) around each length, and the bytes that the turn of that length wrote."""
    graph = StateGraph(Talk)
    for name, node in (("understand", understand), ("look", look), ("reply", reply)):
        graph.add_node(name, node)
    for first, then in ((START, "understand"), ("understand", "look"), ("look", "reply"), ("reply", END)):
        graph.add_edge(first, then)
    costs: dict[int, list[float]] = {length: [] for length in LENGTHS if length <= turns}
    sizes: dict[int, int] = {}
    async with open_saver(database) as (saver, pool):
        app = graph.compile(checkpointer=saver)
        await _speak(app, "warm", turns=SAMPLES)
        for turn in range(1, turns + SAMPLES // 2 + 1):
            before = await _count_bytes(pool) if turn in costs else 0
            cost = await _speak(app, "measured", turns=1)
            if turn in costs:
                sizes[turn] = await _count_bytes(pool) - before
            for length, taken in costs.items():
                if max(1, length - SAMPLES // 2) <= turn <= length + SAMPLES // 2:
                    taken.append(cost)
    return {length: statistics.median(taken) for length, taken in costs.items()}, sizes


async def _speak(app: Any, thread: str, *, turns: int) -> float:
    cost = 0.0
    for number in range(turns):
        message = HumanMessage(content=f"show me {COLORS[number % len(COLORS)]} chairs under {50 + number}")
        started = time.perf_counter()
        await app.ainvoke({"messages": [message]}, {"configurable": {"thread_id": thread}})
        cost = (time.perf_counter() - started) * 1000
    return cost


async def _count_bytes(pool: AsyncConnectionPool[Any]) -> int:
    async with pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT (SELECT coalesce(sum(length(blob)), 0) FROM checkpoint_blobs)"
            " + (SELECT coalesce(sum(length(blob)), 0) FROM checkpoint_writes)"
            " + (SELECT coalesce(sum(length(checkpoint::text)), 0) FROM checkpoints) AS bytes"
        )
        row = await cursor.fetchone()
    return int(row["bytes"])


async def measure_ours(environment: Mapping[str, str], *, turns: int) -> dict[str, Any]:
    """The report of `evaluate overhead`, from the very command."""
    await _manage(environment, "migrate", "--verbosity", "0")
    said = await _manage(environment, "evaluate", "overhead", "--turns", str(turns), "--json")
    report: dict[str, Any] = json.loads(said.splitlines()[-1])
    return report


async def _manage(environment: Mapping[str, str], *words: str) -> bytes:
    running = await asyncio.create_subprocess_exec(
        sys.executable, "manage.py", *words, cwd=ROOT, env=dict(environment), stdout=asyncio.subprocess.PIPE
    )
    said, _ = await running.communicate()
    if running.returncode:
        raise SystemExit(f"`manage.py {' '.join(words)}` did not run; see above.")
    return said


@contextmanager
def lend_servers() -> Any:
    """The servers that DATABASE_URL and REDIS_URL name, or some of this run's own."""
    environ = {**os.environ, "COMMERCE_AGENT_OWN_ENVIRONMENT": "1"}
    if "DATABASE_URL" in environ and "REDIS_URL" in environ:
        yield environ
        return
    with tempfile.TemporaryDirectory() as folder:
        places = Places(folder=Path(folder))
        places.make()
        servers = own_servers(places)
        try:
            yield {**environ, **servers.start(environ=environ).as_environ()}
        finally:
            servers.stop()


async def compare(environment: Mapping[str, str], *, turns: int) -> None:
    """Measures one after the other and prints both."""
    owner = environment.get("DATABASE_OWNER_URL") or environment["DATABASE_URL"]
    theirs, sizes = await measure_langgraph(owner, turns=turns)
    ours = await measure_ours(environment, turns=turns)
    lines = [
        f"floor {ours['floor_ms']['p50']:.2f} ms, a message's own commit {ours['message_ms']['p50']:.2f} ms",
        "turn   ours ms  LangGraph ms   ratio   goal with message   ratio  its bytes",
    ]
    for length, cost in theirs.items():
        mine = ours["turns"][str(length)]["p50"]
        goal = f"{GOALS[length]:.0f}x" if length in GOALS else ""
        whole = ours["with_message_ms"][str(length)]["p50"]
        lines.append(
            f"{length:4} {mine:9.2f} {cost:13.2f} {cost / mine:6.1f}x {goal:>6}"
            f" {whole:12.2f} {cost / whole:6.1f}x {sizes[length]:10,}"
        )
    lines.append(f"our bytes a turn: {ours['bytes_per_turn']}")
    sys.stdout.write("\n".join(lines) + "\n")


def main() -> None:
    """Runs the comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=300, help="length of the longest conversation")
    parser.add_argument(
        "--lean", action="store_true", help="LangGraph's tools answer only with what is shown"
    )
    options = parser.parse_args()
    turns = options.turns
    answer_for_shop(turns + SAMPLES, lean=options.lean)
    # As ours is measured: on the same loop, with a collector that does not walk through all that was imported.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    with lend_servers() as environment:
        uvloop.run(compare(environment, turns=turns))


if __name__ == "__main__":
    main()
