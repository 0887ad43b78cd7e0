"""Connectors' secrets under the newest key, after a rotation."""

from collections.abc import Mapping

from django.db import transaction

from catalog.connectors.sealing import find_version, open_secret, seal_secret
from catalog.models import Connector


def reseal_secrets(*, keys: Mapping[int, bytes]) -> int:
    """Seals anew what an older key sealed; answers how many. Raises SecretUnreadable for one that does not open."""
    resealed = 0
    with transaction.atomic():
        for connector in Connector.objects.select_for_update().exclude(sealed_secret=b""):
            sealed = bytes(connector.sealed_secret)
            if find_version(sealed) == max(keys):
                continue
            merchant, kind = str(connector.merchant_id), connector.kind
            secret = open_secret(sealed, keys=keys, merchant=merchant, kind=kind)
            connector.sealed_secret = seal_secret(secret, keys=keys, merchant=merchant, kind=kind)
            connector.save(update_fields=["sealed_secret"])
            resealed += 1
    return resealed
