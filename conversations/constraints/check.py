"""The check that no search forgets a term."""

from collections.abc import Iterable

from conversations.constraints.slice import Ledger
from conversations.events.constraints import Constraint


class ConstraintError(Exception):
    """Something is wrong with how the shopper's terms were used."""


class ConstraintLeftOutError(ConstraintError):
    """A search did not apply a term that holds; apply every active one, or withdraw it first."""

    def __init__(self, *, left_out: tuple[Constraint, ...]) -> None:
        self.left_out = left_out
        names = ", ".join(f"{one.id} ({one.field} {one.op} {one.value})" for one in left_out)
        super().__init__(f"The search left out {names}; apply every active term, or withdraw it first.")


def require_all_applied(ledger: Ledger, *, applied: Iterable[str]) -> None:
    """Raises ConstraintLeftOutError unless the ids hold every active term that searches have to apply.

    Terms about one item are no terms of a search.
    """
    ids = set(applied)
    left_out = tuple(one for one in ledger.active if one.scope != "item" and one.id not in ids)
    if left_out:
        raise ConstraintLeftOutError(left_out=left_out)
