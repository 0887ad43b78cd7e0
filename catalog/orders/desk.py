"""The one door to orders: what may be asked of whoever keeps a merchant's orders, and the built-in store's answer."""

from typing import Protocol

from typing_extensions import override

from catalog.connectors import Connections, Connectors, ConnectorUnavailable
from catalog.connectors.readings import NeverReached
from catalog.ids import MerchantId, Sku
from catalog.orders.addresses import NO_KEYS, Keys
from catalog.orders.changing import check_change, find_made, make_change
from catalog.orders.checking import list_new_skus
from catalog.orders.elsewhere import OWN, Elsewhere, ask_elsewhere
from catalog.orders.placing import place_order, reserve_items
from catalog.orders.reading import find_order_by_token
from catalog.orders.records import (
    ChangeAltered,
    ChangeChecked,
    ChangeMade,
    ChangeRefused,
    ChangeWish,
    OrderPlaced,
    OrderRecord,
    OrderRefused,
    OrderWish,
    Reserved,
)
from catalog.pricing import PriceContext


class OutcomeUnknown(ConnectorUnavailable):
    """The desk was asked to do something and did not say what came of it. It may have been done; the same token
    tells, and asking again with it does nothing twice.
    """

    def __init__(self, *, reason: str) -> None:
        super().__init__(connector="orders", reason=reason)


class TakesNoOrders(NeverReached):
    """The merchant's own system shows its orders and takes none: an order that were placed in the built-in store
    would be one that nobody there hears of. The merchant enters an address for orders, or takes the connector out.
    """

    def __init__(self) -> None:
        super().__init__(connector="orders", reason="the shop's own system shows orders and takes none")


class OrderDesk(Protocol):
    """Whoever keeps a merchant's orders. Everything with an effect is done once for each token.

    All raise ConnectorUnavailable; `place` and `make` raise OutcomeUnknown where it may have been done.
    """

    async def reserve(self, wish: OrderWish, *, merchant: MerchantId) -> Reserved | OrderRefused:
        """Sets the pieces aside for a moment, if price, stock and total are as told."""
        ...

    async def place(self, wish: OrderWish, *, merchant: MerchantId) -> OrderPlaced | OrderRefused:
        """Orders, or says what is not as told."""
        ...

    async def check(self, wish: ChangeWish, *, merchant: MerchantId) -> ChangeChecked | ChangeRefused:
        """What the change would come to, or why it cannot be made."""
        ...

    async def make(
        self, wish: ChangeWish, *, merchant: MerchantId
    ) -> ChangeMade | ChangeAltered | ChangeRefused:
        """Makes the change for the amount told."""
        ...

    async def find_placed(self, *, merchant: MerchantId, token: str) -> OrderRecord | None:
        """The order that the token placed, if it did."""
        ...

    async def find_made(self, *, merchant: MerchantId, token: str) -> ChangeMade | None:
        """What the token changed, if it did."""
        ...


class StoreDesk:
    """The built-in store's orders, in this process; prices, stock and terms of its merchants' own systems included.

    Without `connectors` the store's own tables have the only say, and neither address nor payment can be kept.
    """

    def __init__(self, *, connections: Connections, connectors: Connectors | None = None) -> None:
        self._connections = connections
        self._connectors = connectors
        self._keys: Keys = NO_KEYS if connectors is None else connectors.parts.keys

    async def reserve(self, wish: OrderWish, *, merchant: MerchantId) -> Reserved | OrderRefused:
        """In one transaction with the check."""
        elsewhere = await self._ask(merchant, skus=_list_skus(wish), context=wish.context)
        async with self._connections.connection() as connection:
            return await reserve_items(connection, wish, merchant=merchant, elsewhere=elsewhere)

    async def place(self, wish: OrderWish, *, merchant: MerchantId) -> OrderPlaced | OrderRefused:
        """In one transaction with the check."""
        elsewhere = await self._ask(merchant, skus=_list_skus(wish), context=wish.context)
        async with self._connections.connection() as connection:
            return await place_order(
                connection, wish, merchant=merchant, elsewhere=elsewhere, keys=self._keys
            )

    async def check(self, wish: ChangeWish, *, merchant: MerchantId) -> ChangeChecked | ChangeRefused:
        """Nothing is changed."""
        elsewhere = await self._ask_for_change(wish, merchant=merchant)
        async with self._connections.connection() as connection:
            return await check_change(
                connection, wish, merchant=merchant, elsewhere=elsewhere, keys=self._keys
            )

    async def make(
        self, wish: ChangeWish, *, merchant: MerchantId
    ) -> ChangeMade | ChangeAltered | ChangeRefused:
        """In one transaction with the check."""
        elsewhere = await self._ask_for_change(wish, merchant=merchant)
        async with self._connections.connection() as connection:
            return await make_change(
                connection, wish, merchant=merchant, elsewhere=elsewhere, keys=self._keys
            )

    async def find_placed(self, *, merchant: MerchantId, token: str) -> OrderRecord | None:
        """As it stands now."""
        async with self._connections.connection() as connection:
            return await find_order_by_token(connection, merchant=merchant, token=token)

    async def find_made(self, *, merchant: MerchantId, token: str) -> ChangeMade | None:
        """As it stands now."""
        async with self._connections.connection() as connection:
            return await find_made(connection, merchant=merchant, token=token)

    async def _ask(self, merchant: MerchantId, *, skus: tuple[Sku, ...], context: PriceContext) -> Elsewhere:
        if self._connectors is None:
            return OWN
        return await ask_elsewhere(self._connectors, merchant=merchant, skus=skus, context=context)

    async def _ask_for_change(self, wish: ChangeWish, *, merchant: MerchantId) -> Elsewhere:
        return await self._ask(merchant, skus=tuple(list_new_skus(wish.change)), context=wish.context)


class ShownOrdersDesk(StoreDesk):
    """The desk of a merchant whose own system shows its orders and takes none. What the built-in store took before
    is still found and changed there.
    """

    @override
    async def reserve(self, wish: OrderWish, *, merchant: MerchantId) -> Reserved | OrderRefused:
        """Raises TakesNoOrders."""
        raise TakesNoOrders

    @override
    async def place(self, wish: OrderWish, *, merchant: MerchantId) -> OrderPlaced | OrderRefused:
        """Raises TakesNoOrders, except for a token that placed an order before."""
        placed = await self.find_placed(merchant=merchant, token=wish.token)
        if placed is None:
            raise TakesNoOrders
        return OrderPlaced(
            number=placed.number, lines=placed.lines, total=placed.total, placed_at=placed.placed_at
        )


def _list_skus(wish: OrderWish) -> tuple[Sku, ...]:
    return tuple(line.sku for line in wish.lines)
