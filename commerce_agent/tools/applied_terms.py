"""From the ledger's terms to the filters of a search: all of them, or the search does not happen."""

from catalog.products import Filter
from conversations.constraints import Ledger
from conversations.events.constraints import Constraint


class TermLeftOut(Exception):
    """A search was about to run without a term that holds. A programming mistake; nothing was searched."""

    def __init__(self, *, ids: tuple[str, ...]) -> None:
        super().__init__(f"The search leaves out the active terms {', '.join(ids)}.")
        self.ids = ids


def list_filters(terms: tuple[Constraint, ...]) -> tuple[Filter, ...]:
    """One filter a term, in the ledger's order."""
    return tuple(Filter(field=term.field, op=term.op, value=term.value) for term in terms)


def require_all_applied(*, ledger: Ledger, filters: tuple[Filter, ...]) -> None:
    """Raises `TermLeftOut` unless every term that holds is among the filters."""
    applied = {(kept.field, kept.op, kept.value) for kept in filters}
    missing = tuple(
        term.id
        for term in ledger.active
        if term.scope != "item" and (term.field, term.op, term.value) not in applied
    )
    if missing:
        raise TermLeftOut(ids=missing)
