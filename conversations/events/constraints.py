"""What the shopper asked for, as comparable terms, and how that changed."""

from typing import Literal

import msgspec

Op = Literal["<=", ">=", "=", "!=", "in", "not in"]
Scope = Literal["item", "search", "always"]
TermSource = Literal["shopper", "memory"]
"""Whose a term is: said in this conversation, or remembered of an earlier one. A policy or a promotion states no
term; what it says is a fact.
"""
ConstraintValue = str | float | tuple[str, ...]


def list_values(value: ConstraintValue) -> tuple[str, ...]:
    """Each value that a term names, as words; of most terms there is one."""
    return value if isinstance(value, tuple) else (str(value),)


class Constraint(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One term that every search applies while it is active."""

    id: str
    field: str
    """`price`, `category`, `brand`, `color`, `size`, `material`, `rating`, or an attribute's own name."""
    op: Op
    value: ConstraintValue
    """Money is a number in the shop's currency; a measure is a number in the attribute's base unit."""
    scope: Scope = "search"
    text: str = ""
    """The shopper's own words it was read from."""
    turn: int = 0
    source: TermSource = "shopper"


class ConstraintStated(msgspec.Struct, frozen=True, kw_only=True, tag="constraint.stated"):
    """The shopper stated a term; it holds until it is superseded or withdrawn."""

    constraint: Constraint


class ConstraintSuperseded(msgspec.Struct, frozen=True, kw_only=True, tag="constraint.superseded"):
    """A later term took the place of an earlier one."""

    id: str
    by: str


class ConstraintWithdrawn(msgspec.Struct, frozen=True, kw_only=True, tag="constraint.withdrawn"):
    """The term no longer holds, because the shopper dropped it or its search ended."""

    id: str
    reason: Literal["dropped", "topic_changed", "started_over"]
    text: str = ""
