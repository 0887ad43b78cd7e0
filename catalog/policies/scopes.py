"""`applies_to` as people write it: `store`, `{category: Footwear}` or `{sku: SKU-1}`."""

from collections.abc import Mapping

from catalog.errors import CatalogError

NARROWER = ("category", "sku")


class ScopeRefused(CatalogError):
    """What a policy applies to is the store, a category or a SKU; write it that way."""

    def __init__(self, *, written: object) -> None:
        super().__init__(
            f"A policy cannot apply to {written!r}. Write store, {{category: name}} or {{sku: number}}."
        )
        self.written = written


def read_scope(applies_to: str | Mapping[str, str] | None) -> tuple[str, str]:
    """Scope and its value; the whole store where nothing is said. Raises ScopeRefused."""
    if applies_to is None or applies_to == "store":
        return "store", ""
    if isinstance(applies_to, Mapping) and len(applies_to) == 1:
        (scope, value), *_ = applies_to.items()
        if scope in NARROWER and str(value).strip():
            return scope, str(value).strip()
    raise ScopeRefused(written=applies_to)
