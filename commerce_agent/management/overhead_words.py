"""The report of `evaluate overhead` for people: what is in each figure, and how it stands to the floor."""

from typing import Any

WHAT = """\
Milliseconds of a turn's state work, without model and merchant; p50.
turn: load, resolve, assemble, commit. Its load is one round trip to Redis, which tells of the message and gives lease
  and state; its commit is one durable commit, and one round trip to Redis, which keeps the state and gives the lease
  back. Beside the bare floor: two round trips to Redis and one durable commit.
with message: the same and, before it, the message's own durable commit, which begins the turn. Beside the floor plus
  one more durable commit.
times: how many times the floor. In brackets: the floor whose commits are one prepared statement each, as a turn's is,
  and not begin, statement and commit."""


def describe_overhead(report: dict[str, Any]) -> str:
    """What the JSON below it says, in words and in a table."""
    times = report["times_the_floor"]
    lines = [WHAT, _name_floor(report), "length    turn  times           with message  times"]
    for length, turn in report["turns"].items():
        whole = report["with_message_ms"][length]["p50"]
        lines.append(
            f"{length:>6} {turn['p50']:7.2f}  {times['turns'][length]:4.2f} ({times['turns_at_once'][length]:4.2f})"
            f"     {whole:12.2f}  {times['with_message'][length]:4.2f} ({times['with_message_at_once'][length]:4.2f})"
        )
    return "\n".join((*lines, _name_load(report["concurrent"])))


def _name_floor(report: dict[str, Any]) -> str:
    return (
        f"floor {report['floor_ms']['p50']:.2f} ({report['floor_at_once_ms']['p50']:.2f}),"
        f" plus one commit {report['floor_with_message_ms']['p50']:.2f}"
        f" ({report['floor_with_message_at_once_ms']['p50']:.2f}); of a turn its load {report['load_ms']['p50']:.2f};"
        f" a message's commit {report['message_ms']['p50']:.2f}"
    )


def _name_load(load: dict[str, Any]) -> str:
    times = load["times_the_floor"]
    return (
        f"{load['conversations']} at once: {load['turns_per_s']} turns a second with their messages, the floor plus one"
        f" commit {load['floor_with_message_per_s']} a second; each waits for the others: turn {load['p50']:.1f}"
        f" ({times['turns']:.2f} times as many floors at once), with message {load['with_message_ms']['p50']:.1f}"
        f" ({times['with_message']:.2f} times)"
    )
