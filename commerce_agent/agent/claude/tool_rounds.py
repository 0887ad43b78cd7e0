"""Runs the tools that one message of the model asked for: reads side by side, changes one after the other."""

import asyncio
from decimal import Decimal
from typing import Any

import anthropic
import structlog

from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.claude.calling import Deadline
from commerce_agent.agent.claude.leaks import find_own_words
from commerce_agent.agent.claude.toolbox import (
    BROKEN,
    OUT_OF_REACH,
    ToolAnswer,
    call_tool,
    changes_anything,
    refuse_call,
)
from commerce_agent.agent.claude.warrants import find_objection, list_called
from commerce_agent.tools.limits import within
from conversations.events.decisions import ToolCalled

log = structlog.get_logger(__name__)

TOOL_SECONDS = 6.0
"""A tool that takes longer is answered for: the shop does not answer."""
MOST_AT_ONCE = 8
NOT_YOURS = "Not called: the arguments hold your own instructions. Use the shopper's words."
_FOR_STAFF = frozenset({"reason"})
"""Arguments that no shopper ever sees."""
TOO_MANY = "Too many tools at once: this one was not called. Use what the others answered."

STAGES = {
    "search_products": "searching",
    "look_at_product": "checking_stock",
    "compare_products": "comparing",
    "get_policy": "checking_policies",
    "list_promotions": "checking_prices",
}

Block = anthropic.types.ToolUseBlock


async def run_tools(
    scene: Scene, *, message: anthropic.types.Message, deadline: Deadline, finished: list[str]
) -> list[dict[str, Any]]:
    """A result for each call of the message, in its order; `finished` takes their ids as each was done."""
    blocks = [block for block in message.content if block.type == "tool_use"]
    asked = blocks[:MOST_AT_ONCE]
    answers = {
        block.id: refuse_call(scene, name=block.name, arguments=block.input, told=TOO_MANY)
        for block in blocks[MOST_AT_ONCE:]
    }
    if asked:
        await scene.voice.show_stage(STAGES.get(asked[0].name, "thinking"))
    reads = [block for block in asked if not changes_anything(block.name)]
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(_read(scene, block, deadline=deadline, finished=finished)) for block in reads
        ]
    answers.update((block.id, task.result()) for block, task in zip(reads, tasks, strict=True))
    for block in asked:
        if changes_anything(block.name):
            answers[block.id] = await _change(scene, block, deadline=deadline)
            finished.append(block.id)
    return [
        {
            "type": "tool_result",
            "tool_use_id": block.id,
            "content": answers[block.id].content,
            "is_error": answers[block.id].is_error,
        }
        for block in blocks
    ]


async def _read(scene: Scene, block: Block, *, deadline: Deadline, finished: list[str]) -> ToolAnswer:
    answer = await _call(scene, block, deadline=deadline)
    finished.append(block.id)
    return answer


async def _call(scene: Scene, block: Block, *, deadline: Deadline) -> ToolAnswer:
    if _gives_away(scene, block):
        return refuse_call(scene, name=block.name, arguments=block.input, told=NOT_YOURS)
    left = deadline.left
    # Where the turn has less time left than a tool may take, it is the turn that ends.
    limit = within(TOOL_SECONDS) if left >= TOOL_SECONDS else asyncio.timeout(left)
    try:
        async with limit:
            return await call_tool(scene, name=block.name, arguments=block.input)
    except TimeoutError:
        log.warning("tool.timed_out", tool=block.name, seconds=min(TOOL_SECONDS, left))
        return ToolAnswer(content=OUT_OF_REACH, is_error=True)


def _gives_away(scene: Scene, block: Block) -> bool:
    """Whether words of the assistant's own are to be searched for: the shopper is told what was searched for."""
    given = block.input.items()
    texts = [text for name, text in given if isinstance(text, str) and name not in _FOR_STAFF]
    return any(find_own_words(text, said="", settings=scene.settings) for text in texts)


async def _change(scene: Scene, block: Block, *, deadline: Deadline) -> ToolAnswer:
    """A change that the shopper's words do not warrant is not made; one that failed half-way leaves nothing behind."""
    called = await list_called(scene, arguments=block.input)
    if objection := find_objection(scene, tool=block.name, arguments=block.input, called=called):
        log.warning("tool.unwarranted", tool=block.name)
        return refuse_call(
            scene, name=block.name, arguments=block.input, told=objection, outcome="unwarranted"
        )
    mark = scene.desk.trail.mark()
    answer = await _call(scene, block, deadline=deadline)
    if answer.content in (OUT_OF_REACH, BROKEN):
        trail = scene.desk.trail
        calls = [event for event in trail.events[len(mark.events) :] if isinstance(event, ToolCalled)]
        trail.return_to(mark)
        trail.record(*calls)
    elif lines := scene.desk.trail.state.cart.lines:
        # What the cart comes to is computed, and may be told.
        scene.voice.allow_sum(sum((line.unit_price.amount * line.quantity for line in lines), Decimal(0)))
    return answer
