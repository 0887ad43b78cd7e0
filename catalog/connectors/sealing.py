"""A connector's secret at rest: sealed under the installation's keys, bound to its merchant and its kind."""

import os
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from catalog.errors import CatalogError

NONCE_BYTES = 12
VERSION_BYTES = 4


class SecretUnreadable(CatalogError):
    """A secret does not open under the keys of this installation. Enter it again in the admin."""

    def __init__(self, *, kind: str) -> None:
        super().__init__(
            f"The secret of {kind} does not open: KEY_ENCRYPTION_KEYS has other keys than those it was sealed with."
            " Enter the secret again."
        )
        self.kind = kind


def seal_secret(secret: str, *, keys: Mapping[int, bytes], merchant: str, kind: str) -> bytes:
    """The secret, sealed under the newest key."""
    version, nonce = max(keys), os.urandom(NONCE_BYTES)
    bound = _bind(version=version, merchant=merchant, kind=kind)
    return (
        version.to_bytes(VERSION_BYTES) + nonce + AESGCM(keys[version]).encrypt(nonce, secret.encode(), bound)
    )


def find_version(sealed: bytes) -> int:
    """The version of the key that sealed it."""
    return int.from_bytes(sealed[:VERSION_BYTES])


def open_secret(sealed: bytes, *, keys: Mapping[int, bytes], merchant: str, kind: str) -> str:
    """The secret. Raises SecretUnreadable."""
    version = find_version(sealed)
    nonce, body = sealed[VERSION_BYTES:][:NONCE_BYTES], sealed[VERSION_BYTES + NONCE_BYTES :]
    if version not in keys:
        raise SecretUnreadable(kind=kind)
    try:
        bound = _bind(version=version, merchant=merchant, kind=kind)
        return AESGCM(keys[version]).decrypt(nonce, body, bound).decode()
    except (InvalidTag, ValueError) as error:
        raise SecretUnreadable(kind=kind) from error


def _bind(*, version: int, merchant: str, kind: str) -> bytes:
    """Each part with its length, so that no two bindings are alike."""
    parts = (b"connector secret", str(version).encode(), merchant.encode(), kind.encode())
    return b"".join(len(part).to_bytes(4) + part for part in parts)
