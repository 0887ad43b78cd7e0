"""Which question tells items apart best."""

from collections import Counter
from collections.abc import Sequence

from conversations.references.features import Features

_PREFERRED = ("color", "category", "brand", "size", "material")


def get_question(candidates: Sequence[Features]) -> str:
    """Answers the attribute whose answer leaves the fewest candidates; `name` where their attributes are all
    equal.
    """
    fields = dict.fromkeys(field for one in candidates for field in one.shown)
    fields.update(dict.fromkeys(measure for one in candidates for measure in one.measures))
    best, least = "name", float(len(candidates))
    for field in sorted(fields, key=_rank):
        left = _expect_left(candidates, field)
        if left < least:
            best, least = field, left
    return best


def _rank(field: str) -> int:
    return _PREFERRED.index(field) if field in _PREFERRED else len(_PREFERRED)


def _expect_left(candidates: Sequence[Features], field: str) -> float:
    """How many candidates an answer leaves on average."""
    counts = Counter(one.shown.get(field) or str(one.measures.get(field, "")) for one in candidates)
    return sum(count * count for count in counts.values()) / len(candidates)
