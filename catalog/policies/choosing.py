"""Which policy applies: the narrowest scope (SKU, then the deepest category, then the store), then the version."""

from collections.abc import Iterable

from catalog.policies.records import PassedOver, PolicyAnswer, PolicyRecord
from catalog.products.discounts import is_within

SCOPE_ORDER = {"store": 0, "category": 1, "sku": 2}


def covers(policy: PolicyRecord, *, sku: str | None, category: str | None) -> bool:
    """Whether a policy's scope holds an item; without an item, only what holds for the whole store applies."""
    match policy.scope:
        case "sku":
            return sku is not None and policy.scope_value == sku
        case "category":
            return category is not None and is_within(category, category=policy.scope_value)
        case _:
            return True


def measure_depth(policy: PolicyRecord, *, category: str | None) -> int:
    """How deep in the item's own category path the policy's category ends: deeper is narrower."""
    if policy.scope != "category" or category is None:
        return 0
    path = f" > {category.lower()} > "
    wanted = f" > {policy.scope_value.lower()} > "
    return path[: path.rfind(wanted) + len(wanted)].count(" > ")


def choose_policy(
    policies: Iterable[PolicyRecord], *, sku: str | None = None, category: str | None = None
) -> PolicyAnswer | None:
    """Of policies with one name, all in force, the one that applies to the item; None where none does."""

    def rank(policy: PolicyRecord) -> tuple[int, int, int]:
        return SCOPE_ORDER[policy.scope], measure_depth(policy, category=category), policy.version

    applying = sorted(
        (policy for policy in policies if covers(policy, sku=sku, category=category)), key=rank, reverse=True
    )
    if not applying:
        return None
    chosen, *others = applying
    return PolicyAnswer(
        chosen=chosen,
        passed_over=tuple(
            PassedOver(
                policy=other,
                reason="older version"
                if rank(other)[:2] == rank(chosen)[:2]
                else f"{chosen.scope} is narrower",
            )
            for other in others
        ),
    )
