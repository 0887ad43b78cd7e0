"""The slice of state that knows what the shop's systems said and what the shopper was told."""

from conversations.facts.canon import get_line, says_otherwise
from conversations.facts.likeness import is_like
from conversations.facts.slice import (
    FactEvent,
    Facts,
    apply_facts,
    cool_facts,
    date_facts,
    forget_told_stock,
    get_fact_key,
)

__all__ = [
    "FactEvent",
    "Facts",
    "apply_facts",
    "cool_facts",
    "date_facts",
    "forget_told_stock",
    "get_fact_key",
    "get_line",
    "is_like",
    "says_otherwise",
]
