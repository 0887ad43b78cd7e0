"""The prompt beside the whole history: over a long talk it stays short, and nothing that holds is missing from it."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from commerce_agent.management.prompt_growth import measure_prompts


@pytest.mark.usefixtures("database")
def test_it_stays_short_while_the_history_grows_and_loses_nothing() -> None:
    written = measure_prompts(turns=24)

    assert [each.turn for each in written] == list(range(1, 25))
    assert [name for each in written for name in each.missing] == []
    assert written[-1].checked > written[0].checked
    assert written[23].prompt <= 1.5 * written[14].prompt
    assert written[23].history > written[23].prompt
    assert written[23].history - written[14].history > 3 * (written[23].prompt - written[14].prompt)


def test_the_command_refuses_a_talk_of_no_turns() -> None:
    with pytest.raises(CommandError, match="1 or more"):
        call_command("evaluate", "prompt", "--turns", "0", stdout=StringIO())
