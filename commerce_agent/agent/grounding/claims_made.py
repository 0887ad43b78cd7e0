"""What a claim is."""

from decimal import Decimal
from typing import Literal

import msgspec

Kind = Literal[
    "money",
    "percent",
    "count",
    "period",
    "stock",
    "date",
    "code",
    "sku",
    "free",
    "promise",
    "name",
    "comparison",
    "property",
    "number",
    "order",
    "cart",
]


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """One claim. `values` are the readings of its number; of a date they are month and day."""

    kind: Kind
    text: str
    start: int
    values: tuple[Decimal, ...] = ()
    currencies: tuple[str, ...] = ()
    """Those that the sum may be in; empty where the words leave it open."""
    unit: str = ""
    """The unit of a period; `left` of a count of what there is to buy;
     `in` or `out` of a stock word; a name of a day; the meaning of a promise; how a price
    compares, as `cheaper_than`; `off` of a part that is taken off;
    what of a property: whether it is so, of which sort it is, and which one.
    """
    least: bool = False
    """More than this many."""
