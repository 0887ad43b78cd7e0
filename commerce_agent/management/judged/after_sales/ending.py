"""The shop as its tables say, in the words of the recorded store."""

from collections import Counter
from copy import deepcopy
from decimal import Decimal

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import TupleRow, dict_row

from catalog.ids import MerchantId
from catalog.orders.addresses import OWN_PLACE, AddressSeal, Keys, name_owner, name_place, open_key
from commerce_agent.decoding import convert
from commerce_agent.management.judged.after_sales.loading import MODIFIED, find_state, write_address
from commerce_agent.management.judged.after_sales.shapes import Json, Store

ORDERS = """
SELECT o.number, o.status, o.customer_key AS customer, o.sealed_address, k.wrapped,
  (SELECT coalesce(json_agg(json_build_array(l.sku, l.unit_price::text, l.quantity) ORDER BY l.id), '[]')
    FROM catalog_orderline l WHERE l.order_id = o.id) AS lines,
  (SELECT coalesce(json_agg(json_build_array(p.kind, p.amount::text, p.method) ORDER BY p.id), '[]')
    FROM catalog_payment p WHERE p.order_id = o.id) AS payments,
  (SELECT coalesce(json_agg(json_build_array(c.kind, c.amount::text, c.detail) ORDER BY c.id), '[]')
    FROM catalog_orderchange c WHERE c.order_id = o.id AND c.token IS NOT NULL) AS changes
FROM catalog_order o
LEFT JOIN catalog_addresskey k ON k.merchant_id = o.merchant_id AND k.owner = 'customer ' || o.customer_key
WHERE o.merchant_id = %(merchant)s AND o.number = ANY(%(numbers)s)
"""
TOUCHED = """
SELECT DISTINCT o.number FROM catalog_orderchange c JOIN catalog_order o ON o.id = c.order_id
WHERE c.merchant_id = %(merchant)s AND c.token IS NOT NULL ORDER BY o.number
"""
ADDRESSES = """
SELECT c.key AS customer, c.sealed_address, k.wrapped FROM catalog_customer c
LEFT JOIN catalog_addresskey k ON k.merchant_id = c.merchant_id AND k.owner = 'customer ' || c.key
WHERE c.merchant_id = %(merchant)s
"""
BALANCES = """
SELECT m.customer_key AS customer, m.reference, m.balance, k.wrapped FROM catalog_paymentmeans m
LEFT JOIN catalog_addresskey k ON k.merchant_id = m.merchant_id AND k.owner = 'customer ' || m.customer_key
WHERE m.merchant_id = %(merchant)s AND m.balance IS NOT NULL
"""
GOODS = """
SELECT v.sku, v.price, v.availability, v.title, s.quantity FROM catalog_variant v
JOIN catalog_product p ON p.id = v.product_id LEFT JOIN catalog_stocklevel s ON s.variant_id = v.id
WHERE p.merchant_id = %(merchant)s AND p.group_key = %(product)s ORDER BY v.id
"""
SPOKEN = {
    "cancelled": "cancelled",
    "return_requested": "return requested",
    "exchange_requested": "exchange requested",
}
CENT = Decimal("0.01")


class _Line(msgspec.Struct, frozen=True, array_like=True):
    sku: str
    price: Decimal
    quantity: int


class _Payment(msgspec.Struct, frozen=True, array_like=True):
    kind: str
    amount: Decimal
    method: str


class _Piece(msgspec.Struct, frozen=True, kw_only=True):
    sku: str
    for_sku: str = ""
    quantity: int = 1


class _Detail(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked for; each kind of change has some of it."""

    reason: str = ""
    method: str = ""
    items: tuple[_Piece, ...] = ()
    swaps: tuple[_Piece, ...] = ()


class _Change(msgspec.Struct, frozen=True, array_like=True):
    kind: str
    amount: Decimal
    detail: _Detail


class _Owned(msgspec.Struct, frozen=True, kw_only=True):
    customer: str
    wrapped: bytes | None


class _Balance(_Owned, frozen=True, kw_only=True):
    reference: str
    balance: Decimal


class _Sealed(_Owned, frozen=True, kw_only=True):
    sealed_address: bytes


class _Order(_Sealed, frozen=True, kw_only=True):
    number: str
    status: str
    lines: tuple[_Line, ...]
    payments: tuple[_Payment, ...]
    changes: tuple[_Change, ...]


class LinesDiffer(Exception):
    """The platform's lines are not what the changes it made say: a mistake in the platform, not in the recording."""

    def __init__(self, *, number: str) -> None:
        super().__init__(f"The lines of order {number} do not follow from its changes.")
        self.number = number


class Ending:
    """Reads what became of a loaded shop, on the connection whose transaction the calls are made in."""

    def __init__(
        self, connection: AsyncConnection[TupleRow], *, merchant: MerchantId, store: Store, keys: Keys
    ) -> None:
        self._connection = connection
        self._merchant = merchant
        self._store = store
        self._keys = keys
        self.addresses: dict[str, Json] = {}
        """The parts of every address that a call has written, by how it was written down."""
        self.moved: dict[str, str] = {}
        """Where users live to whom a call has given another address: their postcode, by their id."""

    async def get_order(self, number: str) -> Json:
        """The order as it stands. Raises KeyError, LinesDiffer."""
        return (await self._list_orders([number]))[number]

    async def get_user(self, key: str) -> Json:
        """The user as it stands. Raises KeyError."""
        return (await self._list_users(only=key))[key]

    async def get_product(self, key: str) -> Json:
        """The product as it stands. Raises KeyError."""
        product = deepcopy(self._store.written["products"][key])
        variants = convert(product["variants"], dict[str, Json])
        for row in await self._ask(GOODS, {"merchant": self._merchant, "product": key}):
            recorded = self._store.products[key].variants[str(row["sku"])]
            if recorded.price != row["price"]:
                variants[str(row["sku"])]["price"] = row["price"]
            variants[str(row["sku"])]["available"] = row["availability"] == "in_stock"
            if recorded.quantity is not None:
                variants[str(row["sku"])]["quantity"] = row["quantity"]
        return {**product, "variants": variants}

    async def list_changed(self) -> dict[str, dict[str, Json]]:
        """What is not as it was loaded, by kind and id."""
        touched = [str(row["number"]) for row in await self._ask(TOUCHED, {"merchant": self._merchant})]
        orders, users = await self._list_orders(touched), await self._list_users()
        products = {key: await self.get_product(key) for key in self._list_counted()}
        written = self._store.written
        return {
            "products": {key: row for key, row in products.items() if row != written["products"][key]},
            "users": {key: row for key, row in users.items() if row != written["users"][key]},
            "orders": {key: row for key, row in orders.items() if row != written["orders"][key]},
        }

    def _list_counted(self) -> list[str]:
        """Products whose pieces are counted: others never run out."""
        return [
            key
            for key, product in self._store.products.items()
            if any(variant.quantity is not None for variant in product.variants.values())
        ]

    async def _list_orders(self, numbers: list[str]) -> dict[str, Json]:
        rows = await self._ask(ORDERS, {"merchant": self._merchant, "numbers": numbers})
        orders = [self._open_references(convert(row, _Order)) for row in rows]
        return {order.number: self._write_order(order) for order in orders}

    def _open_references(self, order: _Order) -> _Order:
        """The order with what was paid by in clear, as the store has it."""
        seal, replace = self._find_seal(order), msgspec.structs.replace
        if seal is None:
            return order
        changes = [
            replace(each, detail=replace(each.detail, method=seal.open_reference(each.detail.method)))
            for each in order.changes
        ]
        payments = [replace(each, method=seal.open_reference(each.method)) for each in order.payments]
        return replace(order, changes=tuple(changes), payments=tuple(payments))

    def _write_order(self, order: _Order) -> Json:
        recorded, written = (
            self._store.orders[order.number],
            deepcopy(self._store.written["orders"][order.number]),
        )
        if order.status != find_state(recorded.status):
            written["status"] = SPOKEN[order.status]
        elif any(change.kind == "items" for change in order.changes):
            written["status"] = MODIFIED
        address = self._open(order, place=name_place(order.number))
        if address != write_address(recorded.address):
            written["address"] = self.addresses[address]
        written["items"] = self._write_items(order)
        history = written.get("payment_history")
        kept = list(history) if isinstance(history, list) else []
        added = order.payments[len(kept) :]
        if kept or added:
            written["payment_history"] = [*kept, *(_write_payment(entry) for entry in added)]
        for change in order.changes:
            written.update(_write_request(change))
        return written

    def _write_items(self, order: _Order) -> list[Json]:
        """The platform's lines, piece by piece in the places they had in the store."""
        pieces = convert(self._store.written["orders"][order.number]["items"], list[Json])
        prices = {line.sku: line.price for line in order.lines}
        pieces = [dict(piece) for piece in pieces]
        for change in order.changes:
            for swap in change.detail.swaps if change.kind == "items" else ():
                for _ in range(swap.quantity):
                    piece = next(each for each in pieces if each["item_id"] == swap.sku)
                    piece.update(self._write_variant(swap.for_sku, price=prices[swap.for_sku]))
        counted = Counter(str(piece["item_id"]) for piece in pieces)
        held: Counter[str] = Counter()
        for line in order.lines:
            held[line.sku] += line.quantity
        if counted != held:
            raise LinesDiffer(number=order.number)
        return pieces

    def _write_variant(self, sku: str, *, price: Decimal) -> Json:
        for product in self._store.products.values():
            if sku in product.variants:
                return {"item_id": sku, "price": _plain(price), "options": product.variants[sku].options}
        raise KeyError(sku)

    async def _list_users(self, *, only: str | None = None) -> dict[str, Json]:
        rows = await self._ask(ADDRESSES, {"merchant": self._merchant})
        sealed = {each.customer: each for each in (convert(row, _Sealed) for row in rows)}
        users = {
            key: self._write_user(key, address=self._open(sealed[key], place=OWN_PLACE))
            for key in (self._store.users if only is None else (only,))
        }
        for row in await self._ask(BALANCES, {"merchant": self._merchant}):
            left = convert(row, _Balance)
            key, seal = left.customer, self._find_seal(left)
            reference = seal.open_reference(left.reference) if seal else ""
            if key in users and left.balance != self._store.users[key].payment_methods[reference].balance:
                methods = convert(users[key]["payment_methods"], dict[str, Json])
                methods[reference]["balance"] = _plain(left.balance)
                users[key]["payment_methods"] = methods
        return users

    def _write_user(self, key: str, *, address: str) -> Json:
        written = deepcopy(self._store.written["users"][key])
        if address != write_address(self._store.users[key].address):
            written["address"] = self.addresses[address]
        return written

    def _open(self, sealed: _Sealed, *, place: str) -> str:
        seal = self._find_seal(sealed)
        return "" if seal is None else seal.open(sealed.sealed_address, place=place)

    def _find_seal(self, owned: _Owned) -> AddressSeal | None:
        if owned.wrapped is None:
            return None
        owner = name_owner(customer_key=owned.customer, number="")
        return open_key(owned.wrapped, keys=self._keys, merchant=self._merchant, owner=owner)

    async def _ask(self, query: str, values: Json) -> list[Json]:
        async with self._connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(query, values)
            return await cursor.fetchall()


def _write_payment(entry: _Payment) -> Json:
    return {
        "transaction_type": entry.kind,
        "amount": _plain(entry.amount),
        "payment_method_id": entry.method,
    }


def _write_request(change: _Change) -> Json:
    detail = change.detail
    if change.kind == "cancel":
        return {"cancel_reason": detail.reason}
    if change.kind == "return":
        items = sorted(piece.sku for piece in detail.items for _ in range(piece.quantity))
        return {"return_items": items, "return_payment_method_id": detail.method}
    if change.kind == "exchange":
        return {
            "exchange_items": sorted(piece.sku for piece in detail.swaps for _ in range(piece.quantity)),
            "exchange_new_items": sorted(
                piece.for_sku for piece in detail.swaps for _ in range(piece.quantity)
            ),
            "exchange_payment_method_id": detail.method,
            "exchange_price_difference": _plain(change.amount),
        }
    return {}


def _plain(amount: Decimal) -> Decimal:
    """The amount as the stores write theirs, in cents."""
    return amount.quantize(CENT)
