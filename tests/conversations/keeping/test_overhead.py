"""`evaluate overhead` reports what it says, of turns in their lengths and of many talks at once, beside the floor."""

import json
from threading import Barrier
from uuid import uuid4

import pytest
from django.core.management import call_command

from commerce_agent.management import overhead
from commerce_agent.management.overhead_load import TURNS, _load
from conversations.ids import MerchantId
from conversations.models import Conversation


@pytest.mark.timeout(120)
def test_the_report_has_every_length_the_floor_and_the_bytes_of_a_turn(
    database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The processes of the load are left out here: the test below does what one of them does."""
    asked: list[tuple[str, int]] = []

    def load(*, merchant: str, conversations: int, **_: object) -> tuple[float, tuple[float, ...]]:
        asked.append((merchant, conversations))
        return 400.04, (1.0, 2.0, 3.0)

    monkeypatch.setattr(overhead, "SAMPLES", 4)
    monkeypatch.setattr(overhead, "measure_load", load)

    call_command("evaluate", "overhead", "--turns", "10", "--concurrency", "3", "--json")

    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    ((merchant, at_once),) = asked
    assert at_once == 3
    assert told["concurrent"] == {"conversations": 3, "turns_per_s": 400.0, "p50": 2.0, "p99": 3.0}
    assert set(told["turns"]) == set(told["processor_ms"]) == {"1", "10"}
    measured = (told["floor_ms"], told["floor_at_once_ms"], *told["turns"].values(), told["accept_ms"])
    assert all(0 < each["p50"] <= each["p99"] for each in measured)
    assert set(told["bytes_per_turn"]) == {"10"}
    assert told["bytes_per_turn"]["10"] > 0
    # It leaves nothing behind.
    assert not Conversation.objects.filter(merchant_id=merchant).exists()


async def test_many_talk_at_once_and_each_turn_of_theirs_is_measured(database: str) -> None:
    costs = (
        await _load(
            merchant=MerchantId(str(uuid4())),
            prefix=f"load-{uuid4().hex}:",
            conversations=2,
            together=Barrier(1),
        )
    ).costs

    assert len(costs) == 2 * TURNS
    assert min(costs) > 0
