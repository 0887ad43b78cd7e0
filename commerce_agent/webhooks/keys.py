"""Webhook keys: made once, shown once; a new one is good beside the one that it replaces for a while."""

import secrets
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from catalog.connectors.sealing import open_secret, seal_secret
from catalog.ids import MerchantId
from catalog.models import Merchant, WebhookKey

MARK = "wk"
SECRET_MARK = "whsec_"  # noqa: S105 - what a secret begins with
MOST_GOOD = 2
"""So many keys of a shop are good at once: the one in use and the one that takes its place."""
OVERLAP = timedelta(hours=24)
"""How long a replaced key is good beside its successor."""


class TooManyKeys(Exception):
    """A shop has two good keys already; end one of them first."""

    def __init__(self) -> None:
        super().__init__(
            "Two keys of this shop are good already, which is enough to change over: end one first."
        )


class NewKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key that was made. Its secret is nowhere else in the clear: whoever made it must be shown it now."""

    secret: str
    row: WebhookKey


def make_key(*, merchant: MerchantId, name: str, at: datetime) -> NewKey:
    """Makes a key for a shop. Raises `TooManyKeys`."""
    with transaction.atomic():
        Merchant.objects.select_for_update(of=("self",)).get(pk=merchant)
        if _good(at).filter(merchant_id=merchant).count() >= MOST_GOOD:
            raise TooManyKeys
        key_id = f"{MARK}_{secrets.token_hex(6)}"
        secret = f"{SECRET_MARK}{secrets.token_urlsafe(32)}"
        row = WebhookKey.objects.create(
            merchant_id=UUID(merchant),
            name=name,
            key_id=key_id,
            sealed_secret=_seal(secret, merchant=merchant, key_id=key_id),
            created_at=at,
        )
    return NewKey(secret=secret, row=row)


def end_keys(*, ids: tuple[UUID, ...], at: datetime) -> int:
    """Ends keys at this instant; answers how many were good until then."""
    return _good(at).filter(pk__in=ids).update(ends_at=at)


def rotate_key(*, key: WebhookKey, at: datetime) -> NewKey:
    """Makes the successor of a key, which stays good for a while. Raises `TooManyKeys`."""
    with transaction.atomic():
        made = make_key(merchant=MerchantId(str(key.merchant_id)), name=key.name, at=at)
        _good(at).filter(pk=key.pk).update(ends_at=at + OVERLAP)
    return made


def find_secret(sealed: bytes, *, merchant: str, key_id: str) -> bytes:
    """What the key signs with. Raises `SecretUnreadable`."""
    keys: dict[int, bytes] = settings.KEY_ENCRYPTION_KEYS
    return open_secret(sealed, keys=keys, merchant=merchant, kind=_name_kind(key_id)).encode()


def reseal_webhook_secrets() -> int:
    """Seals every secret under the newest key-encryption key; answers how many keys there are."""
    rows = list(WebhookKey.objects.order_by("pk"))
    for row in rows:
        merchant = str(row.merchant_id)
        secret = find_secret(bytes(row.sealed_secret), merchant=merchant, key_id=row.key_id)
        row.sealed_secret = _seal(secret.decode(), merchant=merchant, key_id=row.key_id)
        row.save(update_fields=["sealed_secret"])
    return len(rows)


def _seal(secret: str, *, merchant: str, key_id: str) -> bytes:
    keys: dict[int, bytes] = settings.KEY_ENCRYPTION_KEYS
    return seal_secret(secret, keys=keys, merchant=merchant, kind=_name_kind(key_id))


def _name_kind(key_id: str) -> str:
    return f"webhook key {key_id}"


def _good(at: datetime) -> QuerySet[WebhookKey]:
    return WebhookKey.objects.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at))
