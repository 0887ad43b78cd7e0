"""Which system tells an event: the key that signed it, or the address that was asked, as it is entered.

Two systems of a shop need not number what they tell alike. A key that was ended or replaced, and an address that is
another one by now, may have gone with their system: what they told is held against nobody else by its version.
"""

import hashlib

from django.db import connection

from catalog.ids import MerchantId

STANDING = """
SELECT key_id, NULL::bigint, '' FROM catalog_webhookkey WHERE merchant_id = %(merchant)s AND ends_at IS NULL
UNION ALL SELECT '', id, url FROM catalog_pollsource WHERE merchant_id = %(merchant)s AND active
"""


def name_poll(*, source: int, url: str) -> str:
    """An address that is asked: at another one another system may answer."""
    return f"poll {source}.{hashlib.blake2b(url.encode(), digest_size=4).hexdigest()}"


def list_standing(*, merchant: MerchantId) -> frozenset[str]:
    """The senders that nothing has taken the place of."""
    with connection.cursor() as cursor:
        cursor.execute(STANDING, {"merchant": merchant})
        return frozenset(
            key if source is None else name_poll(source=source, url=url)
            for key, source, url in cursor.fetchall()
        )


def share_numbers(one: str, *, other: str, standing: frozenset[str]) -> bool:
    """Whether the versions of two senders may be one system's."""
    return one == other or {one, other} <= standing
