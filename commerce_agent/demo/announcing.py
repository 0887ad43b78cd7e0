"""Word of a change, sent to the open chats."""

from celery import current_app
from kombu.exceptions import OperationalError

from catalog.events import CatalogEvent, encode_event

SPREAD = "commerce_agent.spread_catalog_event"
"""The task's name; tasks stand above the pages in the layers, so it is sent for, not imported."""


class ChatsNotTold(Exception):
    """The change stands, but the message broker cannot be reached, so no open chat hears of it now."""

    def __init__(self) -> None:
        super().__init__(
            "The change stands, but open chats were not told: the message broker does not answer. "
            "They see it at their next question. Check that Redis runs, then look at /readyz."
        )


def announce_change(event: CatalogEvent) -> None:
    """Has a worker carry a committed change into the open chats it concerns. Raises ChatsNotTold."""
    try:
        current_app.send_task(SPREAD, [encode_event(event).decode()], retry=False)
    except OperationalError as error:
        raise ChatsNotTold from error
