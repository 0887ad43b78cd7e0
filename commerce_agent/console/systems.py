"""The bridge from the console's pages, which wait, to merchants' systems and to Redis, which do not."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from asgiref.sync import async_to_sync
from django.conf import settings
from django.db.models import QuerySet
from django.utils.safestring import SafeString
from redis.asyncio import Redis
from redis.exceptions import RedisError

from catalog.conf import read_choices
from catalog.connectors import KINDS, Kind
from catalog.connectors.forgetting import forget_answers
from catalog.connectors.json_source import Endpoint, make_headers
from catalog.connectors.mapping import RowMapping
from catalog.connectors.redis_gate import RedisGate
from catalog.connectors.sealing import open_secret
from catalog.connectors.shared_breaker import BreakerTerms, Standing, find_standing
from catalog.connectors.tally import Tally
from catalog.connectors.trying import Tried, try_endpoint
from catalog.ids import MerchantId
from catalog.models import BreakerState, Connector, ConnectorCount, ConnectorKind, Merchant
from commerce_agent.console.pictures import show_badge
from commerce_agent.decoding import convert

MOST_SHOPS = 10
"""More shops than this are looked at one by one."""
REDIS_SECONDS = 1.0
MOODS = {"closed": "good", "open": "none", "half_open": "low"}


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One connector of one shop, now and today."""

    shop: str
    kind: str
    system: str
    state: SafeString
    calls: int
    failures: int
    refused: int
    fallbacks: int


def list_standings(*, shops: QuerySet[Merchant]) -> list[Line]:
    """How every connector of these shops stands: its breaker now, and its counts of the last day that has some."""
    chosen = list(shops[:MOST_SHOPS])
    merchants = tuple(MerchantId(str(shop.pk)) for shop in chosen)
    found = async_to_sync(_look)(merchants)
    own = {(str(one.merchant_id), one.kind): one.name for one in Connector.objects.filter(active=True)}
    kept = _list_kept(merchants)
    return [
        _make_line(
            shop=shop.name,
            kind=kind,
            system=own.get((str(shop.pk), kind), "built-in store"),
            standing=found.get((str(shop.pk), kind), (None, {}))[0],
            counts=_add(found.get((str(shop.pk), kind), (None, {}))[1], kept.get((str(shop.pk), kind), {})),
        )
        for shop in chosen
        for kind in KINDS
    ]


def _list_kept(merchants: Sequence[MerchantId]) -> dict[tuple[str, str], dict[str, int]]:
    latest = ConnectorCount.objects.filter(merchant_id__in=merchants).order_by("merchant_id", "kind", "-day")
    return {
        (str(one.merchant_id), one.kind): {
            "calls": one.calls,
            "failures": one.failures,
            "refused": one.refused,
            "fallbacks": one.fallbacks,
        }
        for one in latest.distinct("merchant_id", "kind")
    }


def _add(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    return {name: one.get(name, 0) + other.get(name, 0) for name in {*one, *other}}


def _make_line(
    *, shop: str, kind: Kind, system: str, standing: Standing | None, counts: dict[str, int]
) -> Line:
    if standing is None:
        state = show_badge(mood="unknown", words="Redis does not answer")
    else:
        state = show_badge(mood=MOODS[standing.state], words=str(BreakerState(standing.state).label))
    return Line(
        shop=shop,
        kind=str(ConnectorKind(kind).label),
        system=system,
        state=state,
        calls=counts.get("calls", 0),
        failures=counts.get("failures", 0),
        refused=counts.get("refused", 0),
        fallbacks=counts.get("fallbacks", 0),
    )


async def _look(
    merchants: Sequence[MerchantId],
) -> dict[tuple[str, str], tuple[Standing | None, dict[str, int]]]:
    redis = Redis.from_url(
        settings.REDIS_URL, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS
    )
    gate, prefix = RedisGate(get_redis=lambda: redis), f"{settings.REDIS_PREFIX}:"
    tally, window = Tally(gate=gate, prefix=prefix), BreakerTerms().window_ms
    found: dict[tuple[str, str], tuple[Standing | None, dict[str, int]]] = {}
    try:
        for merchant in merchants:
            for kind in KINDS:
                standing = await find_standing(
                    gate=gate, prefix=prefix, merchant=merchant, connector=kind, window_ms=window
                )
                found[merchant, kind] = standing, await tally.look(merchant=merchant, connector=kind)
    except (RedisError, OSError):
        return {}
    finally:
        await redis.aclose()
    return found


def forget_kept(connector: Connector) -> int | None:
    """Drops what is kept of the system's answers, and says how many; None where Redis does not answer."""
    kind: Kind = convert(connector.kind, Kind)
    return async_to_sync(_forget)(MerchantId(str(connector.merchant_id)), kind)


async def _forget(merchant: MerchantId, kind: Kind) -> int | None:
    redis = Redis.from_url(
        settings.REDIS_URL, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS
    )
    try:
        return await forget_answers(redis, prefix=f"{settings.REDIS_PREFIX}:", merchant=merchant, kind=kind)
    except (RedisError, OSError):
        return None
    finally:
        await redis.aclose()


def try_connector(connector: Connector, *, key: str, now: datetime) -> Tried:
    """Asks the system once, past every cache and breaker. Raises SecretUnreadable."""
    kind: Kind = convert(connector.kind, Kind)
    merchant = MerchantId(str(connector.merchant_id))
    secret = ""
    if connector.sealed_secret:
        sealed = bytes(connector.sealed_secret)
        secret = open_secret(sealed, keys=settings.KEY_ENCRYPTION_KEYS, merchant=merchant, kind=kind)
    endpoint = Endpoint(
        kind=kind,
        name=connector.name,
        url=connector.url,
        headers=make_headers(login=connector.login, login_name=connector.login_name, secret=secret),
        mapping=RowMapping(kind=kind, items=connector.items, fields=connector.fields),
    )
    return async_to_sync(try_endpoint)(
        endpoint=endpoint,
        merchant=merchant,
        key=key.strip(),
        currency=connector.merchant.currency,
        seconds=connector.timeout_ms / 1000,
        allowed=read_choices().allowed,
        now=now,
    )
