"""How orders are asked for over HTTP: the calls of the merchant API, which a merchant's own system may answer too.

Each is a POST of JSON to an address ending in its name; what has an effect carries `Idempotency-Key`. Answers are 200
with one field that says what came of it: `{"placed": {...}}`, `{"refused": {...}}`. Money is `"89.00 USD"`.
"""

from decimal import Decimal, InvalidOperation
from typing import Literal, TypeVar

import msgspec
from moneyed import CurrencyDoesNotExist, Money, get_currency

from catalog.ids import MerchantId, Sku
from catalog.orders.records import (
    Change,
    ChangeAltered,
    ChangeChecked,
    ChangeMade,
    ChangeRefused,
    LineChange,
    OrderItem,
    OrderPlaced,
    OrderRecord,
    OrderRefused,
    Reserved,
    TotalChange,
)
from commerce_agent.decoding import decode_json

Body = TypeVar("Body", bound=msgspec.Struct)
Done = TypeVar("Done", OrderPlaced, ChangeMade)
Call = Literal["reservations", "orders", "checks", "changes", "outcomes"]
CALLS: tuple[Call, ...] = ("reservations", "orders", "checks", "changes", "outcomes")
KEY_HEADER = "idempotency-key"
LONGEST_KEY = 100


class NoWireForm(Exception):
    """A call or an answer holds a value of a type that nothing here writes. Its developer says how, beside money."""

    def __init__(self, *, kind: str) -> None:
        super().__init__(f"A call holds a {kind}, and nothing says how that is sent and read again.")
        self.kind = kind


class OrderCall(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Body of `reservations` and `orders`."""

    lines: tuple[OrderItem, ...]
    total: Money | None = None
    tier: str | None = None
    codes: tuple[str, ...] = ()
    customer: str | None = None
    address: str = ""
    payment_method: str = ""


class ChangeCall(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Body of `checks` and `changes`; `amount` is what was told, below nothing where it goes back."""

    customer: str
    change: Change
    amount: Money | None = None
    tier: str | None = None
    codes: tuple[str, ...] = ()


class OutcomeCall(msgspec.Struct, frozen=True, kw_only=True):
    """Body of `outcomes`: which key is asked about."""

    key: str


class RefusedLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What of a line is not as told: its price, how many there are, or that it is gone."""

    sku: Sku
    kind: Literal["price", "stock", "gone"]
    wanted_price: Money | None = None
    actual_price: Money | None = None
    wanted: int | None = None
    actual: int | None = None


class Refused(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Nothing was ordered, because of these."""

    changes: tuple[RefusedLine, ...] = ()
    total: TotalChange | None = None


class DeskAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What came of a call: one of these, or none where `outcomes` knows of nothing."""

    reserved: Reserved | None = None
    placed: OrderPlaced | None = None
    refused: Refused | None = None
    checked: ChangeChecked | None = None
    made: ChangeMade | None = None
    altered: ChangeAltered | None = None
    not_changed: ChangeRefused | None = None
    order: OrderRecord | None = None


def write_refused(refused: OrderRefused) -> Refused:
    """What is not as told, as it is sent."""
    return Refused(changes=tuple(map(_write_change, refused.changes)), total=refused.total)


def read_refused(refused: Refused) -> OrderRefused:
    """What is not as told, as it came."""
    return OrderRefused(changes=tuple(map(_read_change, refused.changes)), total=refused.total)


def _write_change(change: LineChange) -> RefusedLine:
    line = RefusedLine(sku=change.sku, kind=change.kind)
    if isinstance(change.wanted, Money) and isinstance(change.actual, Money):
        return msgspec.structs.replace(line, wanted_price=change.wanted, actual_price=change.actual)
    wanted, actual = (each if isinstance(each, int) else None for each in (change.wanted, change.actual))
    return msgspec.structs.replace(line, wanted=wanted, actual=actual)


def _read_change(line: RefusedLine) -> LineChange:
    if line.kind == "price":
        return LineChange(sku=line.sku, kind="price", wanted=line.wanted_price, actual=line.actual_price)
    return LineChange(sku=line.sku, kind=line.kind, wanted=line.wanted, actual=line.actual)


def write(value: msgspec.Struct) -> bytes:
    """The JSON of a call or an answer."""
    return msgspec.json.encode(value, enc_hook=_write_money)


def read_call(body: bytes, shape: type[Body]) -> Body:
    """A call. Raises msgspec.ValidationError or msgspec.DecodeError."""
    return decode_json(body, shape, dec_hook=_read_money)


def read_answer(body: bytes, *, merchant: MerchantId) -> DeskAnswer:
    """An answer; whatever it names, its changes are of the merchant that was asked for. Raises msgspec.DecodeError."""
    answer = decode_json(body, DeskAnswer, dec_hook=_read_money)
    return msgspec.structs.replace(
        answer, placed=_own(answer.placed, merchant=merchant), made=_own(answer.made, merchant=merchant)
    )


def _own(done: Done | None, *, merchant: MerchantId) -> Done | None:
    if done is None:
        return None
    changes = tuple(msgspec.structs.replace(change, merchant=merchant) for change in done.changes)
    return msgspec.structs.replace(done, changes=changes)


def _write_money(value: object) -> str:
    if isinstance(value, Money):
        return f"{value.amount} {value.currency.code}"
    raise NoWireForm(kind=type(value).__name__)


def _read_money(kind: type, value: object) -> Money:
    if kind is not Money:
        raise NoWireForm(kind=kind.__name__)
    amount, _, currency = str(value).partition(" ")
    problem = f"{value!r} is no sum of money such as 89.00 USD"
    try:
        money = Money(Decimal(amount), get_currency(currency))
    except (InvalidOperation, CurrencyDoesNotExist) as error:
        raise ValueError(problem) from error
    if not money.amount.is_finite():
        raise ValueError(problem)
    return money
