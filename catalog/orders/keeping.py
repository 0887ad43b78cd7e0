"""What runs beside the shoppers: setting-asides that ran out, an order's way as the shop tells it, erasure."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import QuerySet
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from catalog.errors import CatalogError
from catalog.ids import MerchantId
from catalog.inventory import release_excess
from catalog.models import (
    AddressKey,
    ChangeKind,
    Customer,
    Order,
    OrderChange,
    OrderStatus,
    PaymentMeans,
    Reservation,
    Unbooked,
)
from catalog.orders.addresses import OWN_PLACE, Keys, get_seal, name_owner, name_place

LONG_BOOKED = timedelta(days=60)
"""Twice as long as any shop may take to book an order."""
MOVE_HOUSE = """
INSERT INTO catalog_customer (merchant_id, key, sealed_address) VALUES (%(merchant)s, %(customer)s, %(address)s)
ON CONFLICT (merchant_id, key) DO UPDATE SET sealed_address = excluded.sealed_address,
  version = catalog_customer.version + 1
"""
FORGET_DETAILS = """
UPDATE catalog_orderchange SET detail = detail - 'address' - 'method' - 'reason' WHERE order_id = ANY(%(orders)s)
"""
FORGET_METHODS = "UPDATE catalog_payment SET method = '' WHERE order_id = ANY(%(orders)s)"


class UnknownOrder(CatalogError):
    """The shop has no order of this number."""

    def __init__(self, *, number: str) -> None:
        super().__init__(f"The shop has no order {number!r}. Look its number up under Orders.")
        self.number = number


def sweep_reservations(*, now: datetime) -> int:
    """Lets go of what was set aside for orders that never came, and of what no shelf holds. Answers how many."""
    over, _ = Reservation.objects.filter(expires_at__lte=now).delete()
    Unbooked.objects.filter(sold_at__lte=now - LONG_BOOKED).delete()
    return over + release_excess()


def set_order_status(*, merchant: MerchantId, number: str, status: OrderStatus, at: datetime) -> None:
    """The order is in this state now, as the shop's own system says. Raises UnknownOrder."""
    with transaction.atomic():
        order = Order.objects.select_for_update().filter(merchant_id=merchant, number=number).first()
        if order is None:
            raise UnknownOrder(number=number)
        if order.status == status:
            return
        before, order.status = order.status, status
        if status == OrderStatus.DELIVERED and order.delivered_at is None:
            order.delivered_at = at
        order.save(update_fields=["status", "delivered_at"])
        OrderChange.objects.create(
            merchant_id=merchant,
            order=order,
            kind=ChangeKind.STATUS,
            at=at,
            detail={"from": before, "to": str(status)},
        )


async def set_customer_address(
    lent: AsyncConnection[TupleRow], *, merchant: MerchantId, customer_key: str, address: str, keys: Keys
) -> None:
    """Where the customer's next orders go; orders that were placed stay as they are. Raises NoSealingKey."""
    owner = name_owner(customer_key=customer_key, number="")
    seal = await get_seal(lent, merchant=merchant, owner=owner, keys=keys)
    sealed = seal.seal(address.strip(), place=OWN_PLACE)
    await lent.execute(MOVE_HOUSE, {"merchant": merchant, "customer": customer_key, "address": sealed})


def forget_customer(*, merchant: MerchantId, customer_key: str) -> int:
    """Takes the customer out of the orders, which stay for the books; addresses and means go. Says how many."""
    with transaction.atomic():
        mine = Order.objects.filter(merchant_id=merchant, customer_key=customer_key)
        Customer.objects.filter(merchant_id=merchant, key=customer_key).delete()
        owner = name_owner(customer_key=customer_key, number="")
        AddressKey.objects.filter(merchant_id=merchant, owner=owner).delete()
        PaymentMeans.objects.filter(merchant_id=merchant, customer_key=customer_key).delete()
        return _take_person_out(mine)


def forget_orders(*, merchant: MerchantId, numbers: Collection[str]) -> int:
    """The same for orders that nobody known has placed, by their numbers; each had a key of its own, which goes."""
    with transaction.atomic():
        theirs = Order.objects.filter(merchant_id=merchant, number__in=numbers, customer_key=None)
        owners = [name_place(number) for number in theirs.values_list("number", flat=True)]
        AddressKey.objects.filter(merchant_id=merchant, owner__in=owners).delete()
        return _take_person_out(theirs)


def _take_person_out(orders: QuerySet[Order]) -> int:
    asked = {"orders": list(orders.values_list("pk", flat=True))}
    with connection.cursor() as cursor:
        cursor.execute(FORGET_DETAILS, asked)
        cursor.execute(FORGET_METHODS, asked)
    return orders.update(customer_key=None, sealed_address=b"", payment_method="")
