"""The slice of state that holds the terms of the search, and the reader that finds them in a message."""

from conversations.constraints.read import read_constraints
from conversations.constraints.reading import ConstraintReading, Superseding, Withdrawal
from conversations.constraints.slice import Ledger, Past, apply_constraints

__all__ = [
    "ConstraintReading",
    "Ledger",
    "Past",
    "Superseding",
    "Withdrawal",
    "apply_constraints",
    "read_constraints",
]
