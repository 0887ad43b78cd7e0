"""To what a policy or a promotion applies, and how long, as a script writes them."""

from collections.abc import Iterator

from catalog.models import Policy, Promotion


def tell_scope(scope: str, *, value: str) -> str | dict[str, str]:
    """`store`, or what it is alone for: `{category: Lamps}`."""
    return {scope: value} if value else scope


def tell_validity(row: Policy | Promotion) -> dict[str, str]:
    """From when and until when, where it says so."""
    return dict(_list_validity(row))


def _list_validity(row: Policy | Promotion) -> Iterator[tuple[str, str]]:
    if row.valid_from is not None:
        yield "valid_from", row.valid_from.isoformat()
    if row.valid_until is not None:
        yield "valid_until", row.valid_until.isoformat()
