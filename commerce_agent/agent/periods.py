"""Periods in the words of a policy: "60 days", "14 Tage"."""

import re

_UNITS = (
    r"(?:business |working )?(?:days?|weeks?|months?|years?|hours?)"
    r"|(?:Werk)?Tagen?|Tage|Wochen?|Monaten?|Monate|Jahren?|Jahre|Stunden?"
    r"|días?(?: hábiles)?|semanas?|mes(?:es)?|años?|horas?"
    r"|jours?(?: ouvrés)?|semaines?|mois|ans?|années?|heures?"
)
_PERIOD = re.compile(rf"\b\d+[- ](?:{_UNITS})\b", re.IGNORECASE)


def find_period_change(*, before: str, now: str) -> tuple[str, str] | None:
    """The one period by which two texts differ, then and now: "60 days", "40 days"."""
    then, since = _PERIOD.findall(before), _PERIOD.findall(now)
    if len(then) != 1 or len(since) != 1 or then == since:
        return None
    return then[0], since[0]
