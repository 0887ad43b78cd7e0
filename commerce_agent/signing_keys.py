"""Keys that shops sign with: made once, shown once; a new one is good beside the one that it replaces for a while."""

import secrets
from datetime import datetime, timedelta
from typing import Generic, TypeVar
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from catalog.connectors.sealing import open_secret, seal_secret
from catalog.models import Merchant, WebhookKey
from commerce_agent.models import IdentityKey

MOST_GOOD = 2
"""So many keys of a kind are good at once: the one in use and the one that takes its place."""
OVERLAP = timedelta(hours=24)
"""How long a replaced key is good beside its successor."""

Key = TypeVar("Key", WebhookKey, IdentityKey)


class TooManyKeys(Exception):
    """A shop has two good keys already; end one of them first."""

    def __init__(self) -> None:
        super().__init__(
            "Two keys of this shop are good already, which is enough to change over: end one first."
        )


class NewKey(msgspec.Struct, Generic[Key], frozen=True, kw_only=True):
    """A key that was made. Its secret is nowhere else in the clear: whoever made it must be shown it now."""

    secret: str
    """Empty where the shop keeps it."""
    row: Key


class KeyRing(Generic[Key]):
    """The keys of one kind."""

    def __init__(self, rows: type[Key], *, kind: str, mark: str, secret_mark: str) -> None:
        self._rows: type[Key] = rows
        self._kind = kind
        self._mark = mark
        self._secret_mark = secret_mark

    def make(self, row: Key, *, at: datetime, with_secret: bool = True) -> NewKey[Key]:
        """Keeps a new key of the row's shop, under an id and, mostly, a secret of its own. Raises `TooManyKeys`."""
        with transaction.atomic():
            Merchant.objects.select_for_update(of=("self",)).get(pk=row.merchant_id)
            if self._list_good(at).filter(merchant_id=row.merchant_id).count() >= MOST_GOOD:
                raise TooManyKeys
            row.key_id = f"{self._mark}_{secrets.token_hex(6)}"
            secret = f"{self._secret_mark}{secrets.token_urlsafe(32)}" if with_secret else ""
            row.sealed_secret = self._seal(secret, row=row) if secret else b""
            row.created_at = at
            row.save(force_insert=True)
        return NewKey(secret=secret, row=row)

    def rotate(self, key: Key, *, at: datetime) -> NewKey[Key]:
        """Makes a successor with a secret of a key, which stays good for a while. Raises `TooManyKeys`."""
        with transaction.atomic():
            made = self.make(self._rows(merchant_id=key.merchant_id, name=key.name), at=at)
            self._list_good(at).filter(pk=key.pk).update(ends_at=at + OVERLAP)
        return made

    def end(self, *, ids: tuple[UUID, ...], at: datetime) -> int:
        """Ends keys at this instant; answers how many were good until then."""
        return self._list_good(at).filter(pk__in=ids).update(ends_at=at)

    def open_secret(self, sealed: bytes, *, merchant: str, key_id: str) -> str:
        """What the key signs with. Raises `SecretUnreadable`."""
        keys: dict[int, bytes] = settings.KEY_ENCRYPTION_KEYS
        return open_secret(sealed, keys=keys, merchant=merchant, kind=f"{self._kind} {key_id}")

    def reseal(self) -> int:
        """Seals every secret under the newest key-encryption key; answers how many there are."""
        rows = list(self._rows.objects.exclude(sealed_secret=b"").order_by("pk"))
        for row in rows:
            merchant = str(row.merchant_id)
            secret = self.open_secret(bytes(row.sealed_secret), merchant=merchant, key_id=row.key_id)
            row.sealed_secret = self._seal(secret, row=row)
            row.save(update_fields=["sealed_secret"])
        return len(rows)

    def _seal(self, secret: str, *, row: Key) -> bytes:
        keys: dict[int, bytes] = settings.KEY_ENCRYPTION_KEYS
        return seal_secret(
            secret, keys=keys, merchant=str(row.merchant_id), kind=f"{self._kind} {row.key_id}"
        )

    def _list_good(self, at: datetime) -> QuerySet[Key]:
        return self._rows.objects.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at))
