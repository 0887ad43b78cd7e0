"""Claude speaks: our own loop over the Messages API, with the shop's tools and checked sentences."""

import asyncio
from typing import Any, Literal, assert_never

import anthropic
import httpx2

from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.claude.calling import CallFailed, Deadline, Heard, ask, begin_deadline, find_wait
from commerce_agent.agent.claude.prompt import RULES, list_messages
from commerce_agent.agent.claude.saying import Telling
from commerce_agent.agent.claude.tool_rounds import run_tools
from commerce_agent.agent.claude.toolbox import list_schemas
from commerce_agent.agent.closing import Used
from commerce_agent.agent.model_door import DoorShut, ModelCall, ModelDoor
from commerce_agent.agent.turns import PlannerFailed

MOST_ROUNDS = 6
"""Model calls a turn may take; a model that still wants tools then has lost its way."""
MOST_TOKENS = 1024
DEADLINE_SECONDS = 28.0
"""Leaves the built-in planner time to answer within the turn."""

Next = Literal["done", "tools", "again"]
_AFTER: dict[str, Next] = {
    "end_turn": "done",
    "stop_sequence": "done",
    "tool_use": "tools",
    "pause_turn": "again",
}
"""What follows each reason to stop. After any other one (`max_tokens`, `refusal`, `model_context_window_exceeded`,
one that is not known yet) nothing of the message counts: its text may be cut, its tool call half written.
"""


class ClaudePlanner:
    """Answers a turn with Claude and the same tools the built-in planner drives."""

    name = "claude"

    def __init__(self, *, client: anthropic.AsyncAnthropic, model: str) -> None:
        self._client = client
        self._model = model

    async def answer(self, scene: Scene, *, door: ModelDoor) -> Used:
        """Says the reply; raises `PlannerFailed`, after which nothing it did may be kept."""
        return await _Loop(planner=self, scene=scene, door=door).run()

    async def call(
        self, *, messages: list[dict[str, Any]], telling: Telling, deadline: Deadline, door: ModelDoor
    ) -> Heard:
        """One message of the model, said as it arrives; tried again where that is worth it."""
        request = {
            "model": self._model,
            "max_tokens": MOST_TOKENS,
            "system": [{"type": "text", "text": RULES, "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
            "tools": list_schemas(),
            "messages": messages,
        }
        tried, failed = 0, ""
        while True:
            tried += 1
            try:
                async with door.open() as call:
                    return await _ask(self._client, request, call=call, telling=telling, deadline=deadline)
            except CallFailed as failure:
                wait, failed = find_wait(failure, tried=tried, deadline=deadline), failure.reason
                if wait is None:
                    raise PlannerFailed(planner=self.name, reason=failed) from failure
            except DoorShut as shut:
                raise PlannerFailed(planner=self.name, reason=failed or shut.reason) from shut
            await asyncio.sleep(wait)


async def _ask(
    client: anthropic.AsyncAnthropic,
    request: dict[str, Any],
    *,
    call: ModelCall,
    telling: Telling,
    deadline: Deadline,
) -> Heard:
    try:
        heard = await ask(client, request=request, hear=telling.hear, deadline=deadline)
    except CallFailed as failure:
        call.outcome = failure.outcome
        raise
    call.outcome = "ok"
    return heard


class _Loop:
    """One turn: asks, runs tools, asks again, until there is a reply."""

    def __init__(self, *, planner: ClaudePlanner, scene: Scene, door: ModelDoor) -> None:
        self._planner = planner
        self._door = door
        self._scene = scene
        self._telling = Telling(scene=scene)
        self._messages = list_messages(scene.desk.trail.state, scene.understanding)
        self._deadline = begin_deadline(DEADLINE_SECONDS)
        self._input = self._output = 0
        self._corrected = False
        self._left = MOST_ROUNDS

    async def run(self) -> Used:
        for self._left in reversed(range(MOST_ROUNDS)):
            heard = await self._planner.call(
                messages=self._messages, telling=self._telling, deadline=self._deadline, door=self._door
            )
            if await self._go_on(heard):
                continue
            return Used(model=heard.message.model, input_tokens=self._input, output_tokens=self._output)
        raise PlannerFailed(planner=self._planner.name, reason=f"no answer after {MOST_ROUNDS} rounds")

    async def _go_on(self, heard: Heard) -> bool:
        """Does what the message asks for; False when the reply is whole."""
        message = heard.message
        self._input += message.usage.input_tokens
        self._output += message.usage.output_tokens
        following = _AFTER.get(str(message.stop_reason))
        if following is None:
            raise PlannerFailed(planner=self._planner.name, reason=f"stop reason {message.stop_reason}")
        await self._telling.end()
        match following:
            case "tools":
                self._telling.leave_out()
                self._keep(message)
                results = await run_tools(self._scene, message=message, deadline=self._deadline)
                self._messages.append({"role": "user", "content": results})
                return True
            case "again":
                self._keep(message)
                return True
            case "done":
                return await self._close(message)
            case _:
                assert_never(following)

    async def _close(self, message: anthropic.types.Message) -> bool:
        """Has false claims corrected once; then says the rest as far as it is true, which may be nothing."""
        if self._telling.waits and not self._corrected and self._left:
            self._corrected = True
            self._keep(message)
            self._messages.append({"role": "user", "content": self._telling.ask_to_correct()})
            return True
        was_false = self._telling.waits
        await self._telling.say_rest()
        if not self._scene.voice.text:
            reason = "no claim of the reply stood on a fact" if was_false else "no text"
            raise PlannerFailed(planner=self._planner.name, reason=reason)
        return False

    def _keep(self, message: anthropic.types.Message) -> None:
        content = [
            block.model_dump(mode="json", exclude_none=True)
            for block in message.content
            if block.type != "text" or block.text.strip()
        ]
        if content:
            self._messages.append({"role": "assistant", "content": content})


def build_planner(*, api_key: str, model: str, base_url: str = "") -> ClaudePlanner:
    """A planner on the API. The SDK tries nothing again: it would wait as long as the service says."""
    client = anthropic.AsyncAnthropic(
        api_key=api_key,
        base_url=base_url or None,
        max_retries=0,
        timeout=httpx2.Timeout(20.0, connect=3.0),
        open_telemetry={"propagation": False},
    )
    return ClaudePlanner(client=client, model=model)
