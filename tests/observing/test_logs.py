"""The log of production: JSON, with the ids that join its lines to a turn, and with nobody's words."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from django.conf import settings

from commerce_agent.composition import Platform
from commerce_agent.logs import configure_logs
from commerce_agent.tools import search_products
from conversations.ids import ClientMessageId, ConversationId
from tests.agent.conftest import NOW
from tests.agent.messages_api import MessagesApi, Reply
from tests.agent.talking import open_talk, say

CANARY = "Ada-Lovelace-12-St-James"


class Log:
    """What was logged since."""

    def __init__(self, stream: io.StringIO) -> None:
        self._stream = stream

    @property
    def text(self) -> str:
        return self._stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]

    def get(self, event: str) -> dict[str, Any]:
        (line,) = (line for line in self.lines if line["event"] == event)
        return line


@pytest.fixture
def log() -> Iterator[Log]:
    """The log as production writes it."""
    root = logging.getLogger()
    before = root.handlers[:]
    configure_logs({"format": "json", "level": "INFO"})
    stream = io.StringIO()
    (handler,) = root.handlers
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(stream)
    yield Log(stream)
    configure_logs(settings.LOGGING)
    root.handlers[:] = before


async def speak(platform: Platform, conversation: ConversationId, text: str) -> None:
    await platform.conversations.record_message(
        conversation=conversation, cid=ClientMessageId("c-1"), text=text, at=NOW
    )
    await platform.turns.run(conversation)


async def test_a_turn_that_breaks_is_logged_without_a_word_of_it(
    log: Log, platform: Platform, lamp_shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def break_down(*_: object, **__: object) -> None:
        raise LookupError(f"nothing for {CANARY}") from ValueError(f"cannot read {CANARY}")

    monkeypatch.setattr(search_products, "_search", break_down)
    conversation = await open_talk(platform, merchant=lamp_shop)

    await speak(platform, conversation, f"a lamp for {CANARY}")

    failed = log.get("turn.failed")
    assert (failed["conversation"], failed["turn"], failed["level"]) == (conversation, 1, "error")
    assert [each["type"] for each in failed["exception"]] == ["builtins.LookupError", "builtins.ValueError"]
    assert failed["exception"][0]["places"][-1].endswith("in break_down")
    for secret in (CANARY, "Lovelace", "nothing for", "cannot read", "a lamp"):
        assert secret not in log.text


async def test_a_sentence_that_is_held_back_is_logged_by_the_kinds_of_its_claims(
    log: Log, claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    messages_api.replies = [Reply(text=f"{CANARY} pays only €49.99.")] * 2
    conversation = await open_talk(claude, merchant=lamp_shop)

    await say(claude, conversation, f"a lamp for {CANARY}")

    held = [line for line in log.lines if line["event"] == "sentence.held_back"]
    assert {tuple(line["kinds"]) for line in held} == {("money",)}
    assert {(line["conversation"], line["turn"]) for line in held} == {(conversation, 1)}
    assert log.get("planner.failed")["conversation"] == conversation
    for secret in (CANARY, "49.99", "a lamp"):
        assert secret not in log.text


def test_a_librarys_line_with_an_error_leaves_its_values_out(log: Log) -> None:
    broken = ExceptionGroup("all of it", [RuntimeError(f"broken by {CANARY}")])
    logging.getLogger("celery.app.trace").error(
        "Task %(name)s raised unexpected: %(exc)s",
        {"name": "commerce_agent.finish_turns", "exc": repr(broken)},
        exc_info=broken,
    )

    (line,) = log.lines
    assert line["event"] == "Task %(name)s raised unexpected: %(exc)s"
    assert line["exception"][0]["parts"][0][0]["type"] == "builtins.RuntimeError"
    assert CANARY not in log.text


def test_a_line_outside_of_a_turn_names_none(log: Log) -> None:
    structlog.get_logger("test").info("journal.partitions", made=["2026-12"])

    (line,) = log.lines
    assert (line["event"], line["made"], line["logger"]) == ("journal.partitions", ["2026-12"], "test")
    assert not {"conversation", "turn"} & set(line)


def test_of_what_stands_beside_a_librarys_line_only_what_is_ours_is_kept(log: Log) -> None:
    logging.getLogger("catalog").warning(
        "breaker of %s is now %s",
        "inventory",
        "open",
        extra={"action": "breaker.open", "calls": 3, "data": {"args": CANARY}},
    )

    (line,) = log.lines
    assert (line["event"], line["action"], line["calls"]) == (
        "breaker of inventory is now open",
        "breaker.open",
        3,
    )
    assert "data" not in line
