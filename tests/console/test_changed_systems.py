"""A shop that changes its system in the console is answered by the new one, however that numbers its answers."""

import asyncio
import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from catalog.connectors import StockReading
from catalog.ids import MerchantId, Sku
from catalog.models import Connector, Merchant, Product, StockLevel, Variant
from commerce_agent.composition import open_platform
from tests.catalog.conftest import NOW
from tests.strange_system import Answer, answering, say

ADD = reverse("admin:catalog_connector_add")
LIST = reverse("admin:catalog_connector_changelist")
ITEM = Sku("LAMP-1")
LATER = NOW + timedelta(minutes=2)
"""What was read at NOW is fresh no more."""


class System:
    """A warehouse with a count of pieces under a number of its own; without, it is down."""

    def __init__(self) -> None:
        self.url = ""
        self.said: dict[str, tuple[int, int] | None] = {}

    def respond(self, path: str, headers: Mapping[str, str]) -> Answer:
        said = self.said[path.split("/")[1]]
        if said is None:
            return say({}, status=500)
        quantity, version = said
        return say([{"sku": ITEM, "left": quantity, "version": version, "also": quantity + 30}])

    def locate(self, name: str) -> str:
        return f"{self.url}/{name}/stock?skus={{skus}}"


@pytest.fixture
def system() -> Iterator[System]:
    made = System()
    with answering(made.respond) as made.url, override_settings(CONNECTOR_PRIVATE_NETWORKS=["127.0.0.0/8"]):
        yield made


@pytest.fixture
def shop(database: str) -> Merchant:
    """Its own store has one piece, under version 1."""
    shop = Merchant.objects.create(key=f"t-{uuid.uuid4().hex[:12]}", name="Changing", currency="USD")
    product = Product.objects.create(merchant=shop, title="Lamp", group_key="LAMP")
    variant = Variant.objects.create(
        merchant=shop, product=product, sku=ITEM, title="Lamp", price=9, price_observed_at=NOW
    )
    StockLevel.objects.create(merchant=shop, variant=variant, quantity=1, version=1, observed_at=NOW)
    return shop


def enter(owner: Client, shop: Merchant, *, at: str | None = None, **changed: str) -> Connector:
    """Adds the shop's system, or changes it."""
    filled = {
        "merchant": str(shop.id),
        "kind": "inventory",
        "name": "erp",
        "active": "on",
        "url": "",
        "login": "none",
        "items": "@",
        "paths": "sku: sku\nquantity: left\nversion: version\n",
        "timeout_ms": "1500",
        "per_second": "0",
        **changed,
    }
    answer = owner.post(at or ADD, {name: value for name, value in filled.items() if value != "off"})
    assert answer.status_code == 302, re.findall(r"errorlist.*?</ul>", answer.content.decode(), re.DOTALL)
    return Connector.objects.get(merchant=shop)


def change(owner: Client, connector: Connector, **changed: str) -> None:
    page = reverse("admin:catalog_connector_change", args=[connector.pk])
    enter(owner, connector.merchant, at=page, **{"url": connector.url, **changed})


def read(shop: Merchant, *, at: datetime) -> StockReading:
    """What a process that just started answers a turn."""

    async def ask() -> StockReading:
        async with open_platform(quiet=True) as platform:
            merchant = MerchantId(str(shop.id))
            return (await platform.connectors.stock.read(merchant=merchant, keys=(ITEM,), now=at))[ITEM]

    return asyncio.run(ask())


def count(shop: Merchant, *, at: datetime = NOW) -> tuple[int | None, int, bool]:
    told = read(shop, at=at)
    return (told.quantity, told.version, told.stale)


def switch_off(owner: Client, connector: Connector) -> None:
    change(owner, connector, active="off")


def delete(owner: Client, connector: Connector) -> None:
    page = reverse("admin:catalog_connector_delete", args=[connector.pk])
    assert owner.post(page, {"post": "yes"}).status_code == 302


def delete_with_others(owner: Client, connector: Connector) -> None:
    chosen = {"action": "delete_selected", "_selected_action": [connector.pk], "post": "yes"}
    assert owner.post(LIST, chosen).status_code == 302


@pytest.mark.parametrize("leave", [switch_off, delete, delete_with_others])
def test_our_own_store_answers_at_once_when_a_system_goes(
    owner: Client, shop: Merchant, system: System, leave: Callable[[Client, Connector], None]
) -> None:
    system.said["old"] = (8, 900)
    connector = enter(owner, shop, url=system.locate("old"))
    before = count(shop)

    leave(owner, connector)

    assert (before, count(shop), count(shop, at=LATER)) == ((8, 900, False), (1, 1, False), (1, 1, False))


def test_a_system_that_is_entered_answers_at_once_whatever_the_store_counted(
    owner: Client, shop: Merchant, system: System
) -> None:
    StockLevel.objects.filter(merchant=shop).update(version=70)
    before = count(shop)
    system.said["new"] = (8, 3)

    enter(owner, shop, url=system.locate("new"))

    assert (before, count(shop)) == ((1, 70, False), (8, 3, False))


def test_a_system_at_another_address_is_not_held_to_what_the_last_one_counted(
    owner: Client, shop: Merchant, system: System
) -> None:
    system.said |= {"old": (8, 900), "new": (5, 2)}
    connector = enter(owner, shop, url=system.locate("old"))
    before = count(shop)

    change(owner, connector, url=system.locate("new"))

    assert (before, count(shop), count(shop, at=LATER)) == ((8, 900, False), (5, 2, False), (5, 2, False))


def test_an_answer_is_read_anew_when_it_is_read_in_another_way(
    owner: Client, shop: Merchant, system: System
) -> None:
    system.said["old"] = (8, 900)
    connector = enter(owner, shop, url=system.locate("old"))
    before = count(shop)

    change(owner, connector, paths="sku: sku\nquantity: also\nversion: version\n")

    assert (before, count(shop)) == ((8, 900, False), (38, 900, False))


def test_a_system_that_is_switched_on_again_may_have_begun_to_count_anew(
    owner: Client, shop: Merchant, system: System
) -> None:
    system.said["old"] = (8, 900)
    connector = enter(owner, shop, url=system.locate("old"))
    before = count(shop)
    switch_off(owner, connector)
    between = count(shop)
    system.said["old"] = (6, 1)

    change(owner, connector)

    assert (before, between, count(shop)) == ((8, 900, False), (1, 1, False), (6, 1, False))


def test_an_outage_has_no_answers_of_the_system_before_to_fall_back_on(
    owner: Client, shop: Merchant, system: System
) -> None:
    system.said |= {"old": (8, 900), "new": None}
    connector = enter(owner, shop, url=system.locate("old"))
    count(shop)

    change(owner, connector, url=system.locate("new"))

    told = read(shop, at=NOW)
    assert (told.quantity, told.stale, told.source) == (None, True, "none")


def test_a_longer_wait_leaves_the_last_answers_for_an_outage(
    owner: Client, shop: Merchant, system: System
) -> None:
    system.said["old"] = (8, 900)
    connector = enter(owner, shop, url=system.locate("old"))
    count(shop)
    system.said["old"] = None

    change(owner, connector, timeout_ms="3000", per_second="5")

    assert count(shop, at=LATER) == (8, 900, True)


def test_one_system_is_held_to_what_it_counted(owner: Client, shop: Merchant, system: System) -> None:
    system.said["old"] = (8, 900)
    enter(owner, shop, url=system.locate("old"))
    count(shop)
    system.said["old"] = (5, 2)

    assert count(shop, at=LATER) == (8, 900, True)
