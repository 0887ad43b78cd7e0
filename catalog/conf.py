"""What the operator chose for the catalogue, read from Django's settings when it is needed."""

from django.conf import settings

from catalog.connectors import Allowed, Choices, StoreApi


def read_choices(*, prefix: str | None = None, in_process: bool = False) -> Choices:
    """How the connectors are to work. `in_process`: the built-in store is read here, without its merchant API."""
    store = (
        StoreApi() if in_process else StoreApi(url=settings.MERCHANT_API_URL, key=settings.MERCHANT_API_KEY)
    )
    return Choices(
        prefix=f"{settings.REDIS_PREFIX}:" if prefix is None else prefix,
        store=store,
        keys=settings.KEY_ENCRYPTION_KEYS,
        allowed=Allowed(networks=tuple(settings.CONNECTOR_PRIVATE_NETWORKS)),
    )
