"""Identity keys: what a shop signs its shoppers' tokens with. Made once, shown once, replaced with an overlap."""

import secrets
from datetime import datetime
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from catalog.connectors.sealing import open_secret, seal_secret
from catalog.ids import MerchantId
from catalog.models import Merchant
from commerce_agent.decoding import decode_json
from commerce_agent.models import IdentityKey
from commerce_agent.webhooks.keys import MOST_GOOD, OVERLAP, TooManyKeys

MARK = "ik"
SECRET_MARK = "idsec_"  # noqa: S105 - what a secret begins with


class BadPublicKey(Exception):
    """This is no Ed25519 public key. Paste the public half, as PEM or as a JWK; never the private one."""

    def __init__(self) -> None:
        super().__init__(
            "This is no Ed25519 public key. Paste the public half, as PEM or as a JWK; never the private one."
        )


class NewIdentityKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key that was made. Its secret is nowhere else in the clear; a public key has none."""

    secret: str
    row: IdentityKey


def make_identity_key(*, merchant: MerchantId, name: str, public_key: str, at: datetime) -> NewIdentityKey:
    """Makes a key for a shop: of EdDSA where a public key is given, else of HS256 with a fresh secret.

    Raises `TooManyKeys`, `BadPublicKey`.
    """
    public = public_key.strip()
    if public:
        read_public_key(public)
    with transaction.atomic():
        Merchant.objects.select_for_update(of=("self",)).get(pk=merchant)
        if _good(at).filter(merchant_id=merchant).count() >= MOST_GOOD:
            raise TooManyKeys
        key_id = f"{MARK}_{secrets.token_hex(6)}"
        secret = "" if public else f"{SECRET_MARK}{secrets.token_urlsafe(32)}"
        row = IdentityKey.objects.create(
            merchant_id=UUID(merchant),
            name=name,
            key_id=key_id,
            algorithm="EdDSA" if public else "HS256",
            public_key=public,
            sealed_secret=_seal(secret, merchant=merchant, key_id=key_id) if secret else b"",
            created_at=at,
        )
    return NewIdentityKey(secret=secret, row=row)


def end_identity_keys(*, ids: tuple[UUID, ...], at: datetime) -> int:
    """Ends keys at this instant; answers how many were good until then."""
    return _good(at).filter(pk__in=ids).update(ends_at=at)


def rotate_identity_key(*, key: IdentityKey, at: datetime) -> NewIdentityKey:
    """Makes an HS256 successor of a key, which stays good for a while. Raises `TooManyKeys`."""
    with transaction.atomic():
        made = make_identity_key(
            merchant=MerchantId(str(key.merchant_id)), name=key.name, public_key="", at=at
        )
        _good(at).filter(pk=key.pk).update(ends_at=at + OVERLAP)
    return made


def read_public_key(text: str) -> OKPKey:
    """The Ed25519 key of what was pasted. Raises `BadPublicKey`, for a private one too."""
    try:
        key = OKPKey.import_key(decode_json(text, dict) if text.startswith("{") else text)
    except (JoseError, msgspec.MsgspecError, ValueError, TypeError, KeyError) as error:
        raise BadPublicKey from error
    if key.is_private or key.curve_name != "Ed25519":
        raise BadPublicKey
    return key


def open_identity_secret(sealed: bytes, *, merchant: str, key_id: str) -> str:
    """What the key signs with. Raises `SecretUnreadable`."""
    return open_secret(sealed, keys=settings.KEY_ENCRYPTION_KEYS, merchant=merchant, kind=_name_kind(key_id))


def reseal_identity_secrets() -> int:
    """Seals every secret under the newest key-encryption key; answers how many there are."""
    rows = list(IdentityKey.objects.exclude(sealed_secret=b"").order_by("pk"))
    for row in rows:
        merchant = str(row.merchant_id)
        secret = open_identity_secret(bytes(row.sealed_secret), merchant=merchant, key_id=row.key_id)
        row.sealed_secret = _seal(secret, merchant=merchant, key_id=row.key_id)
        row.save(update_fields=["sealed_secret"])
    return len(rows)


def _seal(secret: str, *, merchant: str, key_id: str) -> bytes:
    return seal_secret(secret, keys=settings.KEY_ENCRYPTION_KEYS, merchant=merchant, kind=_name_kind(key_id))


def _name_kind(key_id: str) -> str:
    return f"identity key {key_id}"


def _good(at: datetime) -> QuerySet[IdentityKey]:
    return IdentityKey.objects.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at))
