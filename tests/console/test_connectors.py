"""Merchants' own systems in the console: entered, checked, tried, and their secrets never shown."""

import asyncio
import re
import uuid

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.urls import reverse
from redis import Redis

from catalog.connectors import KINDS, ConnectorUnavailable
from catalog.connectors.cache import Keys
from catalog.connectors.sealing import open_secret
from catalog.ids import MerchantId, Sku
from catalog.models import Connector, ConnectorCount, Merchant
from commerce_agent.composition import open_platform
from commerce_agent.demo.seeding import seed_shop
from tests.catalog.conftest import NOW
from tests.merchant_api import KEY, RunningApi

ADD = reverse("admin:catalog_connector_add")
LIST = reverse("admin:catalog_connector_changelist")


@pytest.fixture
def shop(database: str) -> Merchant:
    return Merchant.objects.create(key=f"t-{uuid.uuid4().hex[:12]}", name="Systems", currency="USD")


@pytest.fixture
def demo(database: str) -> Merchant:
    key = f"t-{uuid.uuid4().hex[:12]}"
    seed_shop(clock=lambda: NOW, key=key)
    return Merchant.objects.get(key=key)


def fill(shop: Merchant, **changed: str) -> dict[str, str]:
    return {
        "merchant": str(shop.id),
        "kind": "inventory",
        "name": "erp",
        "active": "on",
        "url": "https://erp.shop.example/stock?skus={skus}",
        "login": "bearer",
        "login_name": "",
        "secret": KEY,
        "items": "items",
        "paths": "sku: sku\nquantity: quantity\n",
        "timeout_ms": "1500",
        "per_second": "0",
        **changed,
    }


def enter(owner: Client, shop: Merchant, **changed: str) -> Connector:
    answer = owner.post(ADD, fill(shop, **changed))
    assert answer.status_code == 302, answer.content.decode()[:4000]
    return Connector.objects.get(merchant=shop)


def test_a_secret_is_sealed_kept_and_never_shown(owner: Client, shop: Merchant) -> None:
    connector = enter(owner, shop)
    page = reverse("admin:catalog_connector_change", args=[connector.pk])

    shown = owner.get(page).content.decode()
    again = owner.post(page, fill(shop, secret="", name="erp2"))
    connector.refresh_from_db()

    assert KEY not in shown
    assert KEY.encode() not in bytes(connector.sealed_secret)
    assert (again.status_code, connector.name, connector.version) == (302, "erp2", 2)
    opened = open_secret(
        bytes(connector.sealed_secret),
        keys=settings.KEY_ENCRYPTION_KEYS,
        merchant=str(shop.id),
        kind="inventory",
    )
    assert opened == KEY


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"paths": "sku: sku\nquantity: [[["}, "no JMESPath"),
        ({"paths": "sku: sku\ncolour: c"}, "There is no field"),
        ({"paths": "sku: sku"}, "Say where quantity or availability stands"),
        ({"paths": "quantity: q"}, "Say where sku stands"),
        ({"paths": "quantity"}, "Line 1 is a name"),
        ({"url": "https://erp.shop.example/stock"}, "the address holds {skus} or {sku}"),
        ({"url": "https://{sku}.shop.example/"}, "The host is fixed"),
        ({"url": "ftp://erp.shop.example/{sku}"}, "starts with https://"),
        ({"secret": ""}, "This login needs a secret"),
        ({"login": "header"}, "needs the header"),
        ({"login": "header", "login_name": "X Key"}, "A header's name is letters, digits and hyphens"),
        ({"login": "basic", "login_name": "us:er"}, "A user holds no colon"),
        ({"secret": "schlüssel"}, "this secret holds others"),
        ({"url": "https://[::1/{sku}"}, "This is no address"),
        ({"url": "https://erp.shop.example:99999/{sku}"}, "This is no address"),
        ({"url": "https://erp.shop.example:0/{sku}"}, "The port lies between 1 and 65535"),
        ({"url": "https://erp.shop example/{sku}"}, "An address holds no spaces"),
        ({"url": "javascript:alert(1)//{sku}"}, "starts with https://"),
        ({"url": "https://us:er@erp.shop.example/{sku}"}, "belong to the login"),
        ({"timeout_ms": "60000"}, "The longest wait lies between"),
    ],
)
def test_what_could_never_work_is_refused_with_a_reason(
    owner: Client, shop: Merchant, changed: dict[str, str], told: str
) -> None:
    answer = owner.post(ADD, fill(shop, **changed))

    assert answer.status_code == 200
    assert told in answer.content.decode().replace("&#x27;", "'")
    assert not Connector.objects.filter(merchant=shop).exists()


def try_it(owner: Client, connector: Connector, key: str) -> str:
    answer = owner.post(reverse("admin:catalog_connector_try", args=[connector.pk]), {"key": key})
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_test_button_shows_the_request_and_what_was_read(
    owner: Client, demo: Merchant, merchant_api: RunningApi
) -> None:
    connector = enter(owner, demo, url=f"{merchant_api.url}/v1/{demo.id}/stock?skus={{skus}}")

    refused = try_it(owner, connector, "TEMPO-BLUE-8")
    with override_settings(CONNECTOR_PRIVATE_NETWORKS=["127.0.0.0/8"]):
        works = try_it(owner, connector, "TEMPO-BLUE-8")
        nobody = try_it(owner, connector, "NO-SUCH")
        merchant_api.misbehave("negative")
        spoiled = try_it(owner, connector, "TEMPO-BLUE-8")
        merchant_api.misbehave("error")
        failing = try_it(owner, connector, "TEMPO-BLUE-8")

    assert "It works" in works
    assert f"GET {merchant_api.url}/v1/{demo.id}/stock?skus=TEMPO-BLUE-8" in works
    assert "&quot;quantity&quot;:" in works
    assert "private address" in refused
    assert "knows nothing of NO-SUCH" in nobody
    assert "&gt;= 0" in spoiled
    assert "It answered 500." in failing
    assert not any(KEY in page for page in (works, refused, nobody, spoiled, failing))


def test_kept_answers_are_forgotten_of_one_shop_and_kind_alone(owner: Client, shop: Merchant) -> None:
    connector = enter(owner, shop, url="https://erp.shop.example/stock?skus={skus}")
    redis, keys = Redis.from_url(settings.REDIS_URL), Keys(prefix=f"{settings.REDIS_PREFIX}:")
    own = [
        keys.name_answer(merchant=MerchantId(str(shop.id)), connector="inventory", key=sku) for sku in "ab"
    ]
    others = [
        keys.name_answer(merchant=MerchantId(str(shop.id)), connector="pricing", key="a"),
        keys.name_answer(merchant=MerchantId("another"), connector="inventory", key="a"),
    ]
    redis.mset(dict.fromkeys((*own, *others), b"0 0 {}"))

    said = owner.post(LIST, {"action": "forget_kept", "_selected_action": [connector.pk]}, follow=True)

    assert "2 kept answers forgotten" in said.content.decode()
    assert (redis.exists(*own), redis.exists(*others)) == (0, 2)
    redis.delete(*others)
    redis.close()


def read_standing(owner: Client, shop: Merchant) -> str:
    """The line of the shop's stock in the list that is narrowed to the shop."""
    shown = owner.get(LIST, {"merchant_id__exact": str(shop.id)}).content.decode()
    assert "How they stand" in shown
    assert shown.count(f"<tr><td>{shop.name}</td>") == len(KINDS)
    return re.sub(r"<[^>]+>", "|", shown[shown.index(f"<tr><td>{shop.name}</td><td>Stock</td>") :][:900])


def test_the_list_says_how_every_connector_stands_and_its_history_how_it_stood(
    owner: Client, shop: Merchant, merchant_api: RunningApi
) -> None:
    connector = enter(owner, shop, url=f"{merchant_api.url}/v1/{shop.id}/stock?skus={{skus}}")
    ConnectorCount.objects.create(
        merchant=shop, kind="inventory", day=NOW.date(), calls=40, refused=7, fallbacks=13
    )
    before = read_standing(owner, shop)

    merchant_api.misbehave("error")
    with override_settings(CONNECTOR_PRIVATE_NETWORKS=["127.0.0.0/8"]):
        asyncio.run(fail(MerchantId(str(shop.id)), times=5))

    after = read_standing(owner, shop)
    history = owner.get(
        reverse("admin:catalog_breakerchange_changelist"), {"merchant_id__exact": str(shop.id)}
    ).content.decode()
    page = owner.get(reverse("admin:catalog_connector_change", args=[connector.pk])).content.decode()
    assert "erp" in before
    assert "Closed: asked as usual" in before
    assert "Open: left alone" in after
    assert [number in after for number in ("|45|", "|5|", "|7|", "|13|")] == [True] * 4
    assert "Open: left alone" in history
    assert "5 of 5" in history
    assert "Open: left alone" in page
    assert "5 of 5 calls had failed" in page


async def fail(merchant: MerchantId, *, times: int) -> None:
    """The shop's stock system is asked so often by a process of the shop, and fails."""
    async with open_platform(quiet=True) as platform:
        for _ in range(times):
            with pytest.raises(ConnectorUnavailable, match="it answered 500"):
                await platform.connectors.direct.stock.read(merchant=merchant, keys=(Sku("A"),), now=NOW)
