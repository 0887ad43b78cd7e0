"""Claude brings no answer through no fault of the service's: its breaker, which all shops share, counts nothing."""

import threading

import pytest

from commerce_agent import composition
from commerce_agent.agent.claude import planner, saying
from commerce_agent.composition import Platform
from tests.agent.claude.test_faults import count_failures, expect_the_built_in_planner
from tests.agent.messages_api import MessagesApi, Reply


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What was said when the way to the shopper broke, which it does once."""
    texts: list[object] = []

    async def refuse(*told: object) -> None:
        said = [each["text"] for each in told if isinstance(each, dict) and each.get("t") == "delta"]
        if said and not texts:
            texts.extend(said)
            raise TimeoutError("the way to the shopper")

    monkeypatch.setattr(composition, "_hush", refuse)
    return texts


async def test_a_turn_that_is_out_of_time_says_nothing_of_the_service(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planner, "DEADLINE_SECONDS", 0.2)
    held = threading.Event()
    messages_api.replies = [Reply(text="Too late.", held=held)]

    try:
        await expect_the_built_in_planner(claude, merchant=lamp_shop, reason="TimeoutError")
    finally:
        held.set()
    monkeypatch.setattr(planner, "DEADLINE_SECONDS", 0.0)
    await expect_the_built_in_planner(claude, merchant=lamp_shop, reason="no time is left to ask in")

    assert len(messages_api.requests) == 1
    assert await count_failures(claude) == 0


async def test_a_check_of_ours_that_breaks_is_no_failure_of_the_service(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_: object, **__: object) -> None:
        raise ValueError("not the service's")

    monkeypatch.setattr(saying, "find_leak", break_down)
    for text in ("It folds away. Do you like it?", "It folds away"):
        messages_api.replies = [Reply(text=text)]
        await expect_the_built_in_planner(claude, merchant=lamp_shop, reason="the check broke: ValueError")

    assert await count_failures(claude) == 0


async def test_a_sentence_that_cannot_be_sent_on_is_called_so(
    refused: list[object], claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    messages_api.replies = [Reply(text="It folds away. Do you like it?")]

    await expect_the_built_in_planner(
        claude, merchant=lamp_shop, reason="a sentence could not be sent on: TimeoutError"
    )

    assert refused == ["It folds away."]
    assert await count_failures(claude) == 0
