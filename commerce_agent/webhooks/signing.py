"""The signature of a webhook: HMAC-SHA256 of `timestamp.body`, in hexadecimal, as `v1=...`."""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

KEY_HEADER = "Webhook-Key"
TIMESTAMP_HEADER = "Webhook-Timestamp"
SIGNATURE_HEADER = "Webhook-Signature"
SCHEME = "v1="

WINDOW = timedelta(minutes=5)
"""How far the sender's timestamp may lie from our clock, either way: what was overheard is soon worth nothing."""


class SignatureRefused(Exception):
    """The request is not signed as it must be; whoever sends must mend what the message names."""

    def __init__(self, *, name: str, text: str) -> None:
        super().__init__(text)
        self.name = name
        self.text = text


def sign(*, secret: bytes, timestamp: str, body: bytes) -> str:
    """The value of the signature's header."""
    return SCHEME + hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def require_signature(*, secret: bytes, timestamp: str, signature: str, body: bytes, now: datetime) -> None:
    """Raises `SignatureRefused` for one that is not this secret's, or not of these minutes.

    The header may hold several signatures, separated by commas, as while a sender changes its key.
    """
    expected = sign(secret=secret, timestamp=timestamp, body=body)
    if not _holds(signature.split(","), expected=expected):
        raise SignatureRefused(
            name="bad-signature",
            text="The signature does not fit: it is HMAC-SHA256 over the timestamp, a dot and the body as it is sent.",
        )
    at = _read_timestamp(timestamp)
    if abs(now - at) > WINDOW:
        raise SignatureRefused(
            name="stale-timestamp",
            text=f"The timestamp lies {abs(now - at).total_seconds():.0f} seconds from our clock, which is at"
            f" {now.timestamp():.0f}; {WINDOW.total_seconds():.0f} are allowed. Sign each attempt anew.",
        )


def _holds(given: Iterable[str], *, expected: str) -> bool:
    return any(hmac.compare_digest(one.strip().encode(), expected.encode()) for one in given)


def _read_timestamp(written: str) -> datetime:
    try:
        return datetime.fromtimestamp(int(written), tz=UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise SignatureRefused(
            name="bad-timestamp", text="The timestamp is the seconds since 1970, as whole number."
        ) from error
