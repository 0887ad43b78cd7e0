"""A merchant's system, as plain as its documentation says."""

import hashlib
import hmac
import json
import time
from typing import Any

import httpx2

Answer = tuple[int, dict[str, Any]]


class Sender:
    """Signs and posts."""

    def __init__(self, *, base: str, shop: str, key: str, secret: str) -> None:
        self.address = f"{base}/webhooks/v1/{shop}/"
        self.key = key
        self.secret = secret

    def sign(self, body: bytes, *, timestamp: int | None = None) -> dict[str, str]:
        """The headers of this body, signed at an instant."""
        at = str(int(time.time()) if timestamp is None else timestamp)
        digest = hmac.new(self.secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
        return {
            "Webhook-Key": self.key,
            "Webhook-Timestamp": at,
            "Webhook-Signature": f"v1={digest}",
            "Content-Type": "application/json",
        }

    def send(self, events: object) -> Answer:
        """One event, or a list of them."""
        body = json.dumps(events).encode()
        return self.post(body, headers=self.sign(body))

    def post(self, body: bytes, *, headers: dict[str, str]) -> Answer:
        """The status and the JSON of the answer."""
        answer = httpx2.post(self.address, content=body, headers=headers, timeout=20)
        return answer.status_code, answer.json()
