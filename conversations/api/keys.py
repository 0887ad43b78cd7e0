"""API keys: made once, shown once, stored as a hash, revoked at any time."""

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from django.db.models import Q

from conversations.ids import MerchantId
from conversations.models import ApiKey

MARK = "ca"
PREFIX_BYTES = 4
SECRET_BYTES = 32
"""256 random bits: nobody guesses them, so a plain SHA-256 keeps them as well as a slow hash would."""
USE_NOTED = timedelta(minutes=1)
"""The last use is written down at most this often, so that reading does not become writing."""


class KeyRefused(Exception):
    """The key is unknown, mistyped or revoked: make a new one in the admin."""

    def __init__(self) -> None:
        super().__init__("This API key is unknown or revoked: make a new one in the admin.")


class GrantedKey(msgspec.Struct, frozen=True, kw_only=True):
    """A new key. Its secret is nowhere else: whoever made it must be shown it now."""

    secret: str
    row: ApiKey


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks: a merchant's system, by its key."""

    key: UUID
    merchant: MerchantId
    may_write: bool
    per_minute: int

    @property
    def is_authenticated(self) -> bool:
        """True: a caller exists only for a good key."""
        return True


def grant_key(
    *, merchant: MerchantId, name: str, scope: ApiKey.Scope, at: datetime, per_minute: int = 600
) -> GrantedKey:
    """Makes a key for a merchant."""
    prefix = f"{MARK}_{secrets.token_hex(PREFIX_BYTES)}"
    secret = f"{prefix}_{secrets.token_urlsafe(SECRET_BYTES)}"
    row = ApiKey.objects.create(
        merchant_id=UUID(merchant),
        name=name,
        prefix=prefix,
        digest=_digest(secret),
        scope=scope,
        requests_per_minute=per_minute,
        created_at=at,
    )
    return GrantedKey(secret=secret, row=row)


def get_caller(*, secret: str, at: datetime) -> Caller:
    """Who a key speaks for, and notes that it was used. Raises `KeyRefused`."""
    row = ApiKey.objects.filter(digest=_digest(secret), revoked_at__isnull=True).first()
    if row is None:
        raise KeyRefused
    if row.last_used_at is None or row.last_used_at <= at - USE_NOTED:
        earlier = Q(last_used_at__isnull=True) | Q(last_used_at__lt=at)
        ApiKey.objects.filter(earlier, pk=row.pk).update(last_used_at=at)
    return Caller(
        key=row.id,
        merchant=MerchantId(str(row.merchant_id)),
        may_write=row.scope == ApiKey.Scope.WRITE,
        per_minute=row.requests_per_minute,
    )


def revoke_keys(*, ids: tuple[UUID, ...], at: datetime) -> int:
    """Ends keys at once; answers how many were still good."""
    return ApiKey.objects.filter(pk__in=ids, revoked_at__isnull=True).update(revoked_at=at)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
