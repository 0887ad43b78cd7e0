"""Attributes whose values reach from one number to another: "2-5" players, "54-58 cm", "8+", "up to 6"."""

import re
from collections.abc import Iterable
from functools import lru_cache

from conversations.constraints.measures import find_named_measure, list_attributes_of, list_kinds
from conversations.constraints.quantities import find_bound
from conversations.constraints.reading import Draft
from conversations.constraints.scan import Scan
from conversations.events.constraints import ConstraintValue, Op
from conversations.language.amounts import Amount, find_unit, to_base
from conversations.language.tongues import get_tongue
from conversations.language.vocabulary import Vocabulary

_NUMBER = r"(?<![\w.])(\d+(?:\.\d+)?)"
_UNIT = r"\s*([a-z\"°]{0,12})"
_BETWEEN = re.compile(rf"{_NUMBER}{_UNIT}\s*(?:-|–|—|to|bis|à|a)\s*(\d+(?:\.\d+)?){_UNIT}\.?$", re.IGNORECASE)
_FROM = re.compile(
    rf"(?:(?:from|min\.?|at least|ab)\s*{_NUMBER}{_UNIT}|{_NUMBER}{_UNIT}\s*(?:\+|and (?:up|more)|or more))$",
    re.IGNORECASE,
)
_UP_TO = re.compile(rf"(?:up to|max\.?|bis)\s*{_NUMBER}{_UNIT}$", re.IGNORECASE)
_EXACT = re.compile(rf"{_NUMBER}{_UNIT}$", re.IGNORECASE)
_ENDLESS = float("inf")
_AGE = frozenset({"age", "ages", "aged"})
"""Ages have words of their own (`ages.py`)."""

Span = tuple[float, float]


@lru_cache(maxsize=8192)
def find_span(value: str) -> tuple[Span, str] | None:
    """From where to where a value reaches, in the base unit of its dimension; None where it is no number."""
    text = value.strip()
    if between := _BETWEEN.match(text):
        unit = between[4] or between[2]
        return _in_base(float(between[1]), float(between[3]), unit)
    if least := _FROM.match(text):
        return _in_base(float(least[1] or least[3]), _ENDLESS, least[2] or least[4] or "")
    if most := _UP_TO.match(text):
        return _in_base(0.0, float(most[1]), most[2])
    if exact := _EXACT.match(text):
        return _in_base(float(exact[1]), float(exact[1]), exact[2])
    return None


def _in_base(low: float, high: float, unit: str) -> tuple[Span, str] | None:
    tongue = get_tongue()
    known = find_unit(unit, tongue) if unit else None
    if low > high:
        return None
    if known is None:
        return (low, high), ""
    ends = (to_base(low, unit=unit, tongue=tongue), to_base(high, unit=unit, tongue=tongue))
    return ends, known[0]


@lru_cache(maxsize=64)
def list_ranged(vocabulary: Vocabulary) -> dict[str, dict[str, tuple[Span, str]]]:
    """The attributes whose values reach from one number to another, with where each of their values does."""
    found: dict[str, dict[str, tuple[Span, str]]] = {}
    for field, values in vocabulary.attributes.items():
        spans = {value: span for value in values if (span := find_span(value))}
        reaching = sum(low < high for (low, high), _ in spans.values())
        aged = set(field.lower().replace("_", " ").split()) & _AGE
        if reaching and len(spans) == len(values) and not aged:
            found[field] = spans
    return found


def find_in_ranges(
    scan: Scan, fields: Iterable[str], asked: Span, *, first: int, after: int, dimension: str = ""
) -> Draft | None:
    """The term for those values of one of the fields within whose reach lies what is asked for."""
    ranged = list_ranged(scan.vocabulary)
    told = list_attributes_of(scan, list_kinds(scan))
    for field in fields:
        if field not in ranged or (told and field not in told):
            continue
        fitting = tuple(
            value
            for value, ((low, high), measured) in ranged[field].items()
            if low <= asked[1] and asked[0] <= high and measured in ("", dimension)
        )
        if fitting:
            value: ConstraintValue = fitting if len(fitting) > 1 else fitting[0]
            op: Op = "in" if len(fitting) > 1 else "="
            return Draft(field=field, op=op, value=value, first=first, after=after)
    return None


def read_ranges(scan: Scan) -> list[Draft]:
    """Answers the terms about attributes that reach from one number to another: "for a head of 56 cm"."""
    ranged = list_ranged(scan.vocabulary)
    drafts: list[Draft] = []
    for amount in scan.amounts:
        if amount.currency or amount.first in scan.pointed or amount.dimension == "rating":
            continue
        if sized := _find_in_sizes(scan, amount):
            drafts.append(sized)
            continue
        around = range(max(amount.first - 4, 0), min(amount.after + 3, len(scan.tokens)))
        named = find_named_measure(scan, around, names=ranged)
        told = [name for name in list_attributes_of(scan, list_kinds(scan)) if name in ranged]
        fields = [named] if named else told if amount.dimension else []
        draft = find_in_ranges(
            scan,
            fields,
            (amount.value, amount.value),
            first=amount.first,
            after=amount.after,
            dimension=amount.dimension or "",
        )
        if draft and (named or _is_only(scan, fields, amount.dimension or "")):
            drafts.append(draft)
    return drafts


def _find_in_sizes(scan: Scan, amount: Amount) -> Draft | None:
    """As in "my head is 57 cm", of helmets in "52-56 cm" and "56-60 cm": a length that no limit is set to."""
    if not amount.dimension or find_bound(scan, amount)[0]:
        return None
    fitting = [
        size
        for size, ((low, high), measured) in _list_reaching_sizes(scan.vocabulary).items()
        if measured == amount.dimension and low <= amount.value <= high
    ]
    if not fitting:
        return None
    value: ConstraintValue = tuple(fitting) if len(fitting) > 1 else fitting[0]
    op: Op = "in" if len(fitting) > 1 else "="
    return Draft(field="size", op=op, value=value, first=amount.first, after=amount.after)


@lru_cache(maxsize=64)
def _list_reaching_sizes(vocabulary: Vocabulary) -> dict[str, tuple[Span, str]]:
    spans = {size: span for size in vocabulary.sizes if (span := find_span(size))}
    return {size: span for size, span in spans.items() if span[0][0] < span[0][1] and span[1]}


def _is_only(scan: Scan, fields: list[str], dimension: str) -> bool:
    """Whether a number of the dimension can be about nothing else of these goods."""
    told = list_attributes_of(scan, list_kinds(scan))
    others = [
        name
        for name, unit in scan.vocabulary.measures.items()
        if name in told and name not in fields and (find_unit(unit, scan.tongue) or ("",))[0] == dimension
    ]
    measured = [
        field
        for field in fields
        if any(d == dimension for _, d in list_ranged(scan.vocabulary)[field].values())
    ]
    return len(measured) == 1 and not others
