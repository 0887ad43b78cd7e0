"""Names of goods: plain types that every layer of the catalogue shares."""

from typing import NewType

MerchantId = NewType("MerchantId", str)
"""A merchant's UUID as text."""

Sku = NewType("Sku", str)
"""A variant's stock keeping unit: the `id` of the feed, unique within a merchant."""

GroupKey = NewType("GroupKey", str)
"""A product's key: the feed's `item_group_id`, or the SKU where there is none."""

CustomerKey = NewType("CustomerKey", str)
"""The merchant's own key of a customer: who that is, the catalogue does not know."""
