"""Claude speaks: our own loop over the Messages API, with the shop's tools and checked sentences."""

import asyncio
import re
from typing import Any

import anthropic
import httpx2

from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.claude.prompt import RULES, list_messages
from commerce_agent.agent.claude.toolbox import call_tool, list_schemas
from commerce_agent.agent.closing import Used
from commerce_agent.agent.turns import PlannerFailed

MOST_ROUNDS = 6
"""Model calls a turn may take; a model that still wants tools then has lost its way."""
MOST_TOKENS = 1024
DEADLINE_SECONDS = 30.0
"""Leaves the built-in planner time to answer within the turn."""
REST_SECONDS = 30.0
"""After a failure of the service the built-in planner speaks for so long before Claude is asked again."""

_SENTENCE = re.compile(r".+?(?:[.!?…](?=\s|$)|\n+|$)", re.DOTALL)


class ClaudePlanner:
    """Answers a turn with Claude and the same tools the built-in planner drives."""

    name = "claude"

    def __init__(self, *, client: anthropic.AsyncAnthropic, model: str) -> None:
        self._client = client
        self._model = model
        self._rests_until = 0.0

    async def find_reason_against(self) -> str:
        """Why Claude is not asked now; empty when it is."""
        return "Claude failed a moment ago" if asyncio.get_running_loop().time() < self._rests_until else ""

    async def answer(self, scene: Scene) -> Used:
        """Says the reply; raises `PlannerFailed`, after which nothing it did may be kept."""
        messages = list_messages(scene.desk.trail.state, scene.understanding)
        used_in = used_out = 0
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                for _ in range(MOST_ROUNDS):
                    message = await self._ask(messages)
                    used_in += message.usage.input_tokens
                    used_out += message.usage.output_tokens
                    if message.stop_reason == "tool_use":
                        await self._call_tools(scene, message, messages)
                        continue
                    await _say(scene, _get_text(message))
                    return Used(model=message.model, input_tokens=used_in, output_tokens=used_out)
        except (anthropic.AnthropicError, httpx2.HTTPError, TimeoutError, AssertionError) as error:
            self._rests_until = asyncio.get_running_loop().time() + REST_SECONDS
            raise PlannerFailed(planner=self.name, reason=type(error).__name__) from error
        raise PlannerFailed(planner=self.name, reason=f"no answer after {MOST_ROUNDS} rounds")

    async def _ask(self, messages: list[dict[str, Any]]) -> anthropic.types.Message:
        """One streamed call. A stream cut short raises nothing and has no stop reason: that is a failure."""
        async with self._client.messages.stream(
            model=self._model,
            max_tokens=MOST_TOKENS,
            system=[{"type": "text", "text": RULES, "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
            tools=list_schemas(),  # type: ignore[arg-type]
            messages=messages,  # type: ignore[arg-type]
        ) as stream:
            message = await stream.get_final_message()
        if message.stop_reason in ("end_turn", "stop_sequence", "tool_use"):
            return message
        raise PlannerFailed(planner=self.name, reason=f"stop reason {message.stop_reason}")

    async def _call_tools(
        self, scene: Scene, message: anthropic.types.Message, messages: list[dict[str, Any]]
    ) -> None:
        messages.append(
            {
                "role": "assistant",
                "content": [block.model_dump(mode="json", exclude_none=True) for block in message.content],
            }
        )
        results: list[dict[str, Any]] = []
        for block in message.content:
            if block.type == "tool_use":
                await scene.voice.show_stage(block.name.replace("_", " "))
                answer = await call_tool(scene.desk, name=block.name, arguments=block.input)
                results.append(
                    {
                        "type": "tool_result",
                        "tool_use_id": block.id,
                        "content": answer.content,
                        "is_error": answer.is_error,
                    }
                )
        messages.append({"role": "user", "content": results})


def _get_text(message: anthropic.types.Message) -> str:
    return "".join(block.text for block in message.content if block.type == "text").strip()


async def _say(scene: Scene, text: str) -> None:
    """Says sentence by sentence what stands on facts; a reply of which nothing stands is no reply."""
    held_back = 0
    for paragraph in text.split("\n\n"):
        scene.voice.break_line()
        for match in _SENTENCE.finditer(paragraph.strip()):
            if match.group().strip():
                held_back += not await scene.voice.say(match.group())
    if not scene.voice.text:
        raise PlannerFailed(
            planner="claude", reason="no claim of the reply stood on a fact" if held_back else "no text"
        )


def build_planner(*, api_key: str, model: str, base_url: str = "") -> ClaudePlanner:
    """A planner on the API; one retry inside the SDK, the turn's deadline around it."""
    client = anthropic.AsyncAnthropic(
        api_key=api_key,
        base_url=base_url or None,
        max_retries=1,
        timeout=httpx2.Timeout(20.0, connect=3.0),
        open_telemetry={"propagation": False},
    )
    return ClaudePlanner(client=client, model=model)
