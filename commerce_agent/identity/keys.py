"""Identity keys: what a shop signs its shoppers' tokens with."""

from datetime import datetime
from uuid import UUID

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from catalog.ids import MerchantId
from commerce_agent.decoding import decode_json
from commerce_agent.models import IdentityKey
from commerce_agent.signing_keys import KeyRing, NewKey

IDENTITY_KEYS = KeyRing(IdentityKey, kind="identity key", mark="ik", secret_mark="idsec_")  # noqa: S106 - how one begins


class BadPublicKey(Exception):
    """This is no Ed25519 public key. Paste the public half, as PEM or as a JWK; never the private one."""

    def __init__(self) -> None:
        super().__init__(
            "This is no Ed25519 public key. Paste the public half, as PEM or as a JWK; never the private one."
        )


def make_identity_key(
    *, merchant: MerchantId, name: str, public_key: str, at: datetime
) -> NewKey[IdentityKey]:
    """Makes a key for a shop: of EdDSA where a public key is given, else of HS256 with a fresh secret.

    Raises `TooManyKeys`, `BadPublicKey`.
    """
    public = public_key.strip()
    if public:
        read_public_key(public)
    row = IdentityKey(
        merchant_id=UUID(merchant),
        name=name,
        algorithm="EdDSA" if public else "HS256",
        public_key=public,
    )
    return IDENTITY_KEYS.make(row, at=at, with_secret=not public)


def read_public_key(text: str) -> OKPKey:
    """The Ed25519 key of what was pasted. Raises `BadPublicKey`, for a private one too."""
    try:
        key = OKPKey.import_key(decode_json(text, dict) if text.startswith("{") else text)
    except (JoseError, msgspec.MsgspecError, ValueError, TypeError, KeyError) as error:
        raise BadPublicKey from error
    if key.is_private or key.curve_name != "Ed25519":
        raise BadPublicKey
    return key
