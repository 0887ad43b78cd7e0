"""Small things shown in lists: a picture, a stock level, an amount of money, a moment."""

from datetime import datetime

from django.db.models import QuerySet, Sum
from django.utils.html import format_html
from django.utils.safestring import SafeString
from moneyed import Money
from moneyed.l10n import format_money

from catalog.models import Availability, Order, StockLevel, Variant

LOW_STOCK = 5


def show_picture(*, address: str, size: int = 40) -> SafeString:
    """A square picture that loads when it is scrolled to; an empty square where there is none."""
    if not address:
        return format_html('<span class="ca-thumb" style="width:{0}px;height:{0}px"></span>', size)
    return format_html(
        '<img class="ca-thumb" src="{}" alt="" width="{}" height="{}" loading="lazy">', address, size, size
    )


def show_titled(*, address: str, title: str) -> SafeString:
    """A title beside its picture."""
    return format_html(
        '<span class="ca-titled">{}<span>{}</span></span>', show_picture(address=address), title
    )


def show_money(money: Money | None) -> str:
    """An amount as people write it: $89.00."""
    return format_money(money, locale="en_US") if money is not None else ""


def show_sums(orders: "QuerySet[Order]") -> str:
    """What orders came to together, by currency; empty where there is none."""
    sums = orders.order_by().values_list("total_currency").annotate(sum=Sum("total"))
    return ", ".join(show_money(Money(total, currency)) for currency, total in sorted(sums))


def show_price(variant: Variant) -> SafeString:
    """What it costs, with the price it was reduced from."""
    if variant.sale_price is None:
        return format_html("{}", show_money(variant.price))
    return format_html(
        '{} <s class="ca-faint">{}</s>', show_money(variant.sale_price), show_money(variant.price)
    )


def describe_stock(*, availability: str, level: StockLevel | None) -> tuple[str, str]:
    """A mood for the colour (`good`, `low`, `none`, `unknown`) and the words beside it."""
    if level is not None and level.quantity is not None:
        if level.quantity == 0:
            return "none", "Sold out"
        return ("low" if level.quantity <= LOW_STOCK else "good"), f"{level.quantity} in stock"
    moods = {
        Availability.IN_STOCK: "good",
        Availability.OUT_OF_STOCK: "none",
        Availability.UNKNOWN: "unknown",
    }
    known = Availability(availability) if availability in Availability.values else Availability.UNKNOWN
    return moods.get(known, "low"), f"{known.label}, not counted"


def show_stock(variant: Variant) -> SafeString:
    """The stock of a variant with a dot of its colour; the words alone say it too."""
    level = getattr(variant, "stock", None)
    mood, words = describe_stock(availability=variant.availability, level=level)
    return show_badge(mood=mood, words=words)


def show_badge(*, mood: str, words: str) -> SafeString:
    """Words with a dot of the mood's colour before them."""
    return format_html('<span class="ca-badge ca-{}">{}</span>', mood, words)


def show_moment(at: datetime | None) -> SafeString:
    """When something was, to the minute; the second when the pointer rests on it."""
    if at is None:
        return format_html("{}", "–")
    return format_html(
        '<time class="ca-moment" datetime="{}" title="{}">{}</time>',
        at.isoformat(),
        f"{at:%d %b %Y, %H:%M:%S} UTC",
        f"{at.day} {at:%b %Y, %H:%M} UTC",
    )
