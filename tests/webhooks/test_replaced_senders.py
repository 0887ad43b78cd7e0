"""A system that takes another's place at a shop's door is heard, however low it numbers what it tells."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async

from catalog.ids import MerchantId
from catalog.models import LatestWord, Merchant, Policy, PollSource, ShopEvent, Variant, WebhookKey
from commerce_agent.composition import read_clock
from commerce_agent.webhooks.keys import WEBHOOK_KEYS, make_key
from tests.strange_system import answering, say
from tests.webhooks.sending import Sender
from tests.webhooks.test_polling import ask, enter
from tests.webhooks.test_receiving import apply, get_quantity, stock


def make_sender(like: Sender, *, key: str, secret: str) -> Sender:
    base, shop = like.address.split("/webhooks/v1/")
    return Sender(base=base, shop=shop.strip("/"), key=key, secret=secret)


def make_second(sender: Sender, shop: Merchant) -> Sender:
    """With a key beside the first one's."""
    made = make_key(merchant=MerchantId(str(shop.id)), name="other", at=read_clock())
    return make_sender(sender, key=made.row.key_id, secret=made.secret)


def replace(sender: Sender, shop: Merchant) -> Sender:
    """By the button: the first key is good for a day yet."""
    made = WEBHOOK_KEYS.rotate(WebhookKey.objects.get(merchant=shop), at=read_clock())
    return make_sender(sender, key=made.row.key_id, secret=made.secret)


def end_and_make(sender: Sender, shop: Merchant) -> Sender:
    WEBHOOK_KEYS.end(ids=(WebhookKey.objects.get(merchant=shop).pk,), at=read_clock())
    return make_second(sender, shop)


def make_and_end(sender: Sender, shop: Merchant) -> Sender:
    old = WebhookKey.objects.get(merchant=shop)
    second = make_second(sender, shop)
    WEBHOOK_KEYS.end(ids=(old.pk,), at=read_clock())
    return second


Succeed = Callable[[Sender, Merchant], Sender]
WAYS = pytest.mark.parametrize("succeed", [replace, end_and_make, make_and_end])


def get_statuses(shop: Merchant) -> dict[str, str]:
    return dict(ShopEvent.objects.filter(merchant=shop).values_list("event_id", "status"))


@WAYS
@pytest.mark.parametrize("at_once", [True, False])
def test_the_successors_lower_numbers_are_taken(
    sender: Sender, shop: Merchant, succeed: Succeed, at_once: bool
) -> None:
    price = {"kind": "price", "sku": "MEADOW-G"}
    sender.send([stock("a", 8, version=900), {**price, "id": "p", "price": "70 EUR", "version": 900}])
    if not at_once:
        apply(shop)
        assert get_quantity(shop) == 8

    successor = succeed(sender, shop)
    successor.send([stock("b", 3, version=1), {**price, "id": "q", "price": "75 EUR", "version": 1}])
    apply(shop)

    assert get_quantity(shop) == 3
    assert Variant.objects.get(merchant=shop, sku="MEADOW-G").price.amount == 75
    # From here on its own numbers count, in whatever order they come.
    successor.send([stock("d", 5, version=3)])
    apply(shop)
    successor.send([stock("c", 4, version=2)])
    apply(shop)
    assert get_quantity(shop) == 5
    assert get_statuses(shop)["c"] == "overtaken"


def test_a_late_word_of_the_system_before_is_older_than_the_successors(
    sender: Sender, shop: Merchant
) -> None:
    early = read_clock() - timedelta(minutes=1)
    sender.send(stock("a", 8, version=900))
    apply(shop)
    successor = replace(sender, shop)
    successor.send(stock("b", 3, version=1))
    apply(shop)

    sender.send(stock("late", 7, version=901, at=early.isoformat()))
    apply(shop)

    assert get_quantity(shop) == 3
    assert get_statuses(shop) == {"a": "applied", "b": "applied", "late": "overtaken"}


def test_a_word_without_a_number_does_not_inherit_the_one_of_the_system_before(
    sender: Sender, shop: Merchant
) -> None:
    sender.send(stock("a", 8, version=900))
    apply(shop)
    successor = replace(sender, shop)
    successor.send(stock("b", 3))
    apply(shop)

    word = LatestWord.objects.get(merchant=shop, kind="stock", subject="MEADOW-G")
    assert (word.version, word.sender) == (None, successor.key)
    successor.send(stock("c", 2, version=1))
    apply(shop)
    assert get_quantity(shop) == 2


def test_two_good_keys_may_be_one_systems(sender: Sender, shop: Merchant) -> None:
    second = make_second(sender, shop)
    second.send(stock("six", 6, version=6))
    apply(shop)
    sender.send(stock("five", 5, version=5))
    apply(shop)

    assert get_quantity(shop) == 6
    assert get_statuses(shop) == {"six": "applied", "five": "overtaken"}


def tell_returns(id: str, days: int, version: int | None) -> dict[str, object]:
    policy = {"name": "returns", "text": f"Within {days} days.", "terms": {"window_days": days}}
    told = {"id": id, "kind": "policy", "policy": policy}
    return told if version is None else {**told, "version": version}


def list_returns(shop: Merchant) -> list[tuple[int, str]]:
    return list(
        Policy.objects.filter(merchant=shop, name="returns")
        .order_by("version")
        .values_list("version", "text")
    )


@WAYS
def test_the_policy_of_the_successor_is_the_one_in_force(
    sender: Sender, shop: Merchant, succeed: Succeed
) -> None:
    sender.send(tell_returns("a", 60, 900))
    apply(shop)
    successor = succeed(sender, shop)

    for id, days, version in (("b", 14, 1), ("d", 21, 3), ("c", 20, 2), ("e", 22, 3)):
        successor.send(tell_returns(id, days, version))
        apply(shop)

    assert list_returns(shop) == [
        (900, "Within 60 days."),
        (901, "Within 14 days."),
        # Said anew under the same number, it is corrected in its place.
        (903, "Within 22 days."),
    ]
    assert get_statuses(shop)["c"] == "overtaken"


def test_a_system_that_goes_on_counting_under_a_new_key_is_numbered_as_it_says(
    sender: Sender, shop: Merchant
) -> None:
    sender.send(tell_returns("a", 60, 5))
    apply(shop)
    successor = replace(sender, shop)

    successor.send(tell_returns("b", 30, 6))
    apply(shop)

    assert list_returns(shop) == [(5, "Within 60 days."), (6, "Within 30 days.")]


@pytest.mark.parametrize("leaves", ["another address", "switched off", "deleted"])
async def test_a_poll_source_that_replaces_another_is_heard(shop: Merchant, leaves: str) -> None:
    def tell(path: str, _headers: object) -> object:
        old = path.startswith("/old")
        return say([stock("a", 8, version=900) if old else stock("b", 3, version=1)])

    with answering(tell) as url:  # type: ignore[arg-type]  # it answers every path alike
        source = await sync_to_async(enter)(shop, url=f"{url}/old")
        await ask(source)
        await sync_to_async(apply)(shop)
        assert await sync_to_async(get_quantity)(shop) == 8

        if leaves == "another address":
            await PollSource.objects.filter(pk=source.pk).aupdate(url=f"{url}/new", due_at=None)
            await source.arefresh_from_db()
        else:
            gone = PollSource.objects.filter(pk=source.pk)
            await (gone.aupdate(active=False) if leaves == "switched off" else gone.adelete())
            source = await sync_to_async(enter)(shop, url=f"{url}/new")
        await ask(source)
        await sync_to_async(apply)(shop)

    assert await sync_to_async(get_quantity)(shop) == 3
