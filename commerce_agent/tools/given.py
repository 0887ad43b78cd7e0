"""What a shop's own system says of a customer, in the words of the profile: where orders go, and what pays them."""

from datetime import timedelta
from hashlib import sha256

from catalog.connectors import CustomerReading
from conversations.shoppers import Kept, Kind

GIVEN_LASTS = timedelta(days=365)
NOTHING: frozenset[Kind] = frozenset()


def read_given(reading: CustomerReading | None) -> tuple[tuple[Kept, ...], frozenset[Kind]]:
    """What it says, and of which kinds it says anything at all: of the others what is kept stays.

    A last answer that stands in for the system says nothing.
    """
    if reading is None or reading.stale:
        return (), NOTHING
    kinds: set[Kind] = set()
    news: list[Kept] = []
    if reading.address is not None:
        kinds.add("address")
        if reading.address.strip():
            news.append(_keep(reading, kind="address", topic="address", value=reading.address.strip()))
    if reading.payments is not None:
        kinds.add("payment")
        for each in reading.payments:
            # What stays in the profile after the shopper took it out is a digest, and never the reference.
            digest = sha256(each.reference.encode()).hexdigest()[:16]
            news.append(
                _keep(reading, kind="payment", topic=digest, value=each.reference, name=each.label.strip())
            )
    return tuple(news), frozenset(kinds)


def _keep(reading: CustomerReading, *, kind: Kind, topic: str, value: str, name: str = "") -> Kept:
    return Kept(
        id="",
        kind=kind,
        topic=topic,
        value=value,
        name=name,
        source="merchant",
        at=reading.observed_at,
        expires_at=reading.observed_at + GIVEN_LASTS,
    )
