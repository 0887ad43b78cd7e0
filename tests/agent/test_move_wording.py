"""A move's wordings are found where one pattern of them all finds them, and with the same number in it."""

import re
from pathlib import Path

import pytest
import yaml

from commerce_agent.agent.english_moves import MOVES
from commerce_agent.agent.english_policies import POLICIES
from commerce_agent.agent.move_wording import Wording
from tests.agent.hostile import list_messages

SCRIPTS = Path(__file__).parent.parent / "conversations" / "scripts"
TYPED = 1000
MANY = 900
LONGEST = 200
"""A long message takes the one pattern long, and shows nothing that shorter ones do not."""


def _list_said() -> list[str]:
    """What the scripts say, what nobody would, and counts in every place that a move may have one."""
    scripts = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(SCRIPTS.glob("*.yaml"))]
    turns = [turn for script in scripts if isinstance(script, dict) for turn in script.get("turns", ())]
    said = [turn["say"] for turn in turns if isinstance(turn, dict) and "say" in turn]
    counted = (
        "add two",
        "ok, three packs please",
        "take one out",
        "make it 4",
        "i'll take 2",
        "three of those",
    )
    hostile = [message for message in list_messages(seed=1, count=TYPED) if len(message) <= LONGEST]
    return [each.lower() for each in (*said, *counted, *hostile)]


def test_a_move_is_found_as_by_one_pattern_of_all_its_wordings() -> None:
    said = _list_said()
    found = 0
    for wording in (*MOVES.values(), *POLICIES.values()):
        whole = re.compile(wording.pattern)
        for each in said:
            one, other = wording.search(each), whole.search(each)
            assert (one and (one.span(), one.groupdict())) == (other and (other.span(), other.groupdict()))
            found += one is not None

    assert found > MANY


@pytest.mark.parametrize(
    ("said", "span"),
    [
        ("and a lamp", None),
        ("lamp", (0, 4)),
        ("and red lamps", (4, 7)),
        ("unlamp", None),
        ("no, infrared", None),
        ("so blue or red", (3, 7)),
    ],
)
def test_what_begins_a_text_is_found_there_alone_and_a_word_in_front_of_it(
    said: str, span: tuple[int, int] | None
) -> None:
    found = Wording(r"^lamp", r"\bred", r"^x|blue").search(said)

    assert (found.span() if found else None) == span
