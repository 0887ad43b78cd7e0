"""The policies in force for an item or the store."""

from datetime import datetime

from psycopg import AsyncConnection
from psycopg.rows import TupleRow, dict_row

from catalog.ids import MerchantId, Sku
from catalog.policies.choosing import choose_policy
from catalog.policies.records import PolicyAnswer, PolicyRecord
from commerce_agent.decoding import convert

IN_FORCE = """
SELECT name, title, text, terms, scope, scope_value, version, valid_from, valid_until, observed_at
FROM catalog_policy WHERE merchant_id = %(merchant)s AND (cardinality(%(names)s::text[]) = 0 OR name = ANY(%(names)s))
  AND (valid_from IS NULL OR valid_from <= %(now)s) AND (valid_until IS NULL OR valid_until > %(now)s)
ORDER BY name, version
"""
CATEGORY = """
SELECT c.path FROM catalog_variant v JOIN catalog_product p ON p.id = v.product_id
JOIN catalog_category c ON c.id = p.category_id WHERE v.merchant_id = %(merchant)s AND v.sku = %(sku)s
"""


async def list_policies(
    connection: AsyncConnection[TupleRow],
    *,
    merchant: MerchantId,
    now: datetime,
    names: tuple[str, ...] = (),
    sku: Sku | None = None,
    category: str | None = None,
) -> tuple[PolicyAnswer, ...]:
    """One answer for each name (all names where none is given): what applies to this SKU, this category or the store.

    The category of a SKU is looked up where it is not given.
    """
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(IN_FORCE, {"merchant": merchant, "names": list(names), "now": now})
        policies = [convert(row, PolicyRecord) for row in await cursor.fetchall()]
        if sku is not None and category is None and any(policy.scope == "category" for policy in policies):
            category = await find_category(connection, merchant=merchant, sku=sku)
    named: dict[str, list[PolicyRecord]] = {}
    for policy in policies:
        named.setdefault(policy.name, []).append(policy)
    answers = (choose_policy(group, sku=sku, category=category) for group in named.values())
    return tuple(answer for answer in answers if answer is not None)


async def find_category(
    connection: AsyncConnection[TupleRow], *, merchant: MerchantId, sku: Sku
) -> str | None:
    """The category path of an item; None where it has none, or the shop has no such item."""
    cursor = await connection.execute(CATEGORY, {"merchant": merchant, "sku": sku})
    row = await cursor.fetchone()
    return None if row is None else str(row[0])


async def find_policy(
    connection: AsyncConnection[TupleRow],
    *,
    merchant: MerchantId,
    name: str,
    now: datetime,
    sku: Sku | None = None,
    category: str | None = None,
) -> PolicyAnswer | None:
    """The policy of this name that applies; None where the shop has none."""
    found = await list_policies(
        connection, merchant=merchant, now=now, names=(name,), sku=sku, category=category
    )
    return found[0] if found else None
