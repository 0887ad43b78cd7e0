"""The shop's policies as the storefront quotes them."""

from collections import defaultdict
from datetime import datetime

import msgspec

from catalog.models import Category, Merchant, Policy, PolicyScope

ORDER = ("returns", "shipping", "warranty", "price_match", "repairs", "loyalty")


class Promise(msgspec.Struct, frozen=True, kw_only=True):
    """The wording in force of one policy, for a product or for the whole store."""

    name: str
    title: str
    text: str


def list_promises(
    *, merchant: Merchant, now: datetime, sku: str = "", category: Category | None = None
) -> tuple[Promise, ...]:
    """One promise a policy name: the narrowest scope that covers the product, then the newest version.

    Without a product, the store's own. Ordered as a shopper asks: returns, shipping, warranty first.
    """
    chosen: dict[str, Policy] = {}
    for policies in _list_in_force(merchant=merchant, now=now).values():
        fitting = [policy for policy in policies if _get_closeness(policy, sku=sku, category=category)]
        if fitting:
            best = max(fitting, key=lambda p: (_get_closeness(p, sku=sku, category=category), p.version))
            chosen[best.name] = best
    ranked = sorted(chosen.values(), key=lambda p: (_rank(p.name), p.name))
    return tuple(Promise(name=policy.name, title=policy.title, text=policy.text) for policy in ranked)


def _list_in_force(*, merchant: Merchant, now: datetime) -> dict[str, list[Policy]]:
    groups: dict[str, list[Policy]] = defaultdict(list)
    for policy in Policy.objects.filter(merchant=merchant):
        begun = policy.valid_from is None or policy.valid_from <= now
        over = policy.valid_until is not None and policy.valid_until <= now
        if begun and not over:
            groups[policy.name].append(policy)
    return groups


def _get_closeness(policy: Policy, *, sku: str, category: Category | None) -> int:
    """0 where the policy does not cover the product; higher is narrower, also among categories."""
    if policy.scope == PolicyScope.STORE:
        return 1
    if policy.scope == PolicyScope.SKU:
        return 1000 if policy.scope_value == sku else 0
    parts = category.path.split(" > ") if category else []
    paths = {" > ".join(parts[: depth + 1]): depth + 2 for depth in range(len(parts))}
    names = {part: depth + 2 for depth, part in enumerate(parts)}
    return paths.get(policy.scope_value) or names.get(policy.scope_value, 0)


def _rank(name: str) -> int:
    return ORDER.index(name) if name in ORDER else len(ORDER)
