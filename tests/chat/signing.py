"""A shop that vouches for its shoppers, as its own server would."""

import json
import time
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from joserfc import jwt
from joserfc.jwk import OctKey

from catalog.ids import MerchantId
from catalog.models import Merchant
from commerce_agent.identity.keys import make_identity_key
from commerce_agent.models import IdentityKey
from commerce_agent.signing_keys import NewKey


def give_key(merchant: Merchant, *, name: str = "Shop front", public_key: str = "") -> NewKey[IdentityKey]:
    """An identity key of the merchant's."""
    return make_identity_key(
        merchant=MerchantId(str(merchant.pk)), name=name, public_key=public_key, at=datetime.now(UTC)
    )


def claim(merchant: Merchant, *, sub: str = "C-1", **changes: Any) -> dict[str, Any]:
    """The claims of a good token; None leaves one out."""
    claims = {
        "sub": sub,
        "aud": merchant.key,
        "exp": int(time.time()) + 300,
        "jti": uuid.uuid4().hex,
        **changes,
    }
    return {name: value for name, value in claims.items() if value is not None}


def sign(key: NewKey[IdentityKey], claims: dict[str, Any], **header: Any) -> str:
    """A token under a secret of ours."""
    return jwt.encode(
        {"alg": "HS256", "kid": key.row.key_id, **header}, claims, OctKey.import_key(key.secret)
    )


def compact(header: dict[str, Any], claims: dict[str, Any], make: Callable[[bytes], bytes]) -> str:
    """A token as its bytes are, whatever a library thinks of it."""

    def pack(octets: bytes) -> str:
        return urlsafe_b64encode(octets).rstrip(b"=").decode()

    signed = f"{pack(json.dumps(header).encode())}.{pack(json.dumps(claims).encode())}"
    return f"{signed}.{pack(make(signed.encode()))}"
