"""What differs between the kinds of systems: how long an answer is fresh, and how old a last answer may be."""

from datetime import timedelta

import msgspec

from catalog.connectors.readings import Kind


class Tier(msgspec.Struct, frozen=True, kw_only=True):
    """How volatile a kind of answer is."""

    fresh_seconds: tuple[float, float]
    """Fresh for so long, spread between the two."""
    max_age: timedelta
    """A last answer that is older counts as unknown."""
    copy_age: timedelta | None = None
    """The same for what a last resort has of it, where that differs: a price of a feed is told however old it is,
    with its age, since without one there is nothing to show.
    """
    most_at_once: int = 100


TIERS: dict[Kind, Tier] = {
    "inventory": Tier(fresh_seconds=(30, 60), max_age=timedelta(hours=4)),
    "pricing": Tier(fresh_seconds=(30, 60), max_age=timedelta(hours=24), copy_age=timedelta(days=3650)),
    "promotions": Tier(fresh_seconds=(60, 120), max_age=timedelta(hours=24)),
    "orders": Tier(fresh_seconds=(15, 30), max_age=timedelta(hours=24)),
    "customers": Tier(fresh_seconds=(300, 600), max_age=timedelta(days=7)),
    "catalogue": Tier(fresh_seconds=(600, 900), max_age=timedelta(days=7)),
    "policies": Tier(fresh_seconds=(600, 900), max_age=timedelta(days=7)),
}
HISTORY = Tier(fresh_seconds=(15, 30), max_age=timedelta(hours=24))
"""What a customer bought and sent back: asked of the customers connector, and as volatile as orders are."""
