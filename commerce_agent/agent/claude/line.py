"""The line to the model during one turn: every call goes through the door, and is counted."""

import asyncio
from typing import Any

import anthropic
import msgspec
from opentelemetry.trace import Span, SpanKind

from commerce_agent.agent.claude.calling import CallFailed, Deadline, Hear, Heard, Listening, ask, find_wait
from commerce_agent.agent.claude.describing import describe_broken, describe_call, read_usage
from commerce_agent.agent.claude.prompt import estimate_tokens
from commerce_agent.agent.claude.recalled import pack_heard
from commerce_agent.agent.speaking import PlannerFailed
from commerce_agent.agent.spending.caps import Payer, Usage
from commerce_agent.agent.spending.model_door import DoorShut, ModelCall, ModelDoor
from commerce_agent.observing import names
from commerce_agent.observing.tracing import span
from conversations.events.decisions import ModelCalled

PLANNER = "claude"
NO_TIME = "no time is left to ask in"
STOPPED = "stopped"
"""Why a call brought no answer whose turn was stopped, or took too long."""


class Line:
    """Asks one model on one account until one deadline. A call that failed is made again only while what the turn
    took is less than the most that it may.
    """

    def __init__(
        self,
        *,
        client: anthropic.AsyncAnthropic,
        door: ModelDoor,
        payer: Payer,
        model: str,
        deadline: Deadline,
        most: int,
    ) -> None:
        self.deadline = deadline
        self.micros = 0
        self._client = client
        self._door = door
        self._payer = payer
        self._model = model
        self._most = most
        self._calls: list[ModelCalled] = []
        self._heard: list[Heard] = []

    @property
    def calls(self) -> tuple[ModelCalled, ...]:
        """Those that were answered, and those that broke off and cost something all the same."""
        return tuple(self._calls)

    @property
    def model(self) -> str:
        """The model that answered last; the one that is asked where none did."""
        return self._heard[-1].message.model if self._heard else self._model

    @property
    def heard(self) -> bytes:
        """What was answered, as it is kept for a replay."""
        return pack_heard(self._heard)

    @property
    def last_message(self) -> str | None:
        """The service's name for its last answer in this turn."""
        return self._heard[-1].message.id if self._heard else None

    def note_finished(self, tools: list[str]) -> None:
        """Keeps in which order the tools of the last answer were done: they run side by side."""
        self._heard[-1] = msgspec.structs.replace(self._heard[-1], finished=tuple(tools))

    async def ask(self, request: dict[str, Any], *, hear: Hear) -> Heard:
        """One message of the model, handed on as it arrives; asked again where that is worth it."""
        whole = {**request, "model": self._model, "metadata": {"user_id": self._payer.shopper}}
        most = self._estimate(request)
        tried, failed = 0, ""
        while True:
            tried += 1
            if not self.deadline.left:
                raise PlannerFailed(planner=PLANNER, reason=failed or NO_TIME)
            try:
                async with self._door.open(payer=self._payer, most=most) as call:
                    return await self._count(whole, call=call, hear=hear)
            except CallFailed as failure:
                wait, failed = find_wait(failure, tried=tried, deadline=self.deadline), failure.reason
                if wait is None or self.micros >= self._most:
                    raise PlannerFailed(planner=PLANNER, reason=failed) from failure
            except DoorShut as shut:
                raise PlannerFailed(planner=PLANNER, reason=failed or shut.reason) from shut
            await asyncio.sleep(wait)

    async def _count(self, request: dict[str, Any], *, call: ModelCall, hear: Hear) -> Heard:
        """Asks, and puts down what it cost, however it ends: what is on record is what the accounts are charged."""
        listening, broken = Listening(), STOPPED
        try:
            heard = await self._ask(request, listening=listening, hear=hear)
        except CallFailed as failure:
            call.outcome, broken = failure.outcome, failure.reason
            if failure.free:
                call.micros = 0
            raise
        except PlannerFailed as failure:
            broken = failure.reason
            raise
        else:
            broken, call.outcome = "", "ok"
            usage = read_usage(heard.message)
            call.micros, call.tokens = usage.micros, usage.tokens
            self._calls.append(describe_call(heard, usage, request=request))
            self._heard.append(heard)
            return heard
        finally:
            self.micros += call.micros
            if broken and call.micros:
                made = describe_broken(listening, reason=broken)
                call.tokens = made.input_tokens + made.cache_read + made.cache_write + made.output_tokens
                self._calls.append(made)

    async def _ask(self, request: dict[str, Any], *, listening: Listening, hear: Hear) -> Heard:
        with span(f"{names.CHAT} {self._model}", self._describe(request), kind=SpanKind.CLIENT) as current:
            heard = await ask(
                self._client, request=request, hear=hear, deadline=self.deadline, listening=listening
            )
            _note_answer(current, heard)
            return heard

    def _describe(self, request: dict[str, Any]) -> dict[str, str | int]:
        return {
            names.OPERATION: names.CHAT,
            names.PROVIDER: "anthropic",
            names.REQUEST_MODEL: self._model,
            names.REQUEST_MOST_TOKENS: int(request["max_tokens"]),
        }

    def _estimate(self, request: dict[str, Any]) -> int:
        """What the call costs at most: nothing cached, and all the words it may answer."""
        sent = estimate_tokens(msgspec.json.encode(request).decode())
        return Usage(model=self._model, cache_write_1h=sent, output=int(request["max_tokens"])).micros


def _note_answer(current: Span, heard: Heard) -> None:
    """What the answer took; nothing of what it says."""
    message, usage = heard.message, read_usage(heard.message)
    written = usage.cache_write_5m + usage.cache_write_1h
    current.set_attributes(
        {
            names.RESPONSE_ID: message.id,
            names.RESPONSE_MODEL: message.model,
            names.FINISH_REASONS: (str(message.stop_reason),),
            names.INPUT_TOKENS: usage.input + usage.cache_read + written,
            names.OUTPUT_TOKENS: usage.output,
            names.CACHE_READ: usage.cache_read,
            names.CACHE_WRITE: written,
        }
    )
