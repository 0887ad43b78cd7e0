"""Bounds on what a shop tells as a size: "around 50 litres" of tanks whose sizes are "17 l", "54 l" and "240 l"."""

from conversations.constraints.measures import list_attributes_of, list_kinds
from conversations.constraints.reading import Draft
from conversations.constraints.scan import Scan
from conversations.language.amounts import find_unit, list_amounts
from conversations.language.tokens import list_tokens
from conversations.language.tongue import Tongue

_SLACK = 1e-9


def find_in_sizes(
    scan: Scan, dimension: str, *, low: float | None, high: float | None, first: int, after: int
) -> Draft | None:
    """The sizes between the ends, which are in the dimension's base unit; None where no size tells of it.

    An attribute of the goods that are sought goes first: whoever asks for a tent under 2 kg means its weight.
    """
    if _is_measured(scan, dimension):
        return None
    told = [
        (size, _find_amount(size, dimension=dimension, tongue=scan.tongue)) for size in scan.vocabulary.sizes
    ]
    fitting = tuple(
        size
        for size, value in told
        if value is not None
        and (low is None or value >= low - _SLACK)
        and (high is None or value <= high + _SLACK)
    )
    if not fitting:
        return None
    if len(fitting) == 1:
        return Draft(field="size", op="=", value=fitting[0], first=first, after=after)
    return Draft(field="size", op="in", value=fitting, first=first, after=after)


def _is_measured(scan: Scan, dimension: str) -> bool:
    """Whether the goods have an attribute for it; where no kind is known, whether any goods have."""
    stated = list_kinds(scan)
    names = list_attributes_of(scan, stated)
    known = bool(stated or scan.ledger.list_for("category"))
    return any(
        (find_unit(unit, scan.tongue) or ("",))[0] == dimension
        for name, unit in scan.vocabulary.measures.items()
        if name in names or not known
    )


def _find_amount(size: str, *, dimension: str, tongue: Tongue) -> float | None:
    amounts = list_amounts(list_tokens(size, language=tongue.stemmer), tongue)
    return amounts[0].value if len(amounts) == 1 and amounts[0].dimension == dimension else None
