"""`evaluate overhead` reports what it says, of turns in their lengths and of many talks at once, beside the floor."""

import json
from threading import Barrier
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command

from commerce_agent.composition import open_platform
from commerce_agent.management.commands.evaluate import Command
from commerce_agent.management.costs.overhead import beside_floor
from commerce_agent.management.costs.overhead import talk as measured_talk
from commerce_agent.management.costs.overhead.floor import open_floor
from commerce_agent.management.costs.overhead.load import ROUNDS, TURNS, AtOnce, Kind, Stretch, _load, add_up
from conversations.ids import MerchantId
from conversations.models import Conversation
from conversations.store import taking
from tests.conversations.keeping.test_cost import SHORT_WAY, asked

__all__ = ["asked"]


AT_ONCE = AtOnce(
    turns=Kind(per_s=400.04, costs=((1.0, 2.0), (2.0, 6.0), (3.0, 9.0))),
    floor=Kind(per_s=1500.0, costs=((0.5,), (0.8,), (0.9,))),
    floor_with_message=Kind(per_s=1000.0, costs=((1.0,), (2.0,), (3.0,))),
)


@pytest.mark.timeout(120)
def test_the_report_has_every_length_the_floor_and_the_bytes_of_a_turn(
    database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The processes of the load are left out here: the test below does what one of them does."""
    asked: list[tuple[str, int]] = []

    def load(*, merchant: str, conversations: int, **_: object) -> AtOnce:
        asked.append((merchant, conversations))
        return AT_ONCE

    monkeypatch.setattr(beside_floor, "SAMPLES", 4)
    monkeypatch.setattr(beside_floor, "measure_load", load)

    call_command("evaluate", "overhead", "--turns", "10", "--concurrency", "3")

    said, written = capsys.readouterr().out.rstrip().rsplit("\n", 1)
    told = json.loads(written)
    ((merchant, at_once),) = asked
    assert at_once == 3
    assert told["concurrent"] == {
        "conversations": 3,
        "turns_per_s": 400.0,
        "p50": 2.0,
        "p99": 3.0,
        "with_message_ms": {"p50": 6.0, "p99": 9.0},
        "floor_per_s": 1500.0,
        "floor_ms": {"p50": 0.8, "p99": 0.9},
        "floor_with_message_per_s": 1000.0,
        "floor_with_message_ms": {"p50": 2.0, "p99": 3.0},
        "times_the_floor": {"turns": 2.5, "with_message": 3.0},
    }
    assert set(told["turns"]) == set(told["with_message_ms"]) == set(told["processor_ms"]) == {"1", "10"}
    floors = [told[f"floor_{name}ms"] for name in ("", "at_once_", "with_message_", "with_message_at_once_")]
    measured = (*floors, *told["turns"].values(), told["message_ms"], told["load_ms"])
    assert all(0 < each["p50"] <= each["p99"] for each in measured)
    assert set(told["bytes_per_turn"]) == {"10"}
    assert told["bytes_per_turn"]["10"] > 0
    require_ratios(told)
    loads = told["machine_load"]
    assert [len(loads[when]) for when in ("before", "after")] == [3, 3]
    before, after = (", ".join(f"{each:.2f}" for each in loads[when]) for when in ("before", "after"))
    assert f"over 1, 5 and 15 minutes: {before} before, {after} after" in said
    assert "400.0 turns a second with their messages, the floor plus one commit 1000.0 a second" in said
    # It leaves nothing behind.
    assert not Conversation.objects.filter(merchant_id=merchant).exists()


def require_ratios(told: dict[str, Any]) -> None:
    """Each measure beside its own floor, none beside a floor that does more than it."""
    for measure, taken, floor in (
        ("turns", "turns", "floor_ms"),
        ("turns_at_once", "turns", "floor_at_once_ms"),
        ("with_message", "with_message_ms", "floor_with_message_ms"),
        ("with_message_at_once", "with_message_ms", "floor_with_message_at_once_ms"),
    ):
        ratios = {length: round(each["p50"] / told[floor]["p50"], 2) for length, each in told[taken].items()}
        assert told["times_the_floor"][measure] == ratios


def test_the_lengths_and_the_conversations_at_once_are_the_ones_that_were_promised() -> None:
    asked = Command().create_parser("manage.py", "evaluate").parse_args(["overhead"])

    assert beside_floor.LENGTHS == (1, 10, 30, 100, 300)
    assert (asked.turns, asked.concurrency) == (300, 64)


async def test_a_turn_has_the_round_trips_and_commits_of_its_floor(
    database: str, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is measured of a turn, and the floor beside it, ask the stores for the same."""
    # A busy machine may take its time between a message and its turn.
    monkeypatch.setattr(taking, "FRESH_SECONDS", 60.0)
    times: list[int] = []
    looked_at = SimpleNamespace(
        perf_counter=lambda: times.append(len(asked)) or 0.0, process_time=lambda: 0.0
    )
    monkeypatch.setattr(measured_talk, "time", looked_at)
    async with open_platform(quiet=True, prefix=f"overhead-{uuid4().hex}:") as platform:
        talk = await measured_talk.open_talk(platform, merchant=MerchantId(str(uuid4())))
        await talk.speak()
        async with open_floor(platform, talk=talk) as floor:
            asked.clear()
            times.clear()
            await talk.speak()
            began, committed, loaded, thought, done = times
            turn = asked[committed:done]
            assert asked[began:committed] == ["postgresql"]
            assert asked[committed:loaded] == [SHORT_WAY]
            assert asked[loaded:thought] == []
            assert asked[thought:done] == ["postgresql", SHORT_WAY]

            for measure in (floor.measure, floor.measure_at_once):
                asked.clear()
                await measure(with_message=False)
                trips = [each.partition(",")[0] for each in turn]
                assert asked == trips == ["redis", "postgresql", "redis"]
                asked.clear()
                await measure(with_message=True)
                assert asked == ["postgresql", *trips]


async def test_many_talk_at_once_and_each_turn_of_theirs_is_measured_and_floors_beside_them(
    database: str,
) -> None:
    load = await _load(
        merchant=MerchantId(str(uuid4())),
        prefix=f"load-{uuid4().hex}:",
        conversations=2,
        together=Barrier(1),
    )

    together = add_up([load, load])
    for kind in (together.turns, together.floor, together.floor_with_message):
        assert len(kind.costs) == 2 * 2 * TURNS * ROUNDS
        assert kind.per_s > 0
        assert min(min(cost) for cost in kind.costs) > 0
    assert all(total < with_message for total, with_message in together.turns.costs)


def test_a_load_takes_in_each_round_from_the_first_beginning_to_the_last_end() -> None:
    def stretch(began: float, ended: float) -> Stretch:
        return Stretch(began=began, ended=ended, costs=((1.0,), (2.0,)))

    one, other = (stretch(0.0, 1.0), stretch(10.0, 12.0)), (stretch(0.5, 2.0), stretch(9.0, 11.0))
    loads = [dict.fromkeys(("turns", "floor", "floor_with_message"), each) for each in (one, other)]

    # Two seconds in the first round, three in the second.
    assert add_up(loads).floor == Kind(per_s=8 / 5, costs=((1.0,), (2.0,)) * 4)
