"""Claude speaks: our own loop over the Messages API, with the shop's tools and checked sentences."""

from typing import Any, Literal

import anthropic
import httpx2

from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.claude.calling import UNTRACED, Heard, begin_deadline
from commerce_agent.agent.claude.line import Line
from commerce_agent.agent.claude.loading import load
from commerce_agent.agent.claude.prompt import Prompt, assemble
from commerce_agent.agent.claude.recalled import RecalledLine
from commerce_agent.agent.claude.saying import Telling
from commerce_agent.agent.claude.tool_rounds import run_tools
from commerce_agent.agent.closing import Used
from commerce_agent.agent.grounding import make_ready
from commerce_agent.agent.speaking import Attempt, PlannerFailed
from commerce_agent.agent.spending.caps import Payer, hide_payer
from commerce_agent.agent.spending.model_door import ModelDoor
from commerce_agent.agent.spending.payers import SHOPPERS_OF_A_PLACE, AnonymousPayers
from conversations.events.entities import EntitiesFocused
from conversations.ids import ConversationId

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

    def __init__(self, *, client: anthropic.AsyncAnthropic, model: str, secret: str = "") -> None:
        self._client = client
        self._model = model
        self._secret = secret

    async def answer(self, scene: Scene, *, door: ModelDoor, attempt: Attempt) -> None:
        """Says the reply; raises `PlannerFailed`, after which nothing it did may be kept."""
        model = scene.settings.model or self._model
        payer = await self._find_payer(scene, anonymous=door.anonymous)
        prompt = await write_prompt(scene)
        # Not while the model answers: its time is counted, and what runs out of it counts as a failure of the service.
        make_ready()
        line = Line(
            client=self._client,
            door=door,
            payer=payer,
            model=model,
            deadline=begin_deadline(DEADLINE_SECONDS),
            most=scene.settings.turn_micros,
        )
        loop = _Loop(line=line, scene=scene, prompt=prompt)
        try:
            await loop.run()
        finally:
            # What it cost is on record, whoever answers in its place, and where nobody does.
            attempt.used = loop.count()

    async def _find_payer(self, scene: Scene, *, anonymous: AnonymousPayers) -> Payer:
        """On whose accounts the turn goes; who is not known pays with all that speak from the same place."""
        transcript, day, settings = (
            scene.desk.trail.state.transcript,
            scene.desk.now.date(),
            scene.settings,
        )
        conversation = scene.desk.conversation
        place = "" if transcript.shopper else await anonymous.find(ConversationId(conversation))
        return Payer(
            merchant=transcript.merchant,
            shopper=hide_payer(transcript.shopper or conversation, secret=self._secret),
            day=day,
            shopper_cap=settings.shopper_micros,
            shop_cap=settings.shop_micros,
            place=hide_payer(f"{place} {day}", secret=self._secret) if place else "",
            place_cap=settings.shopper_micros * SHOPPERS_OF_A_PLACE,
        )

    async def close(self) -> None:
        """Lets go of the connections; nothing may be asked afterwards."""
        await self._client.close()


async def answer_again(scene: Scene, *, heard: bytes) -> Used:
    """The same with what the model answered then; raises `ModelNotAsked`, `HeardUnreadable` or `PlannerFailed`."""
    line = RecalledLine(heard=heard, deadline=begin_deadline(DEADLINE_SECONDS))
    loop = _Loop(line=line, scene=scene, prompt=await write_prompt(scene))
    await loop.run()
    return loop.count()


async def write_prompt(scene: Scene) -> Prompt:
    """The turn's first request: what is meant is in focus, and what the message asks for is loaded."""
    if scene.understanding.resolved:
        scene.desk.trail.record(EntitiesFocused(refs=scene.understanding.resolved))
    loaded = await load(scene)
    state = scene.desk.trail.state
    return assemble(
        settings=scene.settings,
        words=scene.words,
        state=state,
        understanding=scene.understanding,
        loaded=loaded,
        seconds=int(scene.desk.now.timestamp()),
    )


class _Loop:
    """One turn: asks, runs tools, asks again, until there is a reply."""

    def __init__(self, *, line: Line | RecalledLine, scene: Scene, prompt: Prompt) -> None:
        self._line = line
        self._scene = scene
        self._prompt = prompt
        self._messages = list(prompt.messages)
        self._telling = Telling(scene=scene)
        self._corrected = False
        self._left = MOST_ROUNDS

    async def run(self) -> None:
        for self._left in reversed(range(MOST_ROUNDS)):
            heard = await self._line.ask(self._write_request(), hear=self._telling.hear)
            if await self._go_on(heard):
                continue
            return
        raise PlannerFailed(planner=ClaudePlanner.name, reason=f"no answer after {MOST_ROUNDS} rounds")

    def _write_request(self) -> dict[str, Any]:
        latest = self._scene.desk.trail.state.decisions.latest
        answered = (call for made in reversed(latest) for call in reversed(made.calls) if not call.broken)
        before = next((call.message for call in answered), None)
        return {
            "max_tokens": MOST_TOKENS,
            "system": self._prompt.system,
            "tools": self._prompt.tools,
            "messages": self._messages,
            "diagnostics": {"previous_message_id": self._line.last_message or before},
        }

    def count(self) -> Used:
        """What the turn took of the model so far."""
        calls = self._line.calls
        return Used(
            model=self._line.model,
            input_tokens=sum(call.input_tokens + call.cache_read + call.cache_write for call in calls),
            output_tokens=sum(call.output_tokens for call in calls),
            prompt=self._prompt.digest,
            micros=self._line.micros,
            calls=calls,
            heard=self._line.heard,
        )

    async def _go_on(self, heard: Heard) -> bool:
        """Does what the message asks for; False when the reply is whole."""
        message = heard.message
        following = _AFTER.get(str(message.stop_reason))
        calls_none = following == "tools" and not any(block.type == "tool_use" for block in message.content)
        if following is None or calls_none:
            told = f"stop reason {message.stop_reason}" + (" without a tool" if calls_none else "")
            raise PlannerFailed(planner=ClaudePlanner.name, reason=told)
        await self._telling.end()
        if following == "done":
            return await self._close(message)
        self._require_budget()
        if following == "tools":
            self._telling.leave_out()
            self._keep(message)
            finished: list[str] = []
            results = await run_tools(
                self._scene, message=message, deadline=self._line.deadline, finished=finished
            )
            self._line.note_finished(finished)
            self._messages.append({"role": "user", "content": results})
        else:
            self._keep(message)
        return True

    def _require_budget(self) -> None:
        """A turn that has cost what one may cost ends here."""
        if self._has_spent_all():
            raise PlannerFailed(planner=ClaudePlanner.name, reason="the turn cost as much as one may")

    def _has_spent_all(self) -> bool:
        return self._line.micros >= self._scene.settings.turn_micros

    async def _close(self, message: anthropic.types.Message) -> bool:
        """Has false claims corrected once; then says the rest as far as it is true, which may be nothing.

        Nothing is corrected by a call that the turn may not cost any more.
        """
        may_correct = not self._corrected and self._left and not self._has_spent_all()
        if self._telling.waits and may_correct:
            self._corrected = True
            self._keep(message)
            self._messages.append({"role": "user", "content": self._telling.ask_to_correct()})
            return True
        was_false = self._telling.waits
        await self._telling.say_rest()
        if not self._scene.voice.text:
            reason = "no claim of the reply stood on a fact" if was_false else "no text"
            raise PlannerFailed(planner=ClaudePlanner.name, reason=reason)
        return False

    def _keep(self, message: anthropic.types.Message) -> None:
        content = [
            block.model_dump(mode="json", exclude_none=True)
            for block in message.content
            if block.type != "text" or block.text.strip()
        ]
        if content:
            self._messages.append({"role": "assistant", "content": content})


def build_planner(*, api_key: str, model: str, base_url: str = "", secret: str = "") -> ClaudePlanner:
    """A planner on the API. The SDK tries nothing again: it would wait as long as the service says."""
    client = anthropic.AsyncAnthropic(
        api_key=api_key,
        base_url=base_url or None,
        max_retries=0,
        timeout=httpx2.Timeout(20.0, connect=3.0),
        open_telemetry=UNTRACED,
    )
    return ClaudePlanner(client=client, model=model, secret=secret)
