"""Webhook keys: what a shop's systems sign their webhooks with."""

from datetime import datetime
from uuid import UUID

from catalog.ids import MerchantId
from catalog.models import WebhookKey
from commerce_agent.signing_keys import KeyRing, NewKey

SECRET_MARK = "whsec_"  # noqa: S105 - what a secret begins with
WEBHOOK_KEYS = KeyRing(WebhookKey, kind="webhook key", mark="wk", secret_mark=SECRET_MARK)


def make_key(*, merchant: MerchantId, name: str, at: datetime) -> NewKey[WebhookKey]:
    """Makes a key for a shop. Raises `TooManyKeys`."""
    return WEBHOOK_KEYS.make(WebhookKey(merchant_id=UUID(merchant), name=name), at=at)
