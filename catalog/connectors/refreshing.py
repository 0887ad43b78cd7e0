"""Keeping offers fresh: what was read lately is read again before it runs out, so that a turn finds it warm."""

from datetime import datetime, timedelta

from catalog.connectors.assembly import Connectors
from catalog.connectors.readings import ConnectorUnavailable


async def refresh_recent_offers(*, connectors: Connectors, now: datetime, within: timedelta) -> int:
    """Reads anew every offer that was asked for in the last ten minutes and runs out `within` this time.

    Answers how many. A source that is down is passed over: its last answers stand, marked with their age.
    """
    refreshed = 0
    for merchant in await connectors.fresh_stock.list_readers(now=now):
        for fresh in (connectors.fresh_stock, connectors.fresh_price):
            try:
                refreshed += await fresh.refresh_recent(merchant=merchant, now=now, within=within)
            except ConnectorUnavailable:
                continue
    return refreshed
