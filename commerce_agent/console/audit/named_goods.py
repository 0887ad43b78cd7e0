"""Which item somebody means who types its name instead of its SKU."""

import operator
from collections.abc import Collection
from functools import reduce
from uuid import UUID

import msgspec
from django.db.models import Q, QuerySet

from catalog.models import Variant
from commerce_agent.console.audit.why_not import read_name

MOST_NAMED = 5


class NamedGoods(msgspec.Struct, frozen=True, kw_only=True):
    """The item that was meant, or those that it could be."""

    sku: str
    """As the shop writes it; what was typed, where the shop has nothing of that name or several things have it."""
    several: tuple[tuple[str, str], ...] = ()
    """SKU and name of some of these."""


def find_goods(asked: str, *, merchant: UUID, shown: Collection[str]) -> NamedGoods:
    """The item of a shop by its SKU or its name; one that the conversation has shown comes before others. `shown` has
    the SKUs of those.
    """
    own = Variant.objects.filter(merchant=merchant)
    if sku := own.filter(sku=asked).values_list("sku", flat=True).first():
        return NamedGoods(sku=sku)
    if sku := own.filter(sku__iexact=asked).values_list("sku", flat=True).first():
        return NamedGoods(sku=sku)
    name = read_name(asked)
    words = name.casefold().replace(",", " ").split()
    if not words:
        return NamedGoods(sku=asked)
    has_all = reduce(operator.and_, (_has(word) for word in words))
    named = own.filter(has_all).order_by("position", "sku")
    found = _list_names(named.filter(sku__in=list(shown))) or _list_names(named)
    exact = {sku: title for sku, title in found.items() if title.casefold() == name.casefold()}
    likely = exact or found
    if len(likely) == 1:
        return NamedGoods(sku=next(iter(likely)))
    return NamedGoods(sku=asked, several=tuple(likely.items())[:MOST_NAMED])


def _has(word: str) -> Q:
    return Q(title__icontains=word) | Q(color__icontains=word) | Q(size__iexact=word)


def _list_names(rows: "QuerySet[Variant]") -> dict[str, str]:
    told = rows.values_list("sku", "title", "color", "size")[: MOST_NAMED + 1]
    return {
        sku: ", ".join(dict.fromkeys(filter(None, (title, color, size)))) for sku, title, color, size in told
    }
