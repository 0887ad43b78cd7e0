"""Puts every tool call on the turn's trail: what was asked, how it ended, how long it took."""

import time
from asyncio import CancelledError
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import TypeVar

import msgspec

from catalog.connectors import ConnectorUnavailable
from commerce_agent.observing import names
from commerce_agent.observing.tracing import span
from commerce_agent.tools.desk import AskAgain, CannotBeDone, Desk
from commerce_agent.tools.limits import say_cancelled
from conversations.events.decisions import ToolCalled

Arguments = TypeVar("Arguments", bound=msgspec.Struct)
Result = TypeVar("Result")
Tool = Callable[[Desk, Arguments], Awaitable[Result]]


def recorded(
    name: str, *, alters: Callable[[Desk], object] | None = None
) -> Callable[[Tool[Arguments, Result]], Tool[Arguments, Result]]:
    """Records each call of the tool under its name; one that left what it `alters` as it was says so."""
    attributes = {names.OPERATION: names.EXECUTE_TOOL, names.TOOL: name, names.TOOL_TYPE: "function"}

    def wrap(tool: Tool[Arguments, Result]) -> Tool[Arguments, Result]:
        @wraps(tool)
        async def call(desk: Desk, arguments: Arguments) -> Result:
            started = time.perf_counter()
            outcome, before = "ok", alters(desk) if alters else None
            try:
                with span(f"{names.EXECUTE_TOOL} {name}", attributes):
                    result = await tool(desk, arguments)
                if getattr(result, "out_of_reach", False):
                    # The tool has an answer for that; what it asked had none.
                    outcome = "out of reach"
                elif alters and alters(desk) == before:
                    outcome = "ok: nothing changed"
            except BaseException as error:
                outcome = _say_ending(error)
                raise
            finally:
                took = (time.perf_counter() - started) * 1000
                desk.trail.record(
                    ToolCalled(
                        tool=name,
                        arguments=msgspec.json.encode(arguments).decode(),
                        outcome=outcome,
                        milliseconds=round(took, 2),
                    )
                )
            return result

        return call

    return wrap


def _say_ending(error: BaseException) -> str:
    """How a call ended that brought nothing; of what broke only the kind, for its text may quote anything."""
    match error:
        case AskAgain() | CannotBeDone():
            return f"refused: {error}"
        case ConnectorUnavailable():
            return "out of reach"
        case CancelledError():
            return say_cancelled()
        case _:
            return f"failed: {type(error).__name__}"
