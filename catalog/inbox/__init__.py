"""What a merchant's systems tell of themselves: taken in durably, applied in order, once."""

from catalog.inbox.applying import Applied, apply_waiting, has_waiting, list_merchants_waiting, mark_told
from catalog.inbox.items import MOST_ITEMS, BodyUnreadable, Items, Refusal, Told, read_items
from catalog.inbox.receiving import TAKEN, Receipt, Reply, record_delivery, record_refusal
from catalog.inbox.redelivering import prune_inbox, reopen_events
from catalog.inbox.senders import name_poll

__all__ = [
    "MOST_ITEMS",
    "TAKEN",
    "Applied",
    "BodyUnreadable",
    "Items",
    "Receipt",
    "Refusal",
    "Reply",
    "Told",
    "apply_waiting",
    "has_waiting",
    "list_merchants_waiting",
    "mark_told",
    "name_poll",
    "prune_inbox",
    "read_items",
    "record_delivery",
    "record_refusal",
    "reopen_events",
]
