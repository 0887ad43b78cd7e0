"""How long what is stored is kept: a class for every table and for every key in Redis, a period for every class."""

import re
from typing import Final

import msgspec


class KeptClass(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept alike."""

    days: int | None
    """None: until its shop, its owner or the operator removes it."""
    why: str


CLASSES: Final[dict[str, KeptClass]] = {
    "talk": KeptClass(days=None, why="What named shoppers said; KEEP_MONTHS, or the shop's own period."),
    "anonymous talk": KeptClass(days=None, why="The same of others; KEEP_MONTHS, or the shop's own period."),
    "shopper": KeptClass(days=None, why="Who a shopper is: until erased."),
    "profile": KeptClass(days=730, why="What is remembered: two years after something was last learnt."),
    "keys": KeptClass(days=None, why="Destroyed with what they open; the rows say that they were."),
    "handle": KeptClass(days=30, why="Brings a browser back; each has its own end."),
    "access": KeptClass(days=400, why="Who looked at what: thirteen months, and never less than twelve."),
    "hold": KeptClass(days=None, why="Legal holds and periods: the shop's decisions."),
    "books": KeptClass(
        days=None, why="Orders and payments: the shop's books; the person is taken out on erasure."
    ),
    "order of nobody": KeptClass(
        days=400, why="Where an order went that nobody known placed, and what paid it; the order stays."
    ),
    "person": KeptClass(days=None, why="Addresses and means of payment: until erased."),
    "goods": KeptClass(days=None, why="The shop's catalogue and terms; nothing of people."),
    "settings": KeptClass(days=None, why="The shop's and the operator's choices and accounts."),
    "inbox": KeptClass(days=30, why="What shops' systems told, and were told; pruned by the clock."),
    "health": KeptClass(days=400, why="Counts of connectors, changes of breakers, runs of imports."),
    "spend": KeptClass(days=400, why="What the model cost; names a shopper by an id that says nothing."),
    "session": KeptClass(days=14, why="Operators' sessions, tokens that were used; each has its own end."),
    "operator log": KeptClass(days=730, why="What operators changed in the admin."),
    "fast copy": KeptClass(days=7, why="In Redis: runs out by itself, sealed where it is of people."),
    "machinery": KeptClass(days=None, why="The framework's own tables; nothing of people."),
}

TABLES: Final[dict[str, str]] = {
    "auth_group": "settings",
    "auth_group_permissions": "settings",
    "auth_permission": "machinery",
    "catalog_brand": "goods",
    "catalog_breakerchange": "health",
    "catalog_category": "goods",
    "catalog_connector": "settings",
    "catalog_connectorcount": "health",
    "catalog_customer": "person",
    "catalog_addresskey": "person",
    "catalog_delivery": "inbox",
    "catalog_feeddraft": "goods",
    "catalog_importrun": "health",
    "catalog_latestword": "goods",
    "catalog_merchant": "settings",
    "catalog_order": "books",
    "catalog_orderattempt": "books",
    "catalog_orderchange": "books",
    "catalog_orderline": "books",
    "catalog_payment": "books",
    "catalog_paymentmeans": "person",
    "catalog_policy": "goods",
    "catalog_pollsource": "settings",
    "catalog_product": "goods",
    "catalog_promotion": "goods",
    "catalog_removeditem": "goods",
    "catalog_reservation": "books",
    "catalog_shopevent": "inbox",
    "catalog_shopvocabulary": "goods",
    "catalog_stocklevel": "goods",
    "catalog_synonym": "goods",
    "catalog_unbooked": "books",
    "catalog_variant": "goods",
    "catalog_webhookkey": "settings",
    "catalog_word": "goods",
    "commerce_agent_agentsettings": "settings",
    "commerce_agent_case": "talk",
    "commerce_agent_caseflag": "talk",
    "commerce_agent_casenote": "talk",
    "commerce_agent_casenote_mentions": "talk",
    "commerce_agent_conversationtraits": "talk",
    "commerce_agent_foundby": "talk",
    "commerce_agent_identitykey": "settings",
    "commerce_agent_listener": "settings",
    "commerce_agent_membership": "settings",
    "commerce_agent_modelspend": "spend",
    "commerce_agent_operator": "settings",
    "commerce_agent_operator_groups": "settings",
    "commerce_agent_operator_user_permissions": "settings",
    "commerce_agent_savedview": "settings",
    "commerce_agent_sending": "inbox",
    "commerce_agent_soughtinvain": "talk",
    "commerce_agent_spenttoken": "session",
    "commerce_agent_widgetlook": "settings",
    "conversations_accesshead": "access",
    "conversations_accessrecord": "access",
    "conversations_apikey": "settings",
    "conversations_conversation": "talk",
    "conversations_datakey": "keys",
    "conversations_decisionrecord": "talk",
    "conversations_document": "goods",
    "conversations_handover": "talk",
    "conversations_journalentry": "talk",
    "conversations_legalhold": "hold",
    "conversations_message": "talk",
    "conversations_opening": "talk",
    "conversations_resumehandle": "handle",
    "conversations_retentionperiod": "hold",
    "conversations_shopper": "shopper",
    "conversations_shopperindex": "shopper",
    "conversations_shopperprofile": "profile",
    "conversations_shownentity": "talk",
    "django_admin_log": "operator log",
    "django_content_type": "machinery",
    "django_migrations": "machinery",
    "django_session": "session",
}
_PARTITION: Final = re.compile(r"conversations_journal_(?:\d{4}_\d{2}|default|untimed)")

KEYS: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(pattern), kind)
    for pattern, kind in (
        (r"\{[0-9a-f-]{36}\}:(?:state|tail|turn)", "fast copy"),
        (r"\{[0-9a-f-]{36}:[0-9a-f-]{36}\}:profile", "fast copy"),
        (r"c:(?:readers|tallies)", "health"),
        (r"c:[0-9a-f-]{36}:(?:answer|mark|recent|asking|breaker|tally|limit|rate)(?::.*)?", "fast copy"),
        (r"(?:limits?|budget|throttle|work):.*", "fast copy"),
        (r"(?:1:)?api-rate:.*", "session"),
        (r"(?::1:)?api-rate:.*", "session"),
        (r"_?(?:kombu|celery|unacked).*", "machinery"),
        (r"(?:asgi|__group__|specific).*", "machinery"),
    )
)
"""What follows the platform's prefix in the names of keys."""


def find_table_class(table: str) -> str | None:
    """The class of a table; None for one that nobody has placed."""
    return "talk" if _PARTITION.fullmatch(table) else TABLES.get(table)


def find_key_class(key: str) -> str | None:
    """The class of a key in Redis, without the platform's prefix; None for one that nobody has placed."""
    return next((kind for pattern, kind in KEYS if pattern.fullmatch(key)), None)
