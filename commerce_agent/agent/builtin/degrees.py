"""Plain adjectives of a search: "a warm sleeping bag" asks for much of what the shop states in degrees."""

from collections.abc import Sequence

from conversations.language.standing_for import find_stated
from conversations.language.tongues import get_tongue


def find_degree(words: str, *, measures: Sequence[str]) -> tuple[str, bool] | None:
    """Answers the first of the goods' measures that the words ask much or little of, and whether it is little.

    `words`: what of the message no term has taken. None where the shop states nothing of the kind: there the word is
    looked for in what it says of its goods.
    """
    for word in words.split():
        asked = get_tongue("en").degrees.get(word.lower())
        stated = find_stated(asked[0], measures) if asked else None
        if asked and stated:
            return stated[0], (asked[1] == "low") != stated[1]
    return None


def leave_degrees_out(query: str, *, measures: Sequence[str]) -> str:
    """The query without the words that the order of the results stands for."""
    return " ".join(word for word in query.split() if not find_degree(word, measures=measures))
