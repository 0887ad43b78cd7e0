"""Orders of the blue boots, in the words of a test."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from moneyed import Money

from catalog.connectors import Allowed, Connectors
from catalog.ids import MerchantId
from catalog.models import Order, StockLevel
from catalog.orders import (
    CancelOrder,
    ChangeWish,
    OrderItem,
    OrderWish,
    Place,
)
from catalog.pricing import PriceContext
from tests.catalog.conftest import BLUE, GOLD, NOW

HERE = Allowed(networks=("127.0.0.0/8",))
KEYS = settings.KEY_ENCRYPTION_KEYS
BOOKED_WITHIN = timedelta(hours=24)
PRICE = Money("89.00", "USD")
Build = Callable[..., Connectors]


def wish(
    token: str, *, quantity: int = 1, price: Money = PRICE, customer: str | None = GOLD, now: datetime = NOW
) -> OrderWish:
    return OrderWish(
        lines=(OrderItem(sku=BLUE, quantity=quantity, unit_price=price),),
        total=price * quantity,
        context=PriceContext(now=now),
        token=token,
        place=Place(customer_key=customer),
    )


def change(number: str, *, token: str = "", amount: Money | None = None) -> ChangeWish:
    return ChangeWish(
        customer_key=GOLD,
        change=CancelOrder(number=number, reason="no longer needed"),
        context=PriceContext(now=NOW),
        token=token,
        amount=amount,
    )


async def read_left(merchant: MerchantId) -> int | None:
    level = await StockLevel.objects.aget(variant__merchant_id=merchant, variant__sku=BLUE)
    return level.quantity


async def count_orders(merchant: MerchantId) -> int:
    return await Order.objects.filter(merchant_id=merchant).exclude(number="1001").acount()
