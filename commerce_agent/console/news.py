"""Tells the open conversations, and the search, what was changed here."""

from functools import partial

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from catalog.events import CatalogEvent, encode_event
from catalog.ids import MerchantId
from catalog.tasks import index_products

SPREAD = "commerce_agent.spread_catalog_event"
"""The task's name; tasks stand above the pages in the layers, so it is sent for, not imported."""

log = structlog.get_logger(__name__)


def announce(event: CatalogEvent) -> None:
    """Has a worker carry the event to the conversations it concerns, once the change is committed.

    Without a broker the change stands all the same, and a chat sees it at its next question.
    """
    transaction.on_commit(partial(_send_event, encode_event(event).decode()))


def request_indexing(*, merchant: MerchantId) -> None:
    """Has a worker bring the search up to date with the shop's words, once the change is committed."""
    transaction.on_commit(partial(_send_indexing, merchant))


def _send_event(encoded: str) -> None:
    try:
        current_app.send_task(SPREAD, args=[encoded], retry=False)
    except OperationalError:
        log.warning("news.not_sent", task=SPREAD)


def _send_indexing(merchant: MerchantId) -> None:
    try:
        index_products.apply_async(kwargs={"merchant": merchant}, retry=False)
    except OperationalError:
        log.warning("news.not_sent", task=index_products.name)
