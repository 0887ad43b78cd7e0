"""What runs beside the shoppers: setting-asides that ran out, an order's way as the shop tells it, erasure."""

from datetime import datetime

from django.db import transaction

from catalog.errors import CatalogError
from catalog.ids import MerchantId
from catalog.inventory import release_excess
from catalog.models import ChangeKind, Customer, Order, OrderChange, OrderStatus, Reservation


class UnknownOrder(CatalogError):
    """The shop has no order of this number."""

    def __init__(self, *, number: str) -> None:
        super().__init__(f"The shop has no order {number!r}. Look its number up under Orders.")
        self.number = number


def sweep_reservations(*, now: datetime) -> int:
    """Lets go of what was set aside for orders that never came, and of what no shelf holds. Answers how many."""
    over, _ = Reservation.objects.filter(expires_at__lte=now).delete()
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
            told=True,
            detail={"from": before, "to": str(status)},
        )


def set_customer_address(*, merchant: MerchantId, customer_key: str, address: str) -> None:
    """Where the customer's next orders go; orders that were placed stay as they are."""
    Customer.objects.update_or_create(
        merchant_id=merchant, key=customer_key, defaults={"address": address.strip()}
    )


def forget_customer(*, merchant: MerchantId, customer_key: str) -> int:
    """Takes the customer out of the orders, which stay for the books, with the addresses; says how many."""
    with transaction.atomic():
        mine = Order.objects.filter(merchant_id=merchant, customer_key=customer_key)
        OrderChange.objects.filter(order__in=mine, kind=ChangeKind.ADDRESS).update(detail={})
        Customer.objects.filter(merchant_id=merchant, key=customer_key).delete()
        return mine.update(customer_key=None, address="", payment_method="")
