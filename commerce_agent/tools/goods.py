"""What a turn may ask about the goods: the port that every tool works with."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from catalog.connectors import OrdersReading, PlainValue
from catalog.ids import GroupKey, Sku
from catalog.orders import Change, ChangeChecked, ChangeRefused
from catalog.policies import PolicyAnswer
from catalog.pricing import CartItem, CartPrice, PriceContext
from catalog.products import SearchQuery, SearchResult, VariantRecord, Version
from catalog.promotions import PromotionsHeld
from commerce_agent.tools.memory import MemoryChange, Remembered
from commerce_agent.tools.offers import Offer
from commerce_agent.tools.tastes import Taste


class Goods(Protocol):
    """One merchant's goods, and this shopper's own memory, as one turn sees them. No tool orders anything."""

    @property
    def now(self) -> datetime:
        """The turn's instant."""
        ...

    @property
    def context(self) -> PriceContext:
        """Whose prices these are."""
        ...

    async def search(self, query: SearchQuery) -> SearchResult:
        """Ranked hits."""
        ...

    async def list_items(self, skus: Iterable[str]) -> dict[Sku, VariantRecord]:
        """What the items are, by SKU; one the shop no longer has is left out."""
        ...

    async def list_siblings(self, group: GroupKey) -> tuple[VariantRecord, ...]:
        """Every variant of one product."""
        ...

    async def list_versions(self, groups: Sequence[GroupKey]) -> dict[GroupKey, tuple[Version, ...]]:
        """What each product comes in."""
        ...

    async def list_offers(
        self, skus: Sequence[str], *, codes: tuple[str, ...] | None = None
    ) -> tuple[Offer, ...]:
        """Price and stock of the items, in the order asked for, at the shopper's codes or others.

        Raises ConnectorUnavailable where nobody can say what they cost.
        """
        ...

    async def price_lines(
        self, lines: tuple[CartItem, ...], *, codes: tuple[str, ...] | None = None
    ) -> CartPrice:
        """The lines at this shopper's prices and codes, or other codes, with the total that would be charged.

        Raises ConnectorUnavailable as well.
        """
        ...

    async def find_policy(
        self, name: str, *, sku: str | None = None, category: str | None = None
    ) -> PolicyAnswer | None:
        """The policy in force, narrowest scope first. Raises ConnectorUnavailable."""
        ...

    async def list_promotions(self) -> PromotionsHeld:
        """The promotions in force for this shopper. Raises ConnectorUnavailable."""
        ...

    async def check_change(self, change: Change) -> ChangeChecked | ChangeRefused | None:
        """What the change of this shopper's order comes to, or why not; None when nobody knows who that is."""
        ...

    async def takes_orders(self) -> bool:
        """Whether the shop can be ordered from here; False where its own system shows orders and takes none."""
        ...

    async def list_preferences(self) -> dict[str, PlainValue]:
        """What the shop has down of this shopper's likes; empty for one whom nobody knows."""
        ...

    async def list_tastes(self) -> tuple[Taste, ...]:
        """What this shopper likes by their own word or the shop's records; nothing without the consent it needs."""
        ...

    async def list_orders(self, *, placed: tuple[str, ...] = ()) -> OrdersReading | None:
        """This shopper's orders; when nobody knows who the shopper is, those that these tokens placed, None without.
        Raises ConnectorUnavailable.
        """
        ...

    async def list_history(self) -> OrdersReading | None:
        """What this shopper bought and sent back, as the merchant's list of customers has it; None as above."""
        ...

    async def recall_shopper(self) -> Remembered | None:
        """What is remembered of this shopper; None when nobody knows who the shopper is."""
        ...

    async def change_memory(self, change: MemoryChange) -> Remembered | None:
        """Forgets, or takes the shopper's consent; None when nobody knows who the shopper is."""
        ...
