"""The readings that rows become. What cannot be is refused."""

import zlib
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Generic, Protocol, TypeVar

import msgspec
from moneyed import Money

from catalog.cards import CardNumberGiven, require_no_card
from catalog.connectors.readings import (
    WHOLE,
    AnswerRefused,
    CustomerReading,
    ItemReading,
    Key,
    Kind,
    OrderedLine,
    OrderRecord,
    OrdersReading,
    PaymentReference,
    PoliciesReading,
    PolicyRecord,
    PriceReading,
    PromotionsReading,
    PromotionTerms,
    Reading,
    StockReading,
    Whole,
)
from catalog.connectors.rows import (
    CustomerRow,
    HistoryRow,
    ItemRow,
    OrderRow,
    PolicyRow,
    PriceRow,
    PromotionRow,
    StockRow,
)
from catalog.connectors.store import settle_availability
from catalog.ids import CustomerKey, GroupKey, Sku
from commerce_agent.decoding import convert

MOST_PERCENT = 100
BEST_RATING = 5
TOO_MUCH = Decimal(10) ** 11
"""More than a price list holds, or any of the columns that amounts are kept in."""
Row = TypeVar("Row", bound=msgspec.Struct)
Plain = dict[str, object]


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """What a row does not say itself."""

    kind: Kind
    source: str
    now: datetime
    currency: str
    version: int = 0
    """Of what is answered as one whole; 0: the system does not number it."""


class Shape(Protocol[Key, Reading]):
    """How the answers of one kind of system are read."""

    def read(self, *, rows: Sequence[Plain], keys: tuple[Key, ...], frame: Frame) -> dict[Key, Reading]:
        """The readings for these keys. Raises AnswerRefused."""
        ...


def _convert(rows: Sequence[Plain], shape: type[Row], *, frame: Frame) -> list[Row]:
    try:
        read = [convert(row, shape, strict=False) for row in rows]
    except msgspec.ValidationError as error:
        raise AnswerRefused(connector=frame.kind, reason=str(error)) from error
    for row in read:
        _require_amounts(row, frame=frame)
    return read


def _require_amounts(row: msgspec.Struct, *, frame: Frame) -> None:
    """Refuses what is no amount of money: below nothing, beyond all prices, or no number."""
    for name in row.__struct_fields__:
        value = getattr(row, name)
        if isinstance(value, Decimal) and not (value.is_finite() and 0 <= value < TOO_MUCH):
            raise AnswerRefused(connector=frame.kind, reason=f"{name} is {value}")
        if isinstance(value, tuple):
            for part in value:
                _require_amounts(part, frame=frame)


def _require_currency(currency: str, *, frame: Frame) -> str:
    if currency.upper() != frame.currency:
        raise AnswerRefused(
            connector=frame.kind, reason=f"a price in {currency}, where the shop sells in {frame.currency}"
        )
    return frame.currency


def _name_rows(rows: Sequence[Plain], keys: tuple[Sku, ...]) -> list[Plain]:
    """An answer about one SKU need not repeat it."""
    return [row if "sku" in row or len(keys) != 1 else {"sku": keys[0], **row} for row in rows]


class _OfSkus(Generic[Row]):
    """What is answered SKU by SKU: an answer that was not asked for is left out, two for one SKU are refused."""

    def __init__(self, row: type[Row]) -> None:
        self._row = row

    def list_asked(self, rows: Sequence[Plain], *, keys: tuple[Sku, ...], frame: Frame) -> dict[Sku, Row]:
        found: dict[Sku, Row] = {}
        for row in _convert(_name_rows(rows, keys), self._row, frame=frame):
            sku = Sku(str(getattr(row, "sku", "")))
            if sku in found:
                raise AnswerRefused(connector=frame.kind, reason=f"two answers for {sku}")
            if sku in keys:
                found[sku] = row
        return found


def _stamp(reading: Callable[..., Reading], *, frame: Frame, version: int, **values: object) -> Reading:
    return reading(source=frame.source, observed_at=frame.now, version=version, **values)


class StockShape:
    """Stock."""

    def read(self, *, rows: Sequence[Plain], keys: tuple[Sku, ...], frame: Frame) -> dict[Sku, StockReading]:
        """Readings by SKU. A row that says neither a number nor a word is refused: it is not zero."""
        return {
            sku: self._read(sku, row, frame=frame)
            for sku, row in _OfSkus(StockRow).list_asked(rows, keys=keys, frame=frame).items()
        }

    def _read(self, sku: Sku, row: StockRow, *, frame: Frame) -> StockReading:
        if row.quantity is None and row.availability is None:
            raise AnswerRefused(
                connector=frame.kind, reason=f"neither a quantity nor an availability for {sku}"
            )
        word = row.availability or ("in_stock" if row.quantity else "out_of_stock")
        settled = settle_availability(quantity=row.quantity, availability=word)
        return _stamp(
            StockReading,
            frame=frame,
            version=row.version,
            sku=sku,
            quantity=row.quantity,
            availability=settled,
        )


class PriceShape:
    """Prices, in the shop's currency."""

    def read(self, *, rows: Sequence[Plain], keys: tuple[Sku, ...], frame: Frame) -> dict[Sku, PriceReading]:
        """Readings by SKU."""
        return {
            sku: self._read(sku, row, frame=frame)
            for sku, row in _OfSkus(PriceRow).list_asked(rows, keys=keys, frame=frame).items()
        }

    def _read(self, sku: Sku, row: PriceRow, *, frame: Frame) -> PriceReading:
        currency = _require_currency(row.currency, frame=frame)
        listed = row.price if row.list_price is None else row.list_price
        return _stamp(
            PriceReading,
            frame=frame,
            version=row.version,
            valid_until=row.valid_until,
            sku=sku,
            price=Money(row.price, currency),
            list_price=Money(listed, currency),
        )


class ItemShape:
    """Words of items."""

    def read(self, *, rows: Sequence[Plain], keys: tuple[Sku, ...], frame: Frame) -> dict[Sku, ItemReading]:
        """Readings by SKU."""
        return {
            sku: self._read(sku, row, frame=frame)
            for sku, row in _OfSkus(ItemRow).list_asked(rows, keys=keys, frame=frame).items()
        }

    def _read(self, sku: Sku, row: ItemRow, *, frame: Frame) -> ItemReading:
        said = {name: getattr(row, name) for name in row.__struct_fields__ if name != "version"}
        said["group"] = GroupKey(row.group or sku)
        # A rating on another scale says nothing here, and the item's other words hold without it.
        rating = row.rating if row.rating is not None and row.rating <= BEST_RATING else None
        said["rating"] = None if rating is None else float(rating)
        said["rating_count"] = row.rating_count if rating == row.rating else 0
        return _stamp(ItemReading, frame=frame, version=row.version, **said)


class PolicyShape:
    """Policies, as one whole."""

    def read(
        self,
        *,
        rows: Sequence[Plain],
        keys: tuple[Whole, ...],  # noqa: ARG002 - one whole has one key
        frame: Frame,
    ) -> dict[Whole, PoliciesReading]:
        """The one reading."""
        read = tuple(
            PolicyRecord(
                name=row.name,
                title=row.title or row.name.replace("_", " ").capitalize(),
                text=row.text,
                terms=row.terms,
                scope=row.scope,
                scope_value=row.scope_value,
                version=row.version,
                valid_from=row.valid_from,
                valid_until=row.valid_until,
                observed_at=row.observed_at or frame.now,
            )
            for row in _convert(rows, PolicyRow, frame=frame)
        )
        return {WHOLE: _stamp(PoliciesReading, frame=frame, version=0, policies=read)}


class PromotionShape:
    """Promotions, as one whole."""

    def read(
        self,
        *,
        rows: Sequence[Plain],
        keys: tuple[Whole, ...],  # noqa: ARG002 - one whole has one key
        frame: Frame,
    ) -> dict[Whole, PromotionsReading]:
        """The one reading."""
        read = tuple(self._read(row, frame=frame) for row in _convert(rows, PromotionRow, frame=frame))
        return {WHOLE: _stamp(PromotionsReading, frame=frame, version=frame.version, promotions=read)}

    def _read(self, row: PromotionRow, *, frame: Frame) -> PromotionTerms:
        if (row.percent is None) == (row.amount is None):
            raise AnswerRefused(
                connector=frame.kind, reason=f"{row.title!r} takes off neither a percentage nor an amount"
            )
        if row.percent is not None and row.percent > MOST_PERCENT:
            raise AnswerRefused(connector=frame.kind, reason=f"{row.title!r} takes off more than everything")
        told = {name: getattr(row, name) for name in row.__struct_fields__ if name != "id"}
        number = row.id if row.id is not None else zlib.crc32(f"{row.code}/{row.title}".encode())
        return PromotionTerms(id=number, **told)


class OrderShape:
    """Orders of one customer."""

    def read(
        self, *, rows: Sequence[Plain], keys: tuple[CustomerKey, ...], frame: Frame
    ) -> dict[CustomerKey, OrdersReading]:
        """The reading of the one customer who was asked about."""
        orders = _convert(rows, OrderRow, frame=frame)
        return {key: _read_orders(orders, customer=key, frame=frame) for key in keys[:1]}


class HistoryShape:
    """Orders and returns of one customer, as the merchant's list of customers has them."""

    def read(
        self, *, rows: Sequence[Plain], keys: tuple[CustomerKey, ...], frame: Frame
    ) -> dict[CustomerKey, OrdersReading]:
        """The reading of the one customer who was asked about; none where nothing is said of their orders."""
        return {
            key: _read_orders(row.orders, customer=key, frame=frame)
            for key, row in zip(keys[:1], _convert(rows[:1], HistoryRow, frame=frame), strict=False)
            if row.orders is not None
        }


def _read_orders(rows: Iterable[OrderRow], *, customer: CustomerKey, frame: Frame) -> OrdersReading:
    orders = (_read_order(row, frame=frame) for row in rows)
    latest = tuple(sorted(orders, key=lambda order: order.placed_at, reverse=True))
    return _stamp(OrdersReading, frame=frame, version=0, customer=customer, orders=latest)


def _read_order(row: OrderRow, *, frame: Frame) -> OrderRecord:
    currency = _require_currency(row.currency, frame=frame)
    return OrderRecord(
        number=row.number,
        placed_at=row.placed_at,
        status=row.status,
        total=Money(row.total, currency),
        version=row.version,
        lines=tuple(
            OrderedLine(
                sku=Sku(line.sku),
                title=line.title or line.sku,
                quantity=line.quantity,
                unit_price=Money(line.unit_price, currency),
                returned=line.returned,
            )
            for line in row.lines
        ),
    )


class CustomerShape:
    """One customer."""

    def read(
        self, *, rows: Sequence[Plain], keys: tuple[CustomerKey, ...], frame: Frame
    ) -> dict[CustomerKey, CustomerReading]:
        """The reading of the one customer who was asked about; none where the merchant has no such customer."""
        read = _convert(rows[:1], CustomerRow, frame=frame)
        return {
            key: _stamp(
                CustomerReading,
                frame=frame,
                version=row.version,
                customer=key,
                tier=row.tier or None,
                preferences=row.preferences,
                address=row.address,
                payments=_read_payments(row, frame=frame),
            )
            for key, row in zip(keys[:1], read, strict=False)
        }


def _read_payments(row: CustomerRow, *, frame: Frame) -> tuple[PaymentReference, ...] | None:
    """The references of an answer; one with a card's number in it is refused whole, so that the shop hears of it."""
    if row.payments is None:
        return None
    try:
        require_no_card(*(text for each in row.payments for text in (each.reference, each.label or "")))
    except CardNumberGiven as error:
        raise AnswerRefused(
            connector=frame.kind,
            reason="a card's number stands among its payments, where the checkout's references belong",
        ) from error
    return tuple(PaymentReference(reference=each.reference, label=each.label or "") for each in row.payments)
