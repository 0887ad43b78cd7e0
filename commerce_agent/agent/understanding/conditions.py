"""What goods that are sought have to be like, said of "them" as if some were at hand."""

from commerce_agent.agent.understanding.english.fitting import CONDITION
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
