"""What was observed, written into a script as expectations: from a run of it, or from a recorded conversation."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from commerce_agent.decoding import convert
from commerce_agent.scripted.expecting import write_expected
from commerce_agent.scripted.printing import to_json
from commerce_agent.scripted.running import Played
from commerce_agent.scripted.script import Step, load_document
from conversations.events import Recorded
from conversations.events.messages import TurnStarted
from conversations.state import ConversationState, apply

Plain = dict[str, Any]


def annotate(steps: list[Plain], given: Iterable[Plain | None], *, again: bool = False) -> list[Plain]:
    """The steps with what each gave as its `expect`; one that has some keeps it, unless `again`."""
    annotated: list[Plain] = []
    before: Plain | None = None
    for step, seen in zip(steps, given, strict=True):
        kept = (
            step if seen is None or ("expect" in step and not again) else _with_observed(step, seen, before)
        )
        annotated.append(kept)
        before = seen or before
    return annotated


def _with_observed(step: Plain, seen: Plain, before: Plain | None) -> Plain:
    written = write_expected(seen, before=before)
    # What the reply says is chosen by a person and stays.
    said = {name: value for name, value in step.get("expect", {}).items() if name.startswith("says")}
    expected = {**said, **written}
    plain = {name: value for name, value in step.items() if name != "expect"}
    return {**plain, "expect": expected} if expected else plain


def annotate_file(path: Path, given: Iterable[Plain], *, again: bool) -> None:
    """Writes what a run gave into the script."""
    script = convert(load_document(path.read_text(encoding="utf-8")), Plain)
    script["turns"] = annotate(script["turns"], given, again=again)
    path.write_text(dump(script), encoding="utf-8")


def dump(script: Plain) -> str:
    """The script as YAML, in the order in which it is read."""
    written: str = yaml.dump(script, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return written


class _Dumper(yaml.SafeDumper):
    """Short lists and tables on one line, as people write them."""


def _represent_list(dumper: yaml.SafeDumper, values: list[Any]) -> yaml.Node:
    plain = all(not isinstance(value, dict | list) for value in values)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", values, flow_style=plain)


def _represent_table(dumper: yaml.SafeDumper, values: Plain) -> yaml.Node:
    plain = all(not isinstance(value, dict | list) for value in values.values())
    flow = plain and len(values) > 0 and not {"say", "advance", "confirm", "decline"} & set(values)
    return dumper.represent_mapping("tag:yaml.org,2002:map", values, flow_style=flow)


_Dumper.add_representer(list, _represent_list)
_Dumper.add_representer(dict, _represent_table)


def observe_recorded(events: tuple[Recorded, ...], steps: list[Plain]) -> list[Plain | None]:
    """What the recorded turns gave, beside the steps that `list_steps` made of them; None where nothing was said, or
    a person answered.
    """
    turns, is_visited = iter(_list_turns(events)), False
    given: list[Plain | None] = []
    for step in steps:
        does = step.get("person", {}).get("does")
        is_visited = does == "joins" or (is_visited and does != "leaves")
        given.append(to_json(next(turns)) if "say" in step and not is_visited else None)
    return given


def _list_turns(events: tuple[Recorded, ...]) -> list[Played]:
    """Each turn once, from the state when it began to the state when it was over."""
    played: dict[int, Played] = {}
    state = ConversationState()
    for recorded in events:
        after = apply(state, recorded)
        number = recorded.turn
        if isinstance(recorded.event, TurnStarted) and recorded.event.turn not in played:
            number = recorded.event.turn
            played[number] = Played(
                number=len(played) + 1,
                step=Step(say=""),
                before=state,
                after=after,
                events=(),
                total_ms=0,
                state_ms=0,
                outage=False,
            )
        if number in played:
            before = played[number]
            played[number] = Played(
                number=before.number,
                step=before.step,
                before=before.before,
                after=after,
                events=(*before.events, recorded),
                total_ms=0,
                state_ms=0,
                outage=False,
            )
        state = after
    return list(played.values())
