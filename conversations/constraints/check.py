"""The check that no search forgets a term."""

from collections.abc import Collection

from conversations.constraints.slice import Ledger
from conversations.events.constraints import Constraint, ConstraintValue


class ConstraintError(Exception):
    """Something is wrong with how the shopper's terms were used."""


class ConstraintLeftOutError(ConstraintError):
    """A search did not apply a term that holds; apply every active one, or withdraw it first."""

    def __init__(self, *, left_out: tuple[Constraint, ...]) -> None:
        self.left_out = left_out
        names = ", ".join(f"{one.id} ({one.field} {one.op} {one.value})" for one in left_out)
        super().__init__(f"The search left out {names}; apply every active term, or withdraw it first.")


Applied = tuple[str, str, ConstraintValue]
"""Field, op and value of what a search says that it held its goods against."""


def require_all_applied(
    ledger: Ledger, *, applied: Collection[Applied], let_go: Collection[str] = ()
) -> None:
    """Raises ConstraintLeftOutError unless the search applied every active term but those let go, by their ids.

    `applied` is the search's own word, not the caller's. Terms about one item are no terms of a search. What holds
    for always is never let go.
    """
    left_out = tuple(
        one
        for one in ledger.active
        if one.scope != "item"
        and (one.scope == "always" or one.id not in let_go)
        and (one.field, one.op, one.value) not in applied
    )
    if left_out:
        raise ConstraintLeftOutError(left_out=left_out)
