"""A shopper whose turn is held in the middle: the model was asked and has not answered."""

import asyncio
import json
import threading
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from conversations.state import ConversationState
from tests.agent.messages_api import MessagesApi, Reply
from tests.chat.shopper import Frame, Gate, Shopper
from tests.faults.witness import Witness
from tests.waiting import wait_until_async

FIRST = "I need a lamp under 80 euros"


SAID = (FIRST, "a green one", "or a white one")
"""What is said in these talks, in this order."""


@contextmanager
def holding(api: MessagesApi, *texts: str, lost: str = "") -> Iterator[threading.Event]:
    """The model's answers wait for the event; each message has its own, however often a busy process asks for it.

    `lost` is the answer to whoever asks before the event is set: a process or a commit that is to fail.
    """
    let_go = threading.Event()

    def answer(body: dict[str, Any]) -> Reply:
        told = json.dumps(body["messages"])
        text = next(text for said, text in reversed([*zip(SAID, texts, strict=False)]) if said in told)
        return Reply(text=lost if lost and not let_go.is_set() else text, held=let_go)

    api.answer = answer
    try:
        yield let_go
    finally:
        let_go.set()
        api.answer = None


async def wait_until_asked(api: MessagesApi, *, times: int = 1, seconds: float = 90) -> None:
    """Until a turn is in the middle: its model was asked so many times in all."""

    async def is_asked() -> bool:
        return len(api.requests) >= times

    await wait_until_async(is_asked, seconds=seconds, what=f"request {times} to the model")


@asynccontextmanager
async def speaking(gate: Gate) -> AsyncIterator[tuple[Shopper, str]]:
    """A new conversation in which the first message was acknowledged, and the handle that leads back to it."""
    async with gate.open() as shopper:
        await shopper.hello()
        resume = str((await shopper.say(FIRST, cid=str(uuid.uuid4())))["resume"])
        yield shopper, resume


async def insist(shopper: Shopper, text: str, *, cid: str) -> Frame:
    """Sends a message as the widget does: again whenever it is told that it could not be taken."""
    async with asyncio.timeout(20):
        while True:
            await shopper.send(t="msg", cid=cid, text=text)
            answer: Frame = {}
            while answer.get("cid") != cid or answer["t"] not in ("ack", "error"):
                answer = json.loads(await shopper.socket.recv())
                shopper.frames.append(answer)
            if answer["t"] == "ack":
                return answer


async def require_all_frames(shopper: Shopper, witness: Witness, *, after: int = 0) -> None:
    """The socket was sent every frame after one, each once, in order, and nothing else."""
    told = [json.dumps(frame, sort_keys=True) for frame in shopper.durable]
    expected = [
        json.dumps(json.loads(frame), sort_keys=True) for frame in await witness.list_wire(after=after)
    ]
    assert told == expected


def has_limit(state: ConversationState) -> bool:
    """Whether the first message's limit still holds."""
    return ("price", "<=", 80.0) in [(held.field, held.op, held.value) for held in state.constraints.active]
