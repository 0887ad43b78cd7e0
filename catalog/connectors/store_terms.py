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
SELECT id, code, title, percent, amount, scope, scope_value, requires_tier, min_total, valid_from, valid_until, active
FROM catalog_promotion WHERE merchant_id = %(merchant)s ORDER BY id
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
        promotions = tuple(convert(row, PromotionTerms) for row in rows)
        reading = PromotionsReading(source=SOURCE, observed_at=now, promotions=promotions)
        return dict.fromkeys(keys or (WHOLE,), reading)
