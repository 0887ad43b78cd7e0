"""Taking orders over HTTP: each call reads its body, asks the desk and says what came of it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

import msgspec

from catalog.cards import CardNumberGiven
from catalog.ids import MerchantId
from catalog.orders import ChangeWish, EmptyOrder, OrderDesk, OrderWish, Place, wire
from catalog.orders.records import (
    ChangeAltered,
    ChangeChecked,
    ChangeMade,
    ChangeRefused,
    OrderPlaced,
    OrderRefused,
    Reserved,
)
from catalog.pricing import PriceContext

MOST_SECONDS = 10.0
"""Whoever waits for locks longer is ended, and what it began is rolled back: nobody listens any more by then."""
MAKING = ("orders", "changes")
"""Calls after which something stands."""
KEYED = ("reservations", "orders", "changes")
"""Calls with an effect, which need an Idempotency-Key."""


class CallRefused(Exception):
    """A call cannot be read. Its message says what to send."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A call as it came."""

    merchant: MerchantId
    call: wire.Call
    body: bytes
    key: str = ""
    now: datetime


async def answer_call(desk: OrderDesk, request: Request) -> wire.DeskAnswer:
    """What came of the call. Raises CallRefused, ConnectorUnavailable, TimeoutError."""
    if request.call in KEYED and not 0 < len(request.key) <= wire.LONGEST_KEY:
        raise CallRefused(f"Idempotency-Key is missing, or longer than {wire.LONGEST_KEY} characters.")
    try:
        async with asyncio.timeout(MOST_SECONDS):
            return await _ANSWERS[request.call](desk, request)
    except (msgspec.ValidationError, msgspec.DecodeError, EmptyOrder, CardNumberGiven) as error:
        raise CallRefused(str(error)) from error


async def _reserve(desk: OrderDesk, request: Request) -> wire.DeskAnswer:
    came = await desk.reserve(_read_order(request), merchant=request.merchant)
    return _say_order(came)


async def _place(desk: OrderDesk, request: Request) -> wire.DeskAnswer:
    came = await desk.place(_read_order(request), merchant=request.merchant)
    return _say_order(came)


async def _check(desk: OrderDesk, request: Request) -> wire.DeskAnswer:
    came = await desk.check(_read_change(request), merchant=request.merchant)
    return _say_change(came)


async def _make(desk: OrderDesk, request: Request) -> wire.DeskAnswer:
    wish = _read_change(request)
    if wish.amount is None:
        raise CallRefused("A change names the amount that was told.")
    return _say_change(await desk.make(wish, merchant=request.merchant))


async def _find(desk: OrderDesk, request: Request) -> wire.DeskAnswer:
    key = wire.read_call(request.body, wire.OutcomeCall).key
    order = await desk.find_placed(merchant=request.merchant, token=key)
    made = await desk.find_made(merchant=request.merchant, token=key)
    return wire.DeskAnswer(order=order, made=made)


def _read_order(request: Request) -> OrderWish:
    call = wire.read_call(request.body, wire.OrderCall)
    return OrderWish(
        lines=call.lines,
        total=call.total,
        context=PriceContext(now=request.now, tier=call.tier, codes=call.codes),
        token=request.key,
        place=Place(customer_key=call.customer, address=call.address, payment_method=call.payment_method),
    )


def _read_change(request: Request) -> ChangeWish:
    call = wire.read_call(request.body, wire.ChangeCall)
    return ChangeWish(
        customer_key=call.customer,
        change=call.change,
        amount=call.amount,
        context=PriceContext(now=request.now, tier=call.tier, codes=call.codes),
        token=request.key,
    )


def _say_order(came: Reserved | OrderPlaced | OrderRefused) -> wire.DeskAnswer:
    match came:
        case Reserved():
            return wire.DeskAnswer(reserved=came)
        case OrderPlaced():
            return wire.DeskAnswer(placed=came)
        case OrderRefused():
            return wire.DeskAnswer(refused=wire.write_refused(came))


def _say_change(came: ChangeChecked | ChangeMade | ChangeAltered | ChangeRefused) -> wire.DeskAnswer:
    match came:
        case ChangeChecked():
            return wire.DeskAnswer(checked=came)
        case ChangeMade():
            return wire.DeskAnswer(made=came)
        case ChangeAltered():
            return wire.DeskAnswer(altered=came)
        case ChangeRefused():
            return wire.DeskAnswer(not_changed=came)


_ANSWERS: Mapping[wire.Call, Callable[[OrderDesk, Request], Awaitable[wire.DeskAnswer]]] = {
    "reservations": _reserve,
    "orders": _place,
    "checks": _check,
    "changes": _make,
    "outcomes": _find,
}
