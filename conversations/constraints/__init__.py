"""The slice of state that holds the terms of the search, and the reader that finds them in a message."""

from conversations.constraints.check import ConstraintError, ConstraintLeftOutError, require_all_applied
from conversations.constraints.free_from import LEAST_CONTAINED
from conversations.constraints.people import suits_unsaid
from conversations.constraints.read import read_constraints
from conversations.constraints.reading import ConstraintReading, Superseding, Withdrawal
from conversations.constraints.returning import list_let_go_on_return, return_to_topic
from conversations.constraints.settle import is_relative, outlasts_topic
from conversations.constraints.slice import Ledger, Past, apply_constraints
from conversations.constraints.whose import is_of_person

__all__ = [
    "LEAST_CONTAINED",
    "ConstraintError",
    "ConstraintLeftOutError",
    "ConstraintReading",
    "Ledger",
    "Past",
    "Superseding",
    "Withdrawal",
    "apply_constraints",
    "is_of_person",
    "is_relative",
    "list_let_go_on_return",
    "outlasts_topic",
    "read_constraints",
    "require_all_applied",
    "return_to_topic",
    "suits_unsaid",
]
