"""A move's wordings are found where one pattern of them all finds them, and with the same number in it."""

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import DataObject, data, from_regex, sampled_from

from commerce_agent.agent.understanding.english.moves import MOVES
from commerce_agent.agent.understanding.english.policies import POLICIES
from commerce_agent.agent.understanding.move_wording import Wording
from commerce_agent.agent.understanding.wording_index import WordingIndex, list_grams, list_pieces
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
    """By its own wording, and by the index of all, which asks few of them."""
    said = [(each, list_grams(each)) for each in _list_said()]
    found = tried = 0
    for patterns in (MOVES, POLICIES):
        index = WordingIndex(patterns)
        wholes = {name: re.compile(wording.pattern) for name, wording in patterns.items()}
        for each, grams in said:
            expected = [
                (name, match.span(), _list_groups(match))
                for name, whole in wholes.items()
                if (match := whole.search(each))
            ]
            for matches in (
                {name: wording.search(each) for name, wording in patterns.items()},
                index.find_all(each, grams),
            ):
                assert expected == [
                    (name, match.span(), _list_groups(match)) for name, match in matches.items() if match
                ]
            found += len(expected)
            tried += len(index.list_possible(grams))

    assert found > MANY
    assert tried < len(said) * len(MOVES) / 2


def _list_groups(match: re.Match[str]) -> dict[str, str]:
    return {name: text for name, text in match.groupdict().items() if text is not None}


ALTERNATIVES = [
    alternative
    for wording in (*MOVES.values(), *POLICIES.values())
    if isinstance(wording, Wording)
    for alternative in wording.alternatives
    if len(alternative) <= LONGEST
]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data())
def test_what_a_pattern_finds_has_one_of_its_pieces(drawn: DataObject) -> None:
    pattern = re.compile(drawn.draw(sampled_from(ALTERNATIVES)))
    pieces = list_pieces(pattern)
    text = drawn.draw(from_regex(pattern))

    assert not pieces or pattern.search(text) is None or any(piece in text for piece in pieces)


@pytest.mark.parametrize(
    ("pattern", "pieces"),
    [
        (r"\bthanks?\b|\bcheers", {"thank", "cheers"}),
        (r"(?:please )?add (?:one|two)\W*$", {"add one", "add two"}),
        (r"\b(?P<how>how) \w+ (?:is|are)\b", {"how "}),
        (r"colou?r", {"color", "colour"}),
        (r"(?:really )+why(?= not)", {"really "}),
        (r"\w+", set()),
        (r"a|\d", set()),
        (r"(?i:why)", set()),
    ],
)
def test_pieces_are_what_every_text_of_a_pattern_has_one_of(pattern: str, pieces: set[str]) -> None:
    assert list_pieces(re.compile(pattern)) == pieces


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
