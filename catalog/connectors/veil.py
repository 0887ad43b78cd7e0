"""What is kept of people in Redis: names that name nobody, values that open only for the key they were kept under.

What is kept of people is veiled (`veil.py`): a customer's orders, tier, address and payment references lie in Redis
under an HMAC of the customer's key, sealed for that merchant, connector and key. Whatever does not open is as if it
were not there.
"""

import hashlib
import hmac
import os
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from catalog.connectors.readings import Kind
from catalog.ids import MerchantId

PERSONAL: frozenset[Kind] = frozenset({"orders", "customers"})
"""Their keys are a merchant's customers, and so are their answers."""
NONCE_BYTES = 12


class Veil:
    """Of one connector, or of one question of it, named behind a colon.

    Without keys (a process that was given none) names and values are as they are.
    """

    def __init__(self, *, keys: Mapping[int, bytes], connector: str) -> None:
        # What is kept lives for days: after a rotation it does not open any more, and is asked for again.
        newest = keys[max(keys)] if keys and connector.partition(":")[0] in PERSONAL else None
        self._connector = connector
        self._secret = hmac.digest(newest, b"names of answers", "sha256") if newest else None
        self._cipher = AESGCM(hmac.digest(newest, b"kept answers", "sha256")) if newest else None

    @property
    def is_drawn(self) -> bool:
        """Whether anything is hidden."""
        return self._cipher is not None

    def name(self, key: str, *, merchant: MerchantId) -> str:
        """What the key goes by in Redis."""
        if self._secret is None:
            return key
        return hmac.new(self._secret, self._bind(key, merchant=merchant), hashlib.sha256).hexdigest()

    def seal(self, body: bytes, *, key: str, merchant: MerchantId) -> bytes:
        """The body, for this key alone."""
        if self._cipher is None:
            return body
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, body, self._bind(key, merchant=merchant))

    def open(self, kept: bytes, *, key: str, merchant: MerchantId) -> bytes | None:
        """The body of what was kept under this key; None for whatever else lies there."""
        if self._cipher is None:
            return kept
        try:
            bound = self._bind(key, merchant=merchant)
            return self._cipher.decrypt(kept[:NONCE_BYTES], kept[NONCE_BYTES:], bound)
        except (InvalidTag, ValueError):
            return None

    def _bind(self, key: str, *, merchant: MerchantId) -> bytes:
        parts = (self._connector.encode(), merchant.encode(), key.encode())
        return b"".join(len(part).to_bytes(4) + part for part in parts)
