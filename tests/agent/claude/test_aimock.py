"""The faults of test_faults against a server that others wrote: @copilotkit/aimock, where Node has it.

`AIMOCK_HOME` names the folder that `npm ci` filled from `aimock/package.json`, which pins it; `.ci/run` does so. What
that server cannot do (an error in the middle of a stream, a refusal, a pause) the tests' own server does.
"""

import json
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.request import urlopen
from uuid import uuid4

import pytest

from commerce_agent.agent.claude import calling
from commerce_agent.agent.claude.planner import build_planner
from commerce_agent.composition import Platform, open_platform
from tests.agent.claude.test_faults import expect_the_built_in_planner, is_open
from tests.agent.conftest import NOW
from tests.agent.shop_settings import choose
from tests.agent.talking import find_decision, find_reply, list_cards, open_talk, say
from tests.waiting import wait_until

FOLDER = Path(__file__).parent / "aimock"
FAILS_THE_SERVICE = [
    ("overloaded", "OverloadedError", 2),
    ("broken", "InternalServerError", 2),
    ("rate-limited", "RateLimitError", 2),
    ("unpaid", "PaymentRequiredError", 1),
    ("cut", "APIConnectionError", 2),
    ("cut-in-a-tool-call", "APIConnectionError", 2),
    ("torn", "APIConnectionError", 2),
    ("dropped", "InternalServerError", 2),
    ("garbled", "AssertionError", 1),
]
SAYS_NOTHING_OF_THE_SERVICE = [
    ("refused", "BadRequestError"),
    ("too-long", "stop reason max_tokens"),
    ("cut-tool-call", "stop reason max_tokens"),
]


def find_command() -> list[str]:
    """How the server is started; skips where it is not there."""
    home, node = os.environ.get("AIMOCK_HOME", ""), shutil.which("node")
    script = Path(home) / "node_modules" / "@copilotkit" / "aimock" / "dist" / "cli.js"
    if not home or node is None or not script.exists():
        pytest.skip(
            "aimock is not installed: run npm ci in a copy of tests/agent/claude/aimock and set AIMOCK_HOME"
        )
    return [node, str(script), "--port", "0", "--strict", "--fixtures", str(FOLDER / "fixtures.json")]


@pytest.fixture(scope="module")
def aimock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the running server."""
    log = tmp_path_factory.mktemp("aimock") / "log"
    with log.open("w") as file, subprocess.Popen(find_command(), stdout=file, stderr=file) as server:
        try:
            yield wait_until(lambda: _find_address(log), what="aimock listens")
        finally:
            server.terminate()


def _find_address(log: Path) -> str:
    return log.read_text().partition("listening on ")[2].partition("\n")[0].strip()


def count_asked(aimock: str, model: str) -> int:
    """How often the model was asked, by the server's own journal."""
    with urlopen(f"{aimock}/__aimock/journal") as answer:
        return sum(entry.get("body", {}).get("model") == model for entry in json.load(answer))


@pytest.fixture
async def mocked(database: str, aimock: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Platform]:
    """A platform whose Claude is aimock."""
    monkeypatch.setattr(calling, "FIRST_WAIT", 0.01)
    planner = build_planner(api_key="key-of-the-tests", model="works", base_url=aimock)
    async with open_platform(
        clock=lambda: NOW, claude=planner, quiet=True, prefix=f"test-{uuid4().hex}:"
    ) as opened:
        yield opened
        await opened.forget_keys()
    await planner.close()


async def test_it_speaks_our_version_of_the_api(mocked: Platform, lamp_shop: str) -> None:
    conversation = await open_talk(mocked, merchant=lamp_shop)

    events = await say(mocked, conversation, "a dimmable lamp under 100 euros")

    assert find_reply(events).text == "Let me look. The Meadow lamp is €80.00 and folds away."
    assert find_decision(events).planner == "claude"
    assert sorted(list_cards(events)) == ["MEADOW-G", "MEADOW-W"]


async def test_a_call_that_failed_is_tried_once_more(mocked: Platform, lamp_shop: str) -> None:
    await choose(lamp_shop, model="recovers")

    events = await say(mocked, await open_talk(mocked, merchant=lamp_shop), "a lamp")

    assert find_reply(events).text == "Which kind of lamp do you like?"
    assert find_decision(events).planner == "claude"
    assert not await is_open(mocked)


@pytest.mark.parametrize(("fault", "reason", "calls"), FAILS_THE_SERVICE)
async def test_a_service_that_fails_is_stood_in_for_and_then_left_alone(
    mocked: Platform, aimock: str, lamp_shop: str, fault: str, reason: str, calls: int
) -> None:
    await choose(lamp_shop, model=fault)

    await expect_the_built_in_planner(mocked, merchant=lamp_shop, reason=reason)
    assert count_asked(aimock, fault) == calls
    for _ in range(3):
        if await is_open(mocked):
            break
        await expect_the_built_in_planner(mocked, merchant=lamp_shop, reason=reason)
    asked = count_asked(aimock, fault)

    assert await is_open(mocked)
    await expect_the_built_in_planner(
        mocked, merchant=lamp_shop, reason="Claude fails at the moment and is left alone"
    )
    assert count_asked(aimock, fault) == asked


@pytest.mark.parametrize(("fault", "reason"), SAYS_NOTHING_OF_THE_SERVICE)
async def test_what_says_nothing_of_the_service_does_not_open_the_breaker(
    mocked: Platform, aimock: str, lamp_shop: str, fault: str, reason: str
) -> None:
    await choose(lamp_shop, model=fault)

    for _ in range(4):
        await expect_the_built_in_planner(mocked, merchant=lamp_shop, reason=reason)

    assert not await is_open(mocked)
    assert count_asked(aimock, fault) == 4
