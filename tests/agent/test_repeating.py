"""While a turn runs, all that it has said is sent once more: who came in the middle of it has the whole."""

import threading
from typing import Any

import pytest
from structlog.testing import capture_logs

from commerce_agent.agent import voice
from commerce_agent.composition import Platform
from conversations.ids import ConversationId
from tests.agent.messages_api import MessagesApi, Reply
from tests.agent.talking import open_talk
from tests.agent.test_turns import list_replies, speak
from tests.waiting import wait_until_async

WHOLE = "Let me see. Let me think. Which of our lamps do you like best, and for which room?"
SO_FAR = {"t": "delta", "turn": 1, "part": "text", "off": 0, "text": "Let me see. Let me think."}


async def test_what_was_said_so_far_is_said_again_from_the_start_until_the_turn_is_over(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(voice, "REPEAT_SECONDS", 0.05)
    held = threading.Event()
    messages_api.replies = [Reply(text=WHOLE, held=held, pause_after=40)]
    frames: list[dict[str, Any]] = []

    async def publish(conversation: ConversationId, frame: dict[str, object]) -> None:
        frames.append(frame)

    async def is_repeated() -> bool:
        return frames.count(SO_FAR) > 1

    async def replied() -> bool:
        return bool(await list_replies(claude, conversation))

    monkeypatch.setattr(claude.turns, "_publish", publish)
    conversation = await open_talk(claude, merchant=lamp_shop)
    await speak(claude, conversation, "a lamp")
    claude.turns.kick(conversation)
    try:
        await wait_until_async(is_repeated)
    finally:
        held.set()
    await wait_until_async(replied)

    (reply,) = await list_replies(claude, conversation)
    deltas = [frame for frame in frames if frame["t"] == "delta"]
    assert reply.text == WHOLE
    assert [(frame["off"], frame["text"]) for frame in deltas[:2]] == [
        (0, "Let me see."),
        (11, " Let me think."),
    ]
    # Put together as a page puts them together, they are the whole, whatever came between.
    text = ""
    for frame in deltas:
        text = text[: frame["off"]] + frame["text"]
    assert text == WHOLE


async def test_what_cannot_be_repeated_is_logged_once_and_the_turn_goes_on(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(voice, "REPEAT_SECONDS", 0.05)
    held = threading.Event()
    messages_api.replies = [Reply(text=WHOLE, held=held, pause_after=40)]
    refused = 0

    async def publish(conversation: ConversationId, frame: dict[str, object]) -> None:
        nonlocal refused
        if frame == SO_FAR:
            refused += 1
            raise RuntimeError("nobody foresaw this")

    async def is_tried_again() -> bool:
        return refused > 2

    async def replied() -> bool:
        return bool(await list_replies(claude, conversation))

    monkeypatch.setattr(claude.turns, "_publish", publish)
    conversation = await open_talk(claude, merchant=lamp_shop)
    await speak(claude, conversation, "a lamp")
    with capture_logs() as told:
        claude.turns.kick(conversation)
        try:
            await wait_until_async(is_tried_again)
        finally:
            held.set()
        await wait_until_async(replied)

    (reply,) = await list_replies(claude, conversation)
    assert (reply.status, reply.text) == ("ok", WHOLE)
    noted = [line for line in told if line["event"] == "voice.not_repeated"]
    assert [(line["turn"], line["log_level"]) for line in noted] == [(1, "error")]
