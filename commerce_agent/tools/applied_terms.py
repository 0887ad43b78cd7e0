"""From the ledger's terms to the filters of a search."""

from catalog.products import Filter
from conversations.constraints import is_of_person, suits_unsaid
from conversations.events.constraints import Constraint


def list_filters(terms: tuple[Constraint, ...]) -> tuple[Filter, ...]:
    """One filter a term, in the ledger's order."""
    return tuple(
        Filter(
            field=term.field,
            op=term.op,
            value=term.value,
            standing=(term.scope == "always" or is_of_person(term))
            and term.field == "size"
            and term.op in ("=", "in"),
            unsaid=term.op == "in" and suits_unsaid(term.value),
        )
        for term in terms
    )
