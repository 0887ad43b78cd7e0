"""A policy as it stands, and why it was chosen."""

from datetime import datetime

import msgspec

TermValue = str | int | float | bool | None


class PolicyRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a policy for a scope."""

    name: str
    title: str
    text: str
    terms: dict[str, TermValue | list[TermValue]]
    scope: str
    """`store`, `category` or `sku`."""
    scope_value: str
    version: int
    valid_from: datetime | None
    valid_until: datetime | None
    observed_at: datetime

    @property
    def ref(self) -> str:
        """Name, scope and version as decisions record it: `returns/store@3`, `returns/category:Footwear@1`."""
        scope = f"{self.scope}:{self.scope_value}" if self.scope_value else self.scope
        return f"{self.name}/{scope}@{self.version}"


class PassedOver(msgspec.Struct, frozen=True, kw_only=True):
    """A policy that would have applied, and why another one does."""

    policy: PolicyRecord
    reason: str


class PolicyAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The policy of a name that applies, and those it was preferred to."""

    chosen: PolicyRecord
    passed_over: tuple[PassedOver, ...] = ()
