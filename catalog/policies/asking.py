"""The policies in force, asked of the merchant's system."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from catalog.connectors import WHOLE, PolicySource
from catalog.ids import MerchantId
from catalog.policies.choosing import choose_policy
from catalog.policies.records import PolicyAnswer, PolicyRecord


async def ask_policies(
    source: PolicySource,
    *,
    merchant: MerchantId,
    now: datetime,
    names: tuple[str, ...] = (),
    sku: str | None = None,
    category: str | None = None,
) -> tuple[PolicyAnswer, ...]:
    """One answer for each name (all names where none is given): what applies to this item, or to the store.

    Raises ConnectorUnavailable where the system is out of reach and nothing is known of it.
    """
    readings = await source.read(merchant=merchant, keys=(WHOLE,), now=now)
    reading = readings.get(WHOLE)
    if reading is None:
        return ()
    named: dict[str, list[PolicyRecord]] = {}
    for policy in _list_in_force(reading.policies, now=now):
        if not names or policy.name in names:
            named.setdefault(policy.name, []).append(policy)
    answers = (choose_policy(named[name], sku=sku, category=category) for name in sorted(named))
    stale_since = reading.observed_at if reading.stale else None
    return tuple(
        msgspec.structs.replace(answer, stale_since=stale_since, source=reading.source, teller=reading.teller)
        for answer in answers
        if answer is not None
    )


async def list_policy_titles(
    source: PolicySource, *, merchant: MerchantId, now: datetime
) -> tuple[tuple[str, str], ...]:
    """Each policy's name with its title, those that hold for some goods only among them: "ring resizing".

    Raises ConnectorUnavailable where the system is out of reach and nothing is known of it.
    """
    reading = (await source.read(merchant=merchant, keys=(WHOLE,), now=now)).get(WHOLE)
    named: dict[str, list[PolicyRecord]] = {}
    for policy in _list_in_force(reading.policies, now=now) if reading else ():
        named.setdefault(policy.name, []).append(policy)
    chosen = {name: choose_policy(held, sku=None, category=None) for name, held in named.items()}
    return tuple(
        (name, answer.chosen.title if (answer := chosen[name]) else named[name][0].title)
        for name in sorted(named)
    )


def _list_in_force(policies: Iterable[PolicyRecord], *, now: datetime) -> list[PolicyRecord]:
    return [
        policy
        for policy in policies
        if (policy.valid_from is None or policy.valid_from <= now)
        and (policy.valid_until is None or policy.valid_until > now)
    ]
