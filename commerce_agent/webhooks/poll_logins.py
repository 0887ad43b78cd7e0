"""By which login a shop's system knows whoever polls it; its secret is bound to the shop and the address's row."""

import msgspec
from django.conf import settings
from django.db import transaction

from catalog.connectors.json_source import make_headers
from catalog.connectors.sealing import find_version, open_secret, seal_secret
from catalog.models import PollSource


class PollLogin(msgspec.Struct, frozen=True, kw_only=True):
    """A login as it is kept."""

    merchant: str
    source: int
    login: str
    login_name: str
    sealed: bytes

    def make_headers(self) -> dict[str, str]:
        """The headers that a question carries. Raises `SecretUnreadable`."""
        secret = ""
        if self.sealed:
            keys: dict[int, bytes] = settings.KEY_ENCRYPTION_KEYS
            secret = open_secret(self.sealed, keys=keys, merchant=self.merchant, kind=_name_kind(self.source))
        return make_headers(login=self.login, login_name=self.login_name, secret=secret)


def find_login(source: PollSource) -> PollLogin:
    """The login of a stored address."""
    return PollLogin(
        merchant=str(source.merchant_id),
        source=source.pk,
        login=source.login,
        login_name=source.login_name,
        sealed=bytes(source.sealed_secret),
    )


def seal_poll_secret(secret: str, *, source: PollSource) -> bytes:
    """The secret, for the row of this address, which has its number."""
    keys: dict[int, bytes] = settings.KEY_ENCRYPTION_KEYS
    return seal_secret(secret, keys=keys, merchant=str(source.merchant_id), kind=_name_kind(source.pk))


def reseal_poll_secrets() -> int:
    """Seals anew what an older key sealed; answers how many. Raises `SecretUnreadable` for one that does not open."""
    keys: dict[int, bytes] = settings.KEY_ENCRYPTION_KEYS
    resealed = 0
    with transaction.atomic():
        for source in PollSource.objects.select_for_update().exclude(sealed_secret=b"").order_by("pk"):
            sealed = bytes(source.sealed_secret)
            if find_version(sealed) == max(keys):
                continue
            secret = open_secret(
                sealed, keys=keys, merchant=str(source.merchant_id), kind=_name_kind(source.pk)
            )
            source.sealed_secret = seal_poll_secret(secret, source=source)
            source.save(update_fields=["sealed_secret"])
            resealed += 1
    return resealed


def _name_kind(number: int) -> str:
    return f"poll source {number}"
