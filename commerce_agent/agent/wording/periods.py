"""Periods in the words of a policy: "60 days", "14 Tage"."""

import re

from commerce_agent.agent.phrases import PhraseBook

_PLAIN = {
    "hour": r"hours?|Stunden?|horas?|heures?",
    "day": r"days?|Tagen?|Tage|días?|jours?",
    "week": r"weeks?|Wochen?|semanas?|semaines?",
    "month": r"months?|Monaten?|Monate|mes(?:es)?|mois",
    "year": r"years?|Jahren?|Jahre|años?|ans?|années?",
}
_UNITS = "|".join(
    (
        r"(?:business |working )(?:days?|weeks?)|(?:Werk)Tagen?|(?:Werk)Tage|días hábiles|jours ouvrés",
        *_PLAIN.values(),
    )
)
_PERIOD = re.compile(rf"\b\d+[- ](?:{_UNITS})\b", re.IGNORECASE)
_READ = {unit: re.compile(rf"(\d+)[- ](?:{words})", re.IGNORECASE) for unit, words in _PLAIN.items()}


def find_period_change(*, before: str, now: str, book: PhraseBook) -> tuple[str, str] | None:
    """The one period by which two texts differ, then and now, as the language says it: "60 days", "40 days"."""
    then, since = _PERIOD.findall(before), _PERIOD.findall(now)
    if len(then) != 1 or len(since) != 1 or then == since:
        return None
    return _say(then[0], book=book), _say(since[0], book=book)


def _say(period: str, *, book: PhraseBook) -> str:
    for unit, pattern in _READ.items():
        if read := pattern.fullmatch(period):
            return book.put(f"period.{unit}", count=int(read.group(1)))
    return period
