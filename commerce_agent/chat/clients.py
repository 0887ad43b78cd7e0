"""Which widget speaks, and on which of the shop's sites: for the log and the counts, and for nothing else.

A hello says whose loader it is, and no time zone. `client` is counted (`commerce_chat_hellos_total`) and logged, as
far as it is one of what is known: the loader's version and one of the shop's own origins. Times of day are written
by the widget in the browser's own zone; the server tells days alone.
"""

import structlog

from commerce_agent.chat.fields import Client
from commerce_agent.chat.merchants import Shop
from commerce_agent.observing.metrics import HELLOS

LOADER_VERSION = "1"
"""What `static/loader.js` says of itself: the one file that a shop may have copied, and that then grows old."""

log = structlog.get_logger(__name__)


def note_client(client: Client | None, *, shop: Shop) -> None:
    """Counts whose loader it is, and notes the site. Anybody may say anything here, so only what is known is noted."""
    said = client or Client()
    loader = "current" if said.v == LOADER_VERSION else "other" if said.v else "none"
    site = next((origin for origin in shop.origins if f"{said.page}/".startswith(f"{origin}/")), "")
    HELLOS.labels(loader).inc()
    log.info("chat.hello", loader=loader, site=site)
