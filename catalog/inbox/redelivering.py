"""The delivery log: applying again what could not be applied, and forgetting what is long past."""

from datetime import datetime, timedelta

from catalog.models import Delivery, ShopEvent, ShopEventStatus

KEPT_DAYS = 30
"""An event that comes again after this is a new one."""


def reopen_events(*, deliveries: tuple[int, ...]) -> int:
    """Has the refused events of these deliveries tried again; answers how many."""
    return ShopEvent.objects.filter(delivery_id__in=deliveries, status=ShopEventStatus.REFUSED).update(
        status=ShopEventStatus.WAITING, problem="", applied_at=None, told_at=None
    )


def prune_inbox(*, now: datetime) -> int:
    """Removes deliveries that are long past, with their events; answers how many."""
    old = Delivery.objects.filter(received_at__lt=now - timedelta(days=KEPT_DAYS)).exclude(
        events__status=ShopEventStatus.WAITING
    )
    ids = list(old.values_list("pk", flat=True)[:10_000])
    ShopEvent.objects.filter(delivery_id__in=ids).delete()
    Delivery.objects.filter(pk__in=ids).delete()
    return len(ids)
