"""One call of the Messages API: streamed, under a deadline, with every way of failing told apart."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

import anthropic
import httpx2
import msgspec

from commerce_agent.agent.spending.model_door import Outcome
from commerce_agent.decoding import decode_json

CALL_SECONDS = 18.0
"""A call that takes longer counts as a failure of the service."""
MOST_TRIES = 2
LONGEST_WAIT = 3.0
"""What the service asks to wait for, up to this; a shopper waits no longer for a planner that may not come."""
FIRST_WAIT = 0.4

UNTRACED: Final[anthropic.OpenTelemetryOptions] = {"propagation": False, "traces": {"enabled": False}}
"""The SDK traces nothing: our own spans are around its calls, and the trace is no business of the service's."""

Hear = Callable[[str], Awaitable[None]]

_WORTH_ANOTHER_TRY = frozenset({408, 409, 429, 500, 502, 503, 504, 529})
_OURS = frozenset({400, 404, 413, 422})
"""What we asked wrongly; 404 is a model that a shop has named and that there is not."""
_NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout)
_MIDWAY_OURS = frozenset({"invalid_request_error", "not_found_error", "request_too_large"})


class CallFailed(Exception):
    """A call brought nothing that may be used: no text of it is kept and no tool of it is called."""

    def __init__(
        self,
        *,
        reason: str,
        outcome: Outcome,
        again: bool = False,
        wait: float | None = None,
        free: bool = False,
    ) -> None:
        super().__init__(f"The call brought no answer: {reason}.")
        self.reason = reason
        self.outcome = outcome
        self.again = again
        self.wait = wait
        self.free = free


class Listening:
    """What has come of a call so far: all that is known of one that breaks off."""

    def __init__(self) -> None:
        self.started = time.perf_counter()
        self.begun: anthropic.types.Message | None = None
        """The message as it began: its name, and the tokens that it was asked with."""
        self.arguments: dict[int, list[str]] = {}
        """The JSON of each tool call, as it was written."""
        self.pieces: list[str] = []
        """Its text as it arrived: where it was cut decides what was said when."""

    @property
    def milliseconds(self) -> float:
        """Since it was asked."""
        return round((time.perf_counter() - self.started) * 1000, 1)


class Deadline(msgspec.Struct, frozen=True, kw_only=True):
    """When a turn has to be over, on the clock of the event loop."""

    at: float

    @property
    def left(self) -> float:
        """Seconds until then."""
        return max(0.0, self.at - asyncio.get_running_loop().time())


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """A whole message, and how long it took."""

    message: anthropic.types.Message
    milliseconds: float
    pieces: tuple[str, ...] = ()
    """Its text as it arrived."""
    finished: tuple[str, ...] = ()
    """The calls of tools that it made, by their ids, in the order in which they were done."""


def begin_deadline(seconds: float) -> Deadline:
    """So many seconds from now."""
    return Deadline(at=asyncio.get_running_loop().time() + seconds)


async def ask(
    client: anthropic.AsyncAnthropic,
    *,
    request: dict[str, Any],
    hear: Hear,
    deadline: Deadline,
    listening: Listening,
) -> Heard:
    """One streamed message, its text handed on as it arrives. Raises `CallFailed`."""
    seconds = min(CALL_SECONDS, deadline.left)
    try:
        async with asyncio.timeout(seconds):
            async with client.messages.stream(**request) as stream:
                async for event in stream:
                    if event.type == "message_start":
                        listening.begun = event.message
                    elif event.type == "content_block_delta" and event.delta.type == "input_json_delta":
                        written = listening.arguments.setdefault(event.index, [])
                        written.append(event.delta.partial_json)
                    elif event.type == "text":
                        listening.pieces.append(event.text)
                        await hear(event.text)
                message = await stream.get_final_message()
    except anthropic.APIStatusError as error:
        raise _judge_status(error) from error
    except (anthropic.APIConnectionError, httpx2.TransportError) as error:
        raise CallFailed(
            reason=type(error).__name__,
            outcome="failed",
            again=not listening.pieces,
            free=isinstance(error.__cause__, _NEVER_SENT),
        ) from error
    except TimeoutError as error:
        # Where the turn has run out of time, tools may have taken it: that says nothing of the service.
        outcome: Outcome = "failed" if seconds == CALL_SECONDS else "nothing"
        raise CallFailed(reason="TimeoutError", outcome=outcome) from error
    except (anthropic.AnthropicError, httpx2.HTTPError, AssertionError, ValueError, TypeError) as error:
        # What the SDK makes of a body that is no event stream, or of events in no order.
        raise CallFailed(reason=type(error).__name__, outcome="failed") from error
    _require_whole(listening)
    # A stream that is cut raises nothing: it only has no reason for its end.
    if message.stop_reason is None:
        raise CallFailed(reason="stop reason None", outcome="failed")
    return Heard(message=message, milliseconds=listening.milliseconds, pieces=tuple(listening.pieces))


def find_wait(failure: CallFailed, *, tried: int, deadline: Deadline) -> float | None:
    """How long to wait before the call is tried again; None where it is not worth it."""
    if not failure.again or tried >= MOST_TRIES:
        return None
    wait = FIRST_WAIT if failure.wait is None else failure.wait
    return wait if wait <= min(LONGEST_WAIT, deadline.left / 2) else None


def _require_whole(listening: Listening) -> None:
    """The SDK completes JSON that breaks off, and a call would then be made of what nobody asked for."""
    for written in listening.arguments.values():
        try:
            decode_json("".join(written) or "{}")
        except msgspec.DecodeError as error:
            raise CallFailed(reason="half a tool call", outcome="failed") from error


def _judge_status(error: anthropic.APIStatusError) -> CallFailed:
    reason = type(error).__name__
    if error.status_code == httpx2.codes.OK:
        # An event of the stream said so, after its beginning.
        ours = error.type in _MIDWAY_OURS
        return CallFailed(reason=reason, outcome="nothing" if ours else "failed")
    return CallFailed(
        reason=reason,
        outcome="nothing" if error.status_code in _OURS else "failed",
        again=error.status_code in _WORTH_ANOTHER_TRY,
        free=True,
        wait=_read_wait(error.response.headers.get("retry-after")),
    )


def _read_wait(header: str | None) -> float | None:
    """Seconds; a date, which the API does not send, is taken as too long to wait for."""
    if header is None:
        return None
    try:
        return max(0.0, float(header))
    except ValueError:
        return LONGEST_WAIT + 1
