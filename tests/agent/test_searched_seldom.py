"""What is looked for before a long pattern is searched for never hides what the pattern would find."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from commerce_agent.agent.understanding.english import negated
from commerce_agent.agent.understanding.english.cues import STATES_BUDGET
from commerce_agent.agent.understanding.english.negated import blank_undone
from commerce_agent.agent.understanding.settling import states_budget

SCRIPTS = Path(__file__).parent.parent / "conversations" / "scripts"


def _list_steps(path: Path) -> list[dict[str, Any]]:
    read = yaml.safe_load(path.read_text(encoding="utf-8"))
    return read["turns"] if isinstance(read, dict) else []


SAID = sorted(
    {str(step["say"]) for path in SCRIPTS.glob("*.yaml") for step in _list_steps(path) if "say" in step}
)
WORDS = (
    "do not|Don't|dont|don’t|never|NEVER|no need to|there's no need to|not going to|not to|without|avoid|stop|please"
    "|shouldn't|should not|i won't|i would not|I wouldn't|we could not|didn't say to|did not mean to|don't want to"
    "|would not like you to|add|put|take|remove|buy|cancel|order|checking out|adding|it|them|the lamp|out|back|yet"
    "|still not|not|in the cart|but|instead|why|or|if|i want to|my budget|the limit|max|is|of|for the chair|around|200"
    "|7|can spend|willing to spend|i'll go up to|the most i|?|.|,|nothing|note|knot"
)
SENTENCES = st.lists(st.sampled_from(WORDS.split("|")), min_size=1, max_size=9).map(" ".join)


@settings(max_examples=400, deadline=None)
@given(SENTENCES)
def test_a_made_sentence_is_read_as_by_the_patterns_alone(said: str) -> None:
    assert blank_undone(said) == negated._UNDONE.sub(negated._blank, said)
    assert states_budget(said, ()) == ("?" not in said and STATES_BUDGET.search(said) is not None)


def test_what_is_said_in_the_scripts_is_read_as_by_the_patterns_alone() -> None:
    assert SAID
    assert [said for said in SAID if blank_undone(said) != negated._UNDONE.sub(negated._blank, said)] == []
    assert [
        said
        for said in SAID
        if states_budget(said, ()) != ("?" not in said and STATES_BUDGET.search(said) is not None)
    ] == []


@pytest.mark.parametrize(
    "said",
    [
        "Don’t take it out",
        "dont buy it",
        "no need to check out yet",
        "NEVER order it",
        "take it not",
        "not take it out",
        "please stop adding them",
        "avoid putting it in",
        "without removing the lamp",
        "i shouldn't order it",
        "i won't buy them",
    ],
)
def test_what_is_not_to_be_done_is_still_found(said: str) -> None:
    assert negated._UNDONE.search(said)
    assert blank_undone(said) != said
