"""A policy's terms as people write them: a name and a plain value on each line."""

import math

import yaml

from catalog.errors import CatalogError
from catalog.policies.records import TermValue

_WRITTEN = (str, int, float, bool)
"""What a value may be; a name with nothing behind it says nothing."""


class TermsUnreadable(CatalogError):
    """Terms are a name, a colon and one plain value on each line."""

    def __init__(self) -> None:
        super().__init__("Each line is a name, a colon and one plain value: window_days: 60.")


def read_terms(text: str) -> dict[str, TermValue]:
    """The terms by name; none where nothing is written. Raises `TermsUnreadable`."""
    try:
        terms = yaml.safe_load(text)
    # A date that no calendar has, and brackets without end.
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise TermsUnreadable from error
    if terms is None:
        return {}
    if not isinstance(terms, dict) or not all(isinstance(value, _WRITTEN) for value in terms.values()):
        raise TermsUnreadable
    named = {str(name): value for name, value in terms.items()}
    if not all(_is_storable(each) for pair in named.items() for each in pair):
        raise TermsUnreadable
    return named


def _is_storable(value: TermValue) -> bool:
    """Whether JSON in PostgreSQL holds it: no number without end, no NUL, no half of a sign."""
    if isinstance(value, float):
        return math.isfinite(value)
    return not isinstance(value, str) or not any(
        sign == "\0" or "\ud800" <= sign <= "\udfff" for sign in value
    )


def write_terms(terms: dict[str, TermValue]) -> str:
    """The terms, one a line."""
    return yaml.safe_dump(terms, sort_keys=False, allow_unicode=True).strip() if terms else ""
