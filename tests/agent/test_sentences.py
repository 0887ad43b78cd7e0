"""Text that arrives in pieces is cut into the same sentences, parted in the same way, wherever the pieces end."""

from itertools import combinations

import pytest

from commerce_agent.agent.claude.sentences import Sentences

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
