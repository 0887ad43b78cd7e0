"""The report of `evaluate overhead` for people: what is in each figure, and how it stands to the floor."""

import msgspec

from commerce_agent.decoding import convert

WHAT = """\
Milliseconds of a turn's state work, without model and merchant; p50.
turn: load, resolve, assemble, commit. Its load is one round trip to Redis, which tells of the message and gives lease
  and state; its commit is one durable commit, and one round trip to Redis, which keeps the state and gives the lease
  back. Beside the bare floor: two round trips to Redis and one durable commit.
with message: the same and, before it, the message's own durable commit, which begins the turn. Beside the floor plus
  one more durable commit.
times: how many times the floor. In brackets: the floor whose commits are one prepared statement each, as a turn's is,
  and not begin, statement and commit."""


class _Milliseconds(msgspec.Struct, frozen=True):
    p50: float


class _Times(msgspec.Struct, frozen=True):
    turns: dict[str, float]
    turns_at_once: dict[str, float]
    with_message: dict[str, float]
    with_message_at_once: dict[str, float]


class _TimesAtOnce(msgspec.Struct, frozen=True):
    turns: float
    with_message: float


class _Loads(msgspec.Struct, frozen=True):
    before: tuple[float, float, float]
    after: tuple[float, float, float]


class _Concurrent(msgspec.Struct, frozen=True):
    conversations: int
    turns_per_s: float
    p50: float
    with_message_ms: _Milliseconds
    floor_with_message_per_s: float
    times_the_floor: _TimesAtOnce


class _Report(msgspec.Struct, frozen=True):
    floor_ms: _Milliseconds
    floor_at_once_ms: _Milliseconds
    floor_with_message_ms: _Milliseconds
    floor_with_message_at_once_ms: _Milliseconds
    turns: dict[str, _Milliseconds]
    with_message_ms: dict[str, _Milliseconds]
    times_the_floor: _Times
    message_ms: _Milliseconds
    load_ms: _Milliseconds
    machine_load: _Loads
    concurrent: _Concurrent


def describe_overhead(report: dict[str, object]) -> str:
    """What the JSON below it says, in words and in a table."""
    told = convert(report, _Report)
    times = told.times_the_floor
    lines = [WHAT, _name_floor(told), "length    turn  times           with message  times"]
    for length, turn in told.turns.items():
        whole = told.with_message_ms[length].p50
        lines.append(
            f"{length:>6} {turn.p50:7.2f}  {times.turns[length]:4.2f} ({times.turns_at_once[length]:4.2f})"
            f"     {whole:12.2f}  {times.with_message[length]:4.2f} ({times.with_message_at_once[length]:4.2f})"
        )
    return "\n".join((*lines, _name_load(told.concurrent), _name_machine(told.machine_load)))


def _name_machine(loads: _Loads) -> str:
    before, after = (
        ", ".join(f"{average:.2f}" for average in averages) for averages in (loads.before, loads.after)
    )
    return (
        f"load average of the machine over 1, 5 and 15 minutes: {before} before, {after} after; where others work on"
        " it the floor waits for them as a turn does, and the ratios of two runs cannot be compared"
    )


def _name_floor(told: _Report) -> str:
    return (
        f"floor {told.floor_ms.p50:.2f} ({told.floor_at_once_ms.p50:.2f}),"
        f" plus one commit {told.floor_with_message_ms.p50:.2f} ({told.floor_with_message_at_once_ms.p50:.2f});"
        f" of a turn its load {told.load_ms.p50:.2f}; a message's commit {told.message_ms.p50:.2f}"
    )


def _name_load(load: _Concurrent) -> str:
    times = load.times_the_floor
    return (
        f"{load.conversations} at once: {load.turns_per_s} turns a second with their messages, the floor plus one"
        f" commit {load.floor_with_message_per_s} a second; each waits for the others: turn {load.p50:.1f}"
        f" ({times.turns:.2f} times the floor at once), with message {load.with_message_ms.p50:.1f}"
        f" ({times.with_message:.2f} times)"
    )
