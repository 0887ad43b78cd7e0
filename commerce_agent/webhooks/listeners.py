"""The addresses that a shop is told at, and the secret that each message to them is signed with."""

import secrets
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction

from catalog.connectors.sealing import SecretUnreadable, find_version, open_secret, seal_secret
from commerce_agent.models import Listener
from commerce_agent.webhooks.keys import SECRET_MARK

OVERLAP = timedelta(hours=24)
"""How long the secret that was replaced signs beside its successor."""

log = structlog.get_logger(__name__)


def renew_secret(listener: Listener, *, at: datetime) -> str:
    """Gives a stored listener a new secret and answers it: it is nowhere else in the clear. What it had signs on for a
    day, so that whoever listens can change over.
    """
    secret = f"{SECRET_MARK}{secrets.token_urlsafe(32)}"
    with transaction.atomic():
        kept = Listener.objects.select_for_update().get(pk=listener.pk)
        kept.sealed_before = kept.sealed_secret
        kept.before_until = at + OVERLAP if kept.sealed_before else None
        kept.sealed_secret = _seal(secret, listener=kept)
        kept.save(update_fields=["sealed_before", "before_until", "sealed_secret"])
    return secret


def list_secrets(listener: Listener, *, at: datetime) -> tuple[bytes, ...]:
    """What a message of now is signed with, the newest first. Raises `SecretUnreadable`."""
    signing = [_open(bytes(listener.sealed_secret), listener=listener).encode()]
    if listener.before_until is not None and listener.before_until > at:
        try:
            signing.append(_open(bytes(listener.sealed_before), listener=listener).encode())
        except SecretUnreadable:
            # It was renewed for that very reason.
            log.warning("webhook.secret_before_unreadable", listener=str(listener.pk))
    return tuple(signing)


def reseal_listener_secrets() -> int:
    """Seals anew what an older key sealed; answers how many. Raises `SecretUnreadable` for one that does not open."""
    keys: dict[int, bytes] = settings.KEY_ENCRYPTION_KEYS
    resealed = 0
    with transaction.atomic():
        for listener in Listener.objects.select_for_update().order_by("pk"):
            for field in ("sealed_secret", "sealed_before"):
                sealed = bytes(getattr(listener, field))
                if sealed and find_version(sealed) != max(keys):
                    setattr(listener, field, _seal(_open(sealed, listener=listener), listener=listener))
                    resealed += 1
            listener.save(update_fields=["sealed_secret", "sealed_before"])
    return resealed


def _seal(secret: str, *, listener: Listener) -> bytes:
    keys: dict[int, bytes] = settings.KEY_ENCRYPTION_KEYS
    return seal_secret(secret, keys=keys, merchant=str(listener.merchant_id), kind=_name_kind(listener))


def _open(sealed: bytes, *, listener: Listener) -> str:
    keys: dict[int, bytes] = settings.KEY_ENCRYPTION_KEYS
    return open_secret(sealed, keys=keys, merchant=str(listener.merchant_id), kind=_name_kind(listener))


def _name_kind(listener: Listener) -> str:
    return f"listener {listener.pk}"
