"""The built-in store: policies and promotions as the shop's own tables have them, in force or not."""

from datetime import datetime

from catalog.connectors.readings import (
    WHOLE,
    PoliciesReading,
    PolicyRecord,
    PromotionsReading,
    PromotionTerms,
    Whole,
)
from catalog.connectors.store import SOURCE
from catalog.connectors.store_rows import Connections, read_rows
from catalog.ids import MerchantId
from commerce_agent.decoding import convert

POLICIES = """
SELECT name, title, text, terms, scope, scope_value, version, valid_from, valid_until, observed_at
FROM catalog_policy WHERE merchant_id = %(merchant)s ORDER BY name, version
"""
PROMOTIONS = """
SELECT p.id, p.code, p.title, p.percent, p.amount, p.scope, p.scope_value, p.requires_tier, p.min_total, p.valid_from,
  p.valid_until, p.active, p.version, m.promotions_version AS list_version
FROM catalog_merchant m LEFT JOIN catalog_promotion p ON p.merchant_id = m.id
WHERE m.id = %(merchant)s ORDER BY p.id
"""


class StorePolicies:
    """Every version of every policy."""

    def __init__(self, *, connections: Connections) -> None:
        self._connections = connections

    async def read(
        self, *, merchant: MerchantId, keys: tuple[Whole, ...], now: datetime
    ) -> dict[Whole, PoliciesReading]:
        """Reads at the source. Raises ConnectorUnavailable when the database is out of reach."""
        rows = await read_rows(self._connections, POLICIES, {"merchant": merchant}, connector="policies")
        policies = tuple(convert(row, PolicyRecord) for row in rows)
        reading = PoliciesReading(source=SOURCE, observed_at=now, policies=policies)
        return dict.fromkeys(keys or (WHOLE,), reading)


class StorePromotions:
    """Every promotion."""

    def __init__(self, *, connections: Connections) -> None:
        self._connections = connections

    async def read(
        self, *, merchant: MerchantId, keys: tuple[Whole, ...], now: datetime
    ) -> dict[Whole, PromotionsReading]:
        """Reads at the source. Raises ConnectorUnavailable when the database is out of reach."""
        rows = await read_rows(self._connections, PROMOTIONS, {"merchant": merchant}, connector="promotions")
        # One row of nothing where there is no promotion: the list has its version all the same.
        promotions = tuple(convert(row, PromotionTerms) for row in rows if row["id"] is not None)
        version = next((convert(row["list_version"], int) for row in rows), 0)
        reading = PromotionsReading(source=SOURCE, observed_at=now, version=version, promotions=promotions)
        return dict.fromkeys(keys or (WHOLE,), reading)
