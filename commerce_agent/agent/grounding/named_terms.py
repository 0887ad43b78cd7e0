"""Terms that a system answers under their names: `"window_days":90`, also those of the day of an order."""

import re
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from commerce_agent.agent.grounding.numbers import normalise

TERM_UNITS = {"hours": "hour", "days": "day", "weeks": "week", "months": "month", "years": "year"}
_TERM = re.compile(rf'[_"](?P<unit>{"|".join(TERM_UNITS)})"\s*:\s*(?P<n>\d+)')


@lru_cache(maxsize=1024)
def list_terms(text: str) -> tuple[tuple[Decimal, str], ...]:
    """The number and the unit of each."""
    return tuple((normalise(Decimal(each["n"])), TERM_UNITS[each["unit"]]) for each in _TERM.finditer(text))


def find_day(text: str) -> date | None:
    """The day that the text is, where it is nothing else."""
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        return None
