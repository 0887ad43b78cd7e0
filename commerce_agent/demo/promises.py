"""The shop's policies as the storefront quotes them."""

from collections import defaultdict
from datetime import datetime

import msgspec
from django.db.models import Q

from catalog.models import Category, Merchant, Policy
from catalog.policies import PolicyRecord, choose_policy

ORDER = ("returns", "shipping", "warranty", "price_match", "repairs", "loyalty")


class Promise(msgspec.Struct, frozen=True, kw_only=True):
    """The wording in force of one policy, for a product or for the whole store."""

    name: str
    title: str
    text: str


def list_promises(
    *, merchant: Merchant, now: datetime, sku: str | None = None, category: Category | None = None
) -> tuple[Promise, ...]:
    """One promise a policy name, chosen by the catalogue's own rule; without a product, the store's own.

    Ordered as a shopper asks: returns, shipping, warranty first.
    """
    groups: dict[str, list[PolicyRecord]] = defaultdict(list)
    for policy in _list_in_force(merchant=merchant, now=now):
        groups[policy.name].append(policy)
    path = category.path if category else None
    answers = [choose_policy(policies, sku=sku, category=path) for policies in groups.values()]
    chosen = [answer.chosen for answer in answers if answer is not None]
    return tuple(
        Promise(name=policy.name, title=policy.title, text=policy.text)
        for policy in sorted(chosen, key=lambda policy: (_rank(policy.name), policy.name))
    )


def _list_in_force(*, merchant: Merchant, now: datetime) -> list[PolicyRecord]:
    begun = Q(valid_from=None) | Q(valid_from__lte=now)
    lasting = Q(valid_until=None) | Q(valid_until__gt=now)
    fields = PolicyRecord.__struct_fields__
    return [
        PolicyRecord(**{field: getattr(policy, field) for field in fields})
        for policy in Policy.objects.filter(begun, lasting, merchant=merchant)
    ]


def _rank(name: str) -> int:
    return ORDER.index(name) if name in ORDER else len(ORDER)
