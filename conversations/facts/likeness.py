"""Whether two answers to one question can be held against each other.

A price with a code and one without it differ, and nothing has changed: the code was entered, taken out, or spent with
an order. Where the code still stands and the price no longer rests on it, something has.
"""

from conversations.events.facts import Fact, Reckoned

_PLAIN = Reckoned()


def is_like(fact: Fact, *, before: Fact) -> bool:
    """Whether each rests on nothing that was not given with the other's question."""
    now, then = _get_reckoned(fact), _get_reckoned(before)
    return set(now.used) <= set(then.given) and set(then.used) <= set(now.given)


def _get_reckoned(fact: Fact) -> Reckoned:
    return fact.reckoned if isinstance(fact.reckoned, Reckoned) else _PLAIN
