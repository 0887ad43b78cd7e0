"""The line to the model during one turn: every call goes through the door, and is counted."""

import asyncio
from typing import Any

import anthropic
import msgspec

from commerce_agent.agent.claude.calling import CallFailed, Deadline, Hear, Heard, ask, find_wait
from commerce_agent.agent.claude.prompt import estimate_tokens
from commerce_agent.agent.model_door import DoorShut, ModelCall, ModelDoor
from commerce_agent.agent.spending import Payer, Usage
from commerce_agent.agent.turns import PlannerFailed
from conversations.events.decisions import ModelCalled

PLANNER = "claude"


class Line:
    """Asks one model on one account until one deadline."""

    def __init__(
        self,
        *,
        client: anthropic.AsyncAnthropic,
        door: ModelDoor,
        payer: Payer,
        model: str,
        deadline: Deadline,
    ) -> None:
        self.deadline = deadline
        self.micros = 0
        self._client = client
        self._door = door
        self._payer = payer
        self._model = model
        self._calls: list[ModelCalled] = []

    @property
    def calls(self) -> tuple[ModelCalled, ...]:
        """Those that were answered."""
        return tuple(self._calls)

    @property
    def last_message(self) -> str | None:
        """The service's name for its last answer in this turn."""
        return self._calls[-1].message if self._calls else None

    async def ask(self, request: dict[str, Any], *, hear: Hear) -> Heard:
        """One message of the model, handed on as it arrives; asked again where that is worth it."""
        whole = {**request, "model": self._model, "metadata": {"user_id": self._payer.shopper}}
        most = self._estimate(request)
        tried, failed = 0, ""
        while True:
            tried += 1
            try:
                async with self._door.open(payer=self._payer, most=most) as call:
                    return await self._ask(whole, call=call, hear=hear)
            except CallFailed as failure:
                wait, failed = find_wait(failure, tried=tried, deadline=self.deadline), failure.reason
                if wait is None:
                    raise PlannerFailed(planner=PLANNER, reason=failed) from failure
            except DoorShut as shut:
                raise PlannerFailed(planner=PLANNER, reason=failed or shut.reason) from shut
            await asyncio.sleep(wait)

    async def _ask(self, request: dict[str, Any], *, call: ModelCall, hear: Hear) -> Heard:
        try:
            heard = await ask(self._client, request=request, hear=hear, deadline=self.deadline)
        except CallFailed as failure:
            call.outcome = failure.outcome
            if failure.free:
                call.micros = 0
            raise
        call.outcome = "ok"
        usage = read_usage(heard.message)
        call.micros, call.tokens = usage.micros, usage.tokens
        self.micros += usage.micros
        self._calls.append(_describe_call(heard, usage))
        return heard

    def _estimate(self, request: dict[str, Any]) -> int:
        """What the call costs at most: nothing cached, and all the words it may answer."""
        sent = estimate_tokens(msgspec.json.encode(request).decode())
        return Usage(model=self._model, cache_write_1h=sent, output=int(request["max_tokens"])).micros


def read_usage(message: anthropic.types.Message) -> Usage:
    """The tokens of an answer."""
    usage = message.usage
    written = usage.cache_creation_input_tokens or 0
    for_an_hour = usage.cache_creation.ephemeral_1h_input_tokens if usage.cache_creation else 0
    return Usage(
        model=message.model,
        input=usage.input_tokens,
        cache_read=usage.cache_read_input_tokens or 0,
        cache_write_1h=for_an_hour,
        cache_write_5m=max(0, written - for_an_hour),
        output=usage.output_tokens,
    )


def _describe_call(heard: Heard, usage: Usage) -> ModelCalled:
    message = heard.message
    missed = message.diagnostics.cache_miss_reason if message.diagnostics else None
    return ModelCalled(
        message=message.id,
        stop_reason=str(message.stop_reason),
        input_tokens=usage.input,
        cache_read=usage.cache_read,
        cache_write=usage.cache_write_5m + usage.cache_write_1h,
        output_tokens=usage.output,
        cache_missed=missed.type if missed else "",
        milliseconds=heard.milliseconds,
    )
