"""Turns that are stopped, overtaken by messages, or left by a process that died."""

import asyncio
import threading
from contextlib import suppress
from typing import Any
from uuid import uuid4

import pytest

from commerce_agent import ending
from commerce_agent.agent import turns
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.closing import Used
from commerce_agent.agent.speaking import Attempt
from commerce_agent.agent.spending.model_door import ModelDoor
from commerce_agent.composition import Platform, open_platform
from commerce_agent.models import ModelSpend
from commerce_agent.tools.shop import Shop
from conversations.events.decisions import Decision, DecisionMade, ToolCalled
from conversations.events.messages import ReplyGiven
from conversations.ids import ClientMessageId, ConversationId
from tests.agent.conftest import NOW
from tests.agent.messages_api import MessagesApi, Reply
from tests.agent.shop_settings import choose
from tests.agent.talking import open_talk
from tests.waiting import wait_until_async


async def speak(platform: Platform, conversation: ConversationId, text: str) -> None:
    """Makes a message durable."""
    await platform.conversations.record_message(
        conversation=conversation, cid=ClientMessageId(uuid4().hex), text=text, at=NOW
    )


async def list_replies(platform: Platform, conversation: ConversationId) -> list[ReplyGiven]:
    """Every reply so far."""
    events = await platform.conversations.list_events(conversation=conversation)
    return [each.event for each in events if isinstance(each.event, ReplyGiven)]


async def list_decisions(platform: Platform, conversation: ConversationId) -> list[Decision]:
    """Every decision so far."""
    events = await platform.conversations.list_events(conversation=conversation)
    return [each.event.decision for each in events if isinstance(each.event, DecisionMade)]


async def test_a_stopped_turn_is_closed_and_keeps_nothing(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    held = threading.Event()
    messages_api.replies = [Reply(text="Too late.", held=held)]
    conversation = await open_talk(claude, merchant=lamp_shop)
    await speak(claude, conversation, "a green lamp under 100")
    claude.turns.kick(conversation)

    async def asked() -> bool:
        return bool(messages_api.requests)

    await wait_until_async(asked)
    claude.turns.stop(conversation)

    async def replied() -> list[ReplyGiven]:
        return await list_replies(claude, conversation)

    (reply,) = await wait_until_async(replied)
    held.set()
    assert (reply.status, reply.text) == ("stopped", "")
    (made,) = await list_decisions(claude, conversation)
    assert (made.id, made.planner, made.planner_reason) == (reply.decision, "none", "it was stopped")
    state = await claude.conversations.load(conversation=conversation)
    assert state.constraints.active == ()
    assert state.transcript.waiting == ()


async def test_messages_that_arrive_meanwhile_are_answered_together_by_the_next_turn(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    held = threading.Event()
    messages_api.replies = [Reply(text="Here you are.", held=held), Reply(text="And here.")]
    conversation = await open_talk(claude, merchant=lamp_shop)
    await speak(claude, conversation, "hello")
    claude.turns.kick(conversation)

    async def asked() -> bool:
        return bool(messages_api.requests)

    await wait_until_async(asked)
    for text in ("I need a lamp", "a green one"):
        await speak(claude, conversation, text)
        claude.turns.kick(conversation)
    held.set()

    async def both() -> bool:
        return len(await list_replies(claude, conversation)) == 2

    await wait_until_async(both)
    assert [reply.turn for reply in await list_replies(claude, conversation)] == [1, 2]
    said = messages_api.requests[1]["body"]["messages"][-1]["content"][0]["text"]
    assert said == "I need a lamp\na green one"


async def test_a_turn_left_by_one_process_is_finished_by_another(
    platform: Platform, claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    messages_api.replies = [Reply(text="Never heard.", held=threading.Event())]
    conversation = await open_talk(claude, merchant=lamp_shop)
    await speak(claude, conversation, "a green lamp")
    dying = asyncio.create_task(claude.turns.run(conversation))

    async def asked() -> bool:
        return bool(messages_api.requests)

    await wait_until_async(asked)
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    assert await list_replies(claude, conversation) == []

    assert await platform.turns.run(conversation) is not None

    (reply,) = await list_replies(platform, conversation)
    assert (reply.turn, reply.status) == (1, "ok")
    assert "Meadow lamp" in reply.text


async def test_a_stop_in_the_middle_keeps_what_was_heard_and_undoes_what_was_done(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = threading.Event()
    whole = "It is in your cart. Shall I also look for a stool that goes with it?"
    messages_api.replies = [
        Reply(tool="change_cart", arguments={"sku": "MEADOW-G", "quantity": 1}),
        Reply(text=whole, held=held, pause_after=30),
    ]
    heard: list[str] = []

    async def publish(conversation: ConversationId, frame: dict[str, object]) -> None:
        if frame["t"] == "delta":
            heard.append(str(frame["text"]))

    monkeypatch.setattr(claude.turns, "_publish", publish)
    conversation = await open_talk(claude, merchant=lamp_shop)
    await speak(claude, conversation, "put the green Meadow lamp in my cart")
    claude.turns.kick(conversation)

    async def begun() -> bool:
        return bool(heard)

    await wait_until_async(begun)
    claude.turns.stop(conversation)

    async def replied() -> list[ReplyGiven]:
        return await list_replies(claude, conversation)

    (reply,) = await wait_until_async(replied)
    held.set()
    assert set(heard) == {"It is in your cart."}
    assert (reply.status, reply.text) == (
        "stopped",
        "It is in your cart. I stopped there, and changed nothing after all.",
    )
    (made,) = await list_decisions(claude, conversation)
    assert [(used.tool, used.outcome, used.dropped) for used in made.tools] == [("change_cart", "ok", True)]
    state = await claude.conversations.load(conversation=conversation)
    assert state.cart.lines == ()
    assert await claude.redis.hget(f"{claude.prefix}c:every-shop:breaker:claude", "state") in (
        None,
        b"closed",
    )
    # The answer that was cut off is paid for, and the room that was held for it is given back.
    account = await ModelSpend.objects.aget(merchant_id=lamp_shop, payer="")
    assert (account.calls, account.reserved) == (2, 0)
    assert account.micros > 0


async def test_a_turn_that_takes_too_long_says_what_it_was_at(
    platform: Platform, lamp_shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(*args: object, **named: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(turns, "TURN_SECONDS", 0.3)
    monkeypatch.setattr(Shop, "search", hang)
    conversation = await open_talk(platform, merchant=lamp_shop)
    await speak(platform, conversation, "a green lamp under 100")

    await platform.turns.run(conversation)

    (reply,) = await list_replies(platform, conversation)
    (made,) = await list_decisions(platform, conversation)
    assert (reply.status, reply.decision) == ("failed", made.id)
    assert (made.planner, made.planner_reason) == ("none", "it took too long")
    assert [(used.tool, used.outcome, used.dropped) for used in made.tools] == [
        ("search_products", "stopped", True)
    ]
    assert (await platform.conversations.load(conversation=conversation)).constraints.active == ()


async def test_a_turn_ends_though_what_keeps_its_lease_did_not_hear_that_it_is_over(
    platform: Platform, lamp_shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    renewing = asyncio.Event()

    async def renew(**_: object) -> bool:
        # As a client of Redis does with `asyncio.wait_for` of Python 3.11, where it is cancelled as it has sent.
        with suppress(asyncio.CancelledError):
            renewing.set()
            await asyncio.Event().wait()
        return True

    monkeypatch.setattr(turns, "RENEW_SECONDS", 0.01)
    monkeypatch.setattr(platform.conversations, "renew", renew)
    conversation = await open_talk(platform, merchant=lamp_shop)
    await speak(platform, conversation, "a green lamp under 100")
    original = platform.conversations.commit_turn

    async def commit(**named: Any) -> Any:
        await renewing.wait()
        return await original(**named)

    monkeypatch.setattr(platform.conversations, "commit_turn", commit)

    async with asyncio.timeout(30):
        assert await platform.turns.run_all(conversation) == 1

    (reply,) = await list_replies(platform, conversation)
    assert reply.status == "ok"


class DeafPlanner:
    """Does not hear the first cancellation, as `asyncio.wait_for` of Python 3.11 may not, and goes on."""

    name = "deaf"

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.ended = False

    async def answer(self, scene: Scene, *, door: ModelDoor, attempt: Attempt) -> None:
        """Waits, for ever if it can."""
        with suppress(asyncio.CancelledError):
            self.begun.set()
            await asyncio.Event().wait()
        try:
            await asyncio.Event().wait()
        finally:
            self.ended = True


@pytest.mark.parametrize("way", ["stopped", "failed", "dropped"])
async def test_an_answer_that_did_not_hear_that_it_is_over_hears_it_again(
    database: str, lamp_shop: str, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ending, "AGAIN_SECONDS", 0.05)
    monkeypatch.setattr(turns, "TURN_SECONDS", 0.3 if way == "failed" else 30.0)
    planner = DeafPlanner()
    async with open_platform(
        clock=lambda: NOW, claude=planner, quiet=True, prefix=f"test-{uuid4().hex}:"
    ) as platform:
        conversation = await open_talk(platform, merchant=lamp_shop)
        await speak(platform, conversation, "a green lamp under 100")
        running = asyncio.create_task(platform.turns.run(conversation))
        async with asyncio.timeout(30):
            await planner.begun.wait()
            if way == "stopped":
                platform.turns.stop(conversation)
            elif way == "dropped":
                running.cancel()
            await asyncio.wait((running,))

        assert planner.ended
        assert [reply.status for reply in await list_replies(platform, conversation)] == (
            [] if way == "dropped" else [way]
        )
        if way == "dropped":
            # Nothing holds the turn: the next one takes it.
            assert await platform.conversations.take_turn(conversation=conversation, at=NOW) is not None
        await platform.forget_keys()


class BrokenPlanner:
    """Puts on record what the journal does not take, or has a name that the database does not."""

    def __init__(self, *, name: str, milliseconds: float) -> None:
        self.name = name
        self._milliseconds = milliseconds

    async def answer(self, scene: Scene, *, door: ModelDoor, attempt: Attempt) -> None:
        """Says something, after a call that took so long."""
        attempt.used = Used(
            model="m" * 300, input_tokens=7, output_tokens=5, prompt="p" * 300, micros=11, heard=b"h"
        )
        called = ToolCalled(tool="search", arguments="{}", outcome="ok", milliseconds=self._milliseconds)
        scene.desk.trail.record(called)
        await scene.say("greet")


@pytest.mark.parametrize(
    ("name", "milliseconds", "fault"),
    [("broken", float("nan"), "UnreadableEvent"), ("b" * 300, 1.0, "StringDataRightTruncation")],
)
async def test_a_turn_whose_events_cannot_be_stored_is_closed_and_not_tried_for_ever(
    database: str, lamp_shop: str, name: str, milliseconds: float, fault: str
) -> None:
    await choose(lamp_shop, version=4)
    broken = BrokenPlanner(name=name, milliseconds=milliseconds)
    async with open_platform(
        clock=lambda: NOW, claude=broken, quiet=True, prefix=f"test-{uuid4().hex}:"
    ) as opened:
        conversation = await open_talk(opened, merchant=lamp_shop)
        await speak(opened, conversation, "a green lamp under 100")

        assert await opened.turns.run_all(conversation) == 1

        (reply,) = await list_replies(opened, conversation)
        (made,) = await list_decisions(opened, conversation)
        state = await opened.conversations.load(conversation=conversation)
        await opened.forget_keys()
    assert (reply.turn, reply.status, reply.decision) == (1, "failed", made.id)
    assert (made.planner, made.planner_reason) == ("none", f"it could not be kept: {fault}")
    spent = (made.input_tokens, made.output_tokens, made.cost_micros, made.model, made.prompt)
    assert (made.settings_version, spent) == (4, (7, 5, 11, "", ""))
    assert (state.transcript.waiting, state.constraints.active) == ((), ())
