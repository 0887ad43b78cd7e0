"""What goods that are sought have to be like, said of "them" as if some were at hand."""

import re
from typing import Final

from commerce_agent.agent.understanding.english.fitting import CONDITION
from commerce_agent.agent.understanding.moves import Move
from commerce_agent.agent.understanding.own_items import PRONOUNS
from conversations.events.entities import Reference


def without_conditions(references: tuple[Reference, ...], *, said: str) -> tuple[Reference, ...]:
    """As in "24 is fine as long as they are water soluble": what goods are to be like, and nothing of those at hand."""
    met = CONDITION.search(said)
    return tuple(
        reference
        for reference in references
        if met is None or reference.text.lower() not in PRONOUNS or said.find(reference.text) < met.start()
    )


def without_purposes(
    references: tuple[Reference, ...], *, said: str, moves: tuple[Move, ...]
) -> tuple[Reference, ...]:
    """As in "add a tripod for the binoculars": what goods are for is not put in with them."""
    kinds = {move.kind for move in moves}
    if "add_to_cart" not in kinds or "swap" in kinds or len(references) < len(("one", "another")):
        return references
    small, kept = said.lower(), list[Reference]()
    for reference in references:
        at = small.find(reference.text.lower())
        before = [small.find(each.text.lower()) for each in references if each is not reference]
        is_for = _FOR.search(small[: max(at, 0)]) is not None
        if not (is_for and any(0 <= place < at for place in before)):
            kept.append(reference)
    return tuple(kept)


_FOR: Final = re.compile(r"\b(?:for|to go with|that goes with) (?:the |my |this |that |these |those )?$")
