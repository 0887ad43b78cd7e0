"""What is taken in, what is turned away, and that the answer says which."""

import asyncio
import json
import time
from datetime import timedelta

import httpx2
import pytest
from asgiref.sync import sync_to_async
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from catalog.ids import MerchantId
from catalog.inbox import apply_waiting
from catalog.models import Delivery, LatestWord, Merchant, ShopEvent, StockLevel, Variant, WebhookKey
from commerce_agent.composition import read_clock
from commerce_agent.signing_keys import TooManyKeys
from commerce_agent.webhooks.keys import WEBHOOK_KEYS, make_key
from tests.waiting import wait_until_async
from tests.webhooks.sending import Sender


def stock(id: str, quantity: int, *, sku: str = "MEADOW-G", **more: object) -> dict[str, object]:
    """An event of the warehouse."""
    return {"id": id, "kind": "stock", "sku": sku, "quantity": quantity, **more}


def apply(shop: Merchant) -> None:
    """Does at once what the worker does soon."""
    apply_waiting(merchant=MerchantId(str(shop.id)), now=read_clock())


def get_quantity(shop: Merchant, sku: str = "MEADOW-G") -> int | None:
    """What the shelf says."""
    return StockLevel.objects.get(variant__merchant=shop, variant__sku=sku).quantity


def test_a_signed_event_is_durable_when_it_is_answered_and_counts_once(
    sender: Sender, shop: Merchant
) -> None:
    status, answer = sender.send(stock("e-1", 7))
    again = sender.send(stock("e-1", 9))

    assert (status, answer["accepted"], answer["known"], answer["refused"]) == (202, 1, 0, [])
    assert (again[0], again[1]["accepted"], again[1]["known"]) == (202, 0, 1)
    assert ShopEvent.objects.get(merchant=shop).event_id == "e-1"
    apply(shop)
    assert get_quantity(shop) == 7


def test_a_batch_is_counted_event_by_event(sender: Sender, shop: Merchant) -> None:
    status, answer = sender.send(
        {"events": [stock("b-1", 3), stock("b-2", -1), {"id": "b-3", "kind": "weather"}, stock("b-1", 4)]}
    )

    assert (status, answer["accepted"], answer["known"]) == (202, 1, 1)
    assert [(each["place"], each["id"]) for each in answer["refused"]] == [(2, "b-2"), (3, "b-3")]
    delivery = Delivery.objects.get(pk=answer["delivery"])
    assert (delivery.accepted, delivery.known, delivery.refused) == (1, 1, 2)
    apply(shop)
    assert get_quantity(shop) == 3


@pytest.mark.parametrize(
    ("seconds", "spoil", "name"),
    [
        (0, b"x", "bad-signature"),
        (-301, b"", "stale-timestamp"),
        (330, b"", "stale-timestamp"),
    ],
)
def test_what_is_not_signed_as_it_must_be_is_turned_away_and_logged(
    sender: Sender, shop: Merchant, seconds: int, spoil: bytes, name: str
) -> None:
    body = json.dumps(stock("e-1", 7)).encode()
    headers = sender.sign(body, timestamp=int(time.time()) + seconds)

    status, problem = sender.post(body + spoil, headers=headers)

    assert (status, problem["type"]) == (401, f"urn:commerce-agent:{name}")
    assert not ShopEvent.objects.filter(merchant=shop).exists()
    logged = Delivery.objects.get(merchant=shop)
    assert (logged.status, logged.accepted, logged.problem) == (401, 0, problem["detail"])


def test_an_unknown_key_and_another_shops_key_are_turned_away_alike(
    sender: Sender, shop: Merchant, running_shop: str
) -> None:
    other = Merchant.objects.create(key=f"{shop.key}-other", name="Another")
    stranger = Sender(base=running_shop, shop=other.key, key=sender.key, secret=sender.secret)
    nobody = Sender(base=running_shop, shop=shop.key, key="wk_nobody", secret=sender.secret)

    answers = [each.send(stock("e-1", 7)) for each in (stranger, nobody)]

    assert [(status, problem["type"]) for status, problem in answers] == [
        (401, "urn:commerce-agent:unknown-key")
    ] * 2
    assert not Delivery.objects.filter(merchant__in=(shop, other)).exists()


def test_what_is_no_events_is_refused_whole(sender: Sender, shop: Merchant) -> None:
    long = b"[" + b" " * (256 * 1024) + b"]"
    many = json.dumps([stock(f"e-{number}", 1) for number in range(501)]).encode()
    bodies = (b"{", b'"stock"', b'{"events": 3}', many, long, json.dumps([stock("x", -3)]).encode())

    answers = [sender.post(body, headers=sender.sign(body)) for body in bodies]

    assert [status for status, _ in answers] == [422, 422, 422, 422, 413, 422]
    assert answers[-1][1]["refused"][0]["id"] == "x"
    unsigned = httpx2.post(sender.address, content=b"{}")
    assert (unsigned.status_code, unsigned.headers["content-type"]) == (401, "application/problem+json")
    assert httpx2.get(sender.address).status_code == 405
    assert not ShopEvent.objects.filter(merchant=shop).exists()


def test_two_keys_are_good_while_one_takes_the_others_place(sender: Sender, shop: Merchant) -> None:
    old = WebhookKey.objects.get(merchant=shop)
    now = read_clock()
    made = WEBHOOK_KEYS.rotate(old, at=now)
    successor = Sender(
        base=sender.address.split("/webhooks")[0], shop=shop.key, key=made.row.key_id, secret=made.secret
    )
    assert [sender.send(stock("k-1", 1))[0], successor.send(stock("k-2", 2))[0]] == [202, 202]
    with pytest.raises(TooManyKeys):
        make_key(merchant=MerchantId(str(shop.id)), name="third", at=now)

    assert WEBHOOK_KEYS.end(ids=(old.pk,), at=read_clock()) == 1

    assert [sender.send(stock("k-3", 3))[0], successor.send(stock("k-4", 4))[0]] == [401, 202]


def test_events_that_overtook_each_other_leave_the_last_word(sender: Sender, shop: Merchant) -> None:
    sender.send([stock("v-2", 20, version=2), stock("v-1", 10, version=1)])
    apply(shop)
    sender.send(stock("v-0", 5, version=0))
    apply(shop)
    assert get_quantity(shop) == 20
    statuses = dict(ShopEvent.objects.filter(merchant=shop).values_list("event_id", "status"))
    assert statuses == {"v-2": "applied", "v-1": "overtaken", "v-0": "overtaken"}

    sender.send(stock("v-3", 30, version=3))
    apply(shop)
    assert get_quantity(shop) == 30


def test_an_item_that_is_sold_no_more_leaves_the_shop_and_comes_back(sender: Sender, shop: Merchant) -> None:
    there = Variant.objects.filter(merchant=shop, sku="MEADOW-G")
    gone = {"id": "r-1", "kind": "product", "version": 2, "item": {"id": "MEADOW-G"}, "removed": True}
    assert sender.send(gone)[0] == 202
    apply(shop)
    assert not there.exists()
    assert Variant.objects.filter(merchant=shop, sku="MEADOW-W").exists()

    # What was said before that is overtaken; what comes after it is a new item.
    item = {"id": "MEADOW-G", "title": "Meadow lamp", "price": "80 EUR", "product_type": "Lamps"}
    sender.send({"id": "r-0", "kind": "product", "version": 1, "item": item})
    apply(shop)
    assert not there.exists()
    sender.send({"id": "r-2", "kind": "product", "version": 3, "item": item})
    apply(shop)
    assert there.exists()


def test_each_kind_reaches_the_shop(sender: Sender, shop: Merchant) -> None:
    now = read_clock()
    status, answer = sender.send(
        [
            {"id": "p", "kind": "price", "sku": "MEADOW-G", "price": "90.00 EUR", "sale_price": "75.50 EUR"},
            {
                "id": "n",
                "kind": "product",
                "item": {"id": "GLOBE-1", "title": "Globe lamp", "price": "20 EUR", "product_type": "Lamps"},
            },
            {"id": "t", "kind": "policy", "policy": {"name": "returns", "text": "Within 40 days."}},
            {
                "id": "d",
                "kind": "promotion",
                "promotion": {"code": "TEN", "title": "Ten off", "discount": {"percent": 10}},
            },
        ]
    )
    assert (status, answer["accepted"]) == (202, 4)

    apply(shop)

    green = Variant.objects.get(merchant=shop, sku="MEADOW-G")
    assert (str(green.price.amount), str(green.sale_price.amount)) == ("90.000", "75.500")
    assert green.price_observed_at >= now.replace(microsecond=0)
    assert Variant.objects.get(merchant=shop, sku="GLOBE-1").product.title == "Globe lamp"
    assert shop.policies.get(name="returns").text == "Within 40 days."
    assert shop.promotions.get(code="TEN").percent == 10


def test_what_cannot_be_applied_says_why_and_keeps_out_nothing_else(sender: Sender, shop: Merchant) -> None:
    sender.send(
        [
            stock("gone", 1, sku="NO-SUCH"),
            {"id": "dollars", "kind": "price", "sku": "MEADOW-G", "price": "9.00 USD"},
            {"id": "text", "kind": "policy", "policy": {"name": "returns", "text": ""}},
            stock("good", 11),
        ]
    )

    apply(shop)

    rows = {row.event_id: row for row in ShopEvent.objects.filter(merchant=shop)}
    assert {name: row.status for name, row in rows.items()} == {
        "gone": "refused",
        "dollars": "refused",
        "text": "refused",
        "good": "applied",
    }
    assert "send the product first" in rows["gone"].problem
    assert "USD" in rows["dollars"].problem
    assert get_quantity(shop) == 11


def test_a_product_that_says_no_number_keeps_the_one_that_is_counted(sender: Sender, shop: Merchant) -> None:
    lamp = {"id": "MEADOW-G", "title": "Meadow lamp", "price": "80 EUR", "product_type": "Lamps"}
    variant = Variant.objects.get(merchant=shop, sku="MEADOW-G")
    sender.send(stock("one", 1))
    apply(shop)

    for place, said in enumerate(({"availability": "in_stock"}, {}), start=1):
        sender.send({"id": f"p-{place}", "kind": "product", "version": place, "item": {**lamp, **said}})
        apply(shop)
        variant.refresh_from_db()
        assert (get_quantity(shop), variant.availability) == (1, "in_stock")

    gone = {**lamp, "availability": "out_of_stock"}
    sender.send({"id": "p-3", "kind": "product", "version": 3, "item": gone})
    apply(shop)
    variant.refresh_from_db()
    assert (get_quantity(shop), variant.availability) == (None, "out_of_stock")


@pytest.mark.parametrize(
    ("says", "left"),
    [
        ({"quantity": 0}, (0, "out_of_stock")),
        ({"quantity": "5.0", "availability": "in_stock"}, (5, "in_stock")),
        ({"availability": "sold out"}, (None, "out_of_stock")),
    ],
)
def test_a_product_sent_again_as_it_was_says_its_stock_anew(
    sender: Sender, shop: Merchant, says: dict[str, object], left: tuple[int | None, str]
) -> None:
    item = {"id": "MEADOW-G", "title": "Meadow lamp", "price": "80 EUR", "product_type": "Lamps", **says}
    variant = Variant.objects.get(merchant=shop, sku="MEADOW-G")
    between = 3 if left[0] != 5 else 0

    for event in (
        {"id": "first", "kind": "product", "item": item},
        stock("between", between),
        {"id": "again", "kind": "product", "item": item},
    ):
        assert sender.send(event)[0] == 202
        apply(shop)
        variant.refresh_from_db()
        assert (get_quantity(shop) == between) is (event["id"] == "between")

    assert (get_quantity(shop), variant.availability) == left


def test_a_product_sent_again_leaves_a_later_word_of_its_stock(sender: Sender, shop: Merchant) -> None:
    now = read_clock()
    item = {"id": "MEADOW-G", "title": "Meadow lamp", "price": "80 EUR", "quantity": 0}
    first = {"kind": "product", "at": (now - timedelta(minutes=9)).isoformat(), "item": item}

    for event in (
        {**first, "id": "first"},
        stock("later", 3, at=(now - timedelta(minutes=5)).isoformat()),
        {**first, "id": "again"},
    ):
        sender.send(event)
        apply(shop)

    assert get_quantity(shop) == 3


def test_an_older_promotion_that_comes_late_leaves_the_newer_and_its_version(
    sender: Sender, shop: Merchant
) -> None:
    seen = []
    for version, percent in ((7, 20), (6, 10), (8, 30)):
        told = {"code": "TEN", "title": "Off", "discount": {"percent": percent}}
        sender.send({"id": f"v{version}", "kind": "promotion", "version": version, "promotion": told})
        apply(shop)
        kept = shop.promotions.get(code="TEN")
        seen.append((int(kept.percent), kept.version))

    (first, one), (late, same), (last, higher) = seen
    assert (first, late, last) == (20, 20, 30)
    assert one == same < higher


@pytest.mark.parametrize("at_once", [True, False])
def test_a_late_word_stays_overtaken_though_a_product_without_a_version_came_between(
    sender: Sender, shop: Merchant, at_once: bool
) -> None:
    price = {"kind": "price", "sku": "MEADOW-G"}
    item = {"id": "MEADOW-G", "title": "Meadow lamp", "price": "91 EUR", "quantity": 4}
    for event in (
        {**price, "id": "ten", "version": 10, "price": "90 EUR"},
        stock("stock-ten", 10, version=10),
        {"id": "item", "kind": "product", "item": item},
    ):
        sender.send(event)
        if not at_once:
            apply(shop)
    apply(shop)

    sender.send([{**price, "id": "late", "version": 9, "price": "70 EUR"}, stock("stock-late", 9, version=9)])
    apply(shop)
    assert Variant.objects.get(merchant=shop, sku="MEADOW-G").price.amount == 91
    assert get_quantity(shop) == 4

    sender.send(
        [{**price, "id": "next", "version": 11, "price": "95 EUR"}, stock("stock-next", 7, version=11)]
    )
    apply(shop)
    assert Variant.objects.get(merchant=shop, sku="MEADOW-G").price.amount == 95
    assert get_quantity(shop) == 7


async def test_a_burst_takes_its_locks_in_the_order_of_an_order(
    sender: Sender, shop: Merchant, pool: AsyncConnectionPool[AsyncConnection]
) -> None:
    low, high = [row async for row in Variant.objects.filter(merchant=shop).order_by("id")[:2]]
    item = {"id": high.sku, "title": "Meadow lamp", "price": "70 EUR"}
    burst = [{"id": "item", "kind": "product", "item": item}, stock("level", 3, sku=low.sku)]
    assert (await asyncio.to_thread(sender.send, burst))[0] == 202
    lock = "SELECT FROM catalog_variant WHERE id = %s FOR UPDATE"

    async with pool.connection() as ordering, ordering.transaction():
        await ordering.execute(lock, [low.pk])
        applying = asyncio.create_task(sync_to_async(apply)(shop))

        async def waits() -> bool:
            async with pool.connection() as watching:
                found = await watching.execute(
                    "SELECT 1 FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid))",
                    [ordering.info.backend_pid],
                )
                return await found.fetchone() is not None

        await wait_until_async(waits, what="the burst at the first lock")
        await ordering.execute(lock, [high.pk])
    await applying

    assert await sync_to_async(get_quantity)(shop, low.sku) == 3
    assert not await ShopEvent.objects.filter(merchant=shop).exclude(status="applied").aexists()


def test_a_last_word_that_is_none_leaves_the_one_before_it(sender: Sender, shop: Merchant) -> None:
    def price(id: str, said: str, *, version: int) -> dict[str, object]:
        return {"id": id, "kind": "price", "sku": "MEADOW-G", "price": said, "version": version}

    sender.send(
        [
            price("old", "85.00 EUR", version=1),
            price("good", "75.00 EUR", version=2),
            *(price(f"junk-{version}", "9.00 USD", version=version) for version in range(3, 30)),
        ]
    )
    for _ in range(2):
        apply(shop)

    rows = {row.event_id: row.status for row in ShopEvent.objects.filter(merchant=shop)}
    assert (rows.pop("old"), rows.pop("good"), set(rows.values())) == ("overtaken", "applied", {"refused"})
    assert Variant.objects.get(merchant=shop, sku="MEADOW-G").price.amount == 75


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("last", ["price", "product"])
def test_words_of_a_whole_item_and_of_its_price_hold_by_when_they_were_said(
    sender: Sender, shop: Merchant, last: str, at_once: bool
) -> None:
    now = read_clock()
    first, later = (now - timedelta(minutes=ago) for ago in (9, 5))
    said = {"price": later, "product": first} if last == "price" else {"price": first, "product": later}
    item = {"id": "MEADOW-G", "title": "Meadow lamp in green", "price": "89 EUR", "product_type": "Lamps"}
    words: list[dict[str, object]] = [
        {"id": "item", "kind": "product", "at": said["product"].isoformat(), "item": item},
        {"id": "sum", "kind": "price", "at": said["price"].isoformat(), "sku": "MEADOW-G", "price": "99 EUR"},
    ]

    for order in (words, words[::-1]):
        fresh = [{**word, "id": f"{word['id']}-{order is words}"} for word in order]
        for batch in [fresh] if at_once else [[word] for word in fresh]:
            assert sender.send(batch)[0] == 202
            apply(shop)
        price = Variant.objects.get(merchant=shop, sku="MEADOW-G").price
        assert price.amount == (99 if last == "price" else 89)
        assert ShopEvent.objects.filter(merchant=shop, status="refused").count() == 0
        LatestWord.objects.filter(merchant=shop).delete()
