"""Text that arrives in pieces is cut into the same sentences, parted in the same way, wherever the pieces end."""

from itertools import combinations

import pytest

from commerce_agent.agent.claude.sentences import MOST_WAITING, Sentences
from commerce_agent.agent.grounding import Grounds, check_sentence
from commerce_agent.agent.grounding.claims import list_claims

TEXTS = {
    "Two fit. The first costs least.\n\nShall I add it?": [
        (" ", "Two fit."),
        (" ", "The first costs least."),
        ("\n\n", "Shall I add it?"),
    ],
    "Both are 4.5 stars:\n- Fern\n- Ash\n\nWhich one?": [
        (" ", "Both are 4.5 stars:"),
        ("\n\n", "- Fern"),
        ("\n", "- Ash"),
        ("\n\n", "Which one?"),
    ],
    "It is in stock.\n \nNo rush.\nReally.": [
        (" ", "It is in stock."),
        ("\n\n", "No rush."),
        (" ", "Really."),
    ],
    "Bis 21. November. Gut.": [(" ", "Bis 21. November."), (" ", "Gut.")],
    "Es sind 12. Eine? Ab 3. und 4. Mai.": [
        (" ", "Es sind 12."),
        (" ", "Eine?"),
        (" ", "Ab 3. und 4. Mai."),
    ],
    "Ca. 20 Euro, z. B. 19. Gut": [(" ", "Ca. 20 Euro, z. B. 19."), (" ", "Gut")],
    "1. Fern. Warm.\n2. Ash.": [("\n\n", "1. Fern."), (" ", "Warm."), ("\n", "2. Ash.")],
}


@pytest.mark.parametrize(("text", "parts"), TEXTS.items())
def test_sentences_are_the_same_wherever_a_stream_is_cut(text: str, parts: list[tuple[str, str]]) -> None:
    for cuts in ((), *combinations(range(1, len(text)), 1), *combinations(range(1, len(text)), 2)):
        collected, begins = Sentences(), (0, *cuts)
        pieces = [text[begin:end] for begin, end in zip(begins, (*cuts, len(text)), strict=True)]

        found = [sentence for piece in pieces for sentence in collected.add(piece)] + collected.end()

        assert [(sentence.lead, sentence.text) for sentence in found] == parts, pieces


@pytest.mark.parametrize("text", ["€5 " * 2000, "x" * 6000, "word, " * 300 + "end. Next."])
def test_no_sentence_is_longer_than_what_is_checked_at_once(text: str) -> None:
    collected = Sentences()

    found = [*collected.add(text), *collected.end()]

    assert max(len(each.text) for each in found) <= MOST_WAITING
    assert "".join(each.text for each in found).replace(" ", "") == text.replace(" ", "")
    assert all(each.text.split()[-1] in text.split() for each in found if " " in text)


def test_a_sentence_of_many_sums_is_read_once_and_not_once_a_sum() -> None:
    list_claims.cache_clear()

    checked = check_sentence("€5 " * 400, grounds=Grounds())

    assert len(checked.verdicts) == 400
    assert list_claims.cache_info().misses == 1
