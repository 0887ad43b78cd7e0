"""Which widget speaks, and on which of the shop's sites: for the log and the counts, and for nothing else."""

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
