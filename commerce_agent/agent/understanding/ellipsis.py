"""What is left out: "how about in double" asks of the one item in hand, or goes on with the search for several."""

import re

from commerce_agent.agent.understanding.moves import Move
from conversations.events.entities import Reference
from conversations.ids import EntityRef

_SEARCH = frozenset({"search"})
_MARKS = " ?!."
_WHICH = re.compile(r"\bwhich (?:ones?|of (?:them|those|these))\b(?! is (?:it|that)\b)", re.IGNORECASE)


def settle_ellipsis(
    said: str, moves: tuple[Move, ...], references: tuple[Reference, ...]
) -> tuple[tuple[Move, ...], tuple[Reference, ...]]:
    """Another version of one item is no search; of several in hand, what is said changes what is sought."""
    implied = len(references) == 1 and "implied" in references[0].rules
    # "Similar but longer" leaves out what it is similar to, and seeks others.
    implied = implied and references[0].text.strip(_MARKS) == said.strip(_MARKS)
    if not implied or {move.kind for move in moves} != _SEARCH:
        return moves, references
    return ((), references) if len(references[0].refs) == 1 else (moves, ())


def find_several(
    said: str, references: tuple[Reference, ...]
) -> tuple[tuple[EntityRef, ...], tuple[Reference, ...]]:
    """As in "back to the backpacks, which one was waterproof?": goods of which some are asked for, and what else is
    meant.
    """
    asked = _WHICH.search(said)
    whole = references[0] if len(references) == 1 and "all" in references[0].rules else None
    if asked is None or whole is None or said.find(whole.text) > asked.start():
        return (), references
    return whole.refs, ()
