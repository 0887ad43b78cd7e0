"""What a number that a shop's system tells leaves to sell, once it has booked what was sold here.

A system hears of orders when it hears of them. A piece sold here counts against the numbers that are told until one of
them shows that it is booked: it says so (`booked_until`), or it is lower than the number before it, the oldest pieces
first, or it was so longer after the sale than the shop takes to book an order.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from catalog.connectors.readings import TOLD

FED = "feed"
TOLD_BY_ITSELF = ("", FED, TOLD)
"""Where an item's last number came from when no system was asked for it."""
# What is left unbooked of each; nothing: it is booked.
BOOK = """
WITH said AS (SELECT * FROM unnest(%(ids)s::bigint[], %(rests)s::int[]) AS said (id, rest)), booked AS (
  DELETE FROM catalog_unbooked u USING said WHERE u.id = said.id AND said.rest = 0
)
UPDATE catalog_unbooked u SET quantity = said.rest FROM said WHERE u.id = said.id AND said.rest > 0
"""


class Sold(msgspec.Struct, frozen=True, kw_only=True):
    """Pieces sold here that the shop's system has not booked, as far as its numbers tell."""

    id: int
    quantity: int
    at: datetime


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """What a number leaves, and what is unbooked after it, by row."""

    left: int
    rests: dict[int, int]
    """Of the rows in which it changed something; nothing: booked."""


def count_left(
    number: int,
    *,
    at: datetime,
    before: int | None,
    sold: Sequence[Sold],
    within: timedelta,
    booked_until: datetime | None = None,
) -> Counted:
    """What `number`, which was so `at`, leaves of itself; `before` is the one told before it, `sold` the oldest first.

    `within`: how long the shop takes to book an order. `booked_until`: it says that it has those from before then.
    """
    fall = 0 if before is None or booked_until is not None else max(before - number, 0)
    unbooked, rests = 0, dict[int, int]()
    for each in sold:
        rest = each.quantity
        if booked_until is not None:
            rest = 0 if each.at < booked_until else rest
        elif each.at <= at:
            rest = max(each.quantity - fall, 0)
            fall -= each.quantity - rest
            if each.at <= at - within:
                rest = 0
        if rest != each.quantity:
            rests[each.id] = rest
        unbooked += rest
    return Counted(left=max(number - unbooked, 0), rests=rests)
