"""The ids of facts that news mints."""

from datetime import datetime


def name_reading(what: str, *, version: int, teller: int, observed_at: datetime) -> str:
    """Names the reading, so that a turn in flight cannot mint it too, and no other reading has it: two systems that a
    shop has had may give one version to what they say, and one that numbers nothing gives none.
    """
    told = f"{what}@{teller}.{version}" if teller else f"{what}@{version}"
    return told if version else f"{told}/{observed_at.isoformat()}"
