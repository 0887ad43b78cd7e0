"""What one item is asked about by the name of a part of it: "how long does the battery last?"."""

import re

from commerce_agent.agent.understanding.english.choices import name_piece
from commerce_agent.agent.understanding.finding_moves import find_moves
from conversations.language import Vocabulary
from conversations.language.tokens import list_stems
from conversations.state import ConversationState

_THE_PART = re.compile(r"\bthe (?P<part>[a-z]+)(?P<behind>(?: [a-z]+)?)(?=\W|$)", re.IGNORECASE)
_QUESTION = re.compile(
    r"\W*(?:(?:and|so|ok(?:ay)?|but|well|hm+|then)\W+)*"
    r"(?:what|how|is|are|does|do|can|will|which|has|could|would)\b",
    re.IGNORECASE,
)
_OF_GOODS = frozenset({"price", "stock", "policy", "variants", "add_to_cart", "compare"})
"""Moves that are about goods, whatever else goods are told by."""


def name_parts(said: str, *, state: ConversationState, vocabulary: Vocabulary) -> str:
    """As in "how long does the battery last?" of the one item in hand, that tells its "battery life": its battery.

    A shop that has batteries too would else be asked for those.
    """
    focus = state.entities.focus
    said = name_piece(said, alone=len(focus) == 1)
    item = state.entities.find(focus[0]) if len(focus) == 1 and _QUESTION.match(said) else None
    if item is None or not (named := _THE_PART.search(said)):
        return said
    part, behind = set(list_stems(named["part"])), named["behind"].strip()
    kinds = {stem for kind in vocabulary.categories for stem in list_stems(kind.name)}
    own = set(list_stems(" ".join(item.attributes.get("category", ()))))
    told = [list_stems(name.replace("_", " ")) for name in item.attributes]
    parts = [stems for stems in told if set(stems[:1]) == part]
    other = set(list_stems(behind)) & (kinds - {stem for stems in parts for stem in stems})
    if not parts or other or not part <= kinds - own:
        return said
    if any(move.kind in _OF_GOODS for move in find_moves(said)):
        return said
    return f"{said[: named.start()]}its{said[named.start() + len('the') :]}"
