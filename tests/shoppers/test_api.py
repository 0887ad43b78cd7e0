"""A shop's own systems see, correct and erase what is kept of its shoppers, over HTTP."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx2
import pytest
from asgiref.sync import async_to_sync

from catalog.models import Merchant
from commerce_agent import api
from commerce_agent.composition import Platform, open_platform
from conversations.api.bodies import ErasedAnswer
from conversations.ids import MerchantId, ShopperId
from conversations.models import AccessRecord, ApiKey, DataKey
from conversations.service import Reader, Whose
from conversations.shoppers import Kept, remember
from tests.api.conftest import make_key, make_shop
from tests.naming import name_shopper
from tests.shoppers.conftest import NOON

BOOTS = Kept(id="", kind="size", topic="boots", value="42", source="stated", at=NOON)
SHIRTS = Kept(id="", kind="size", topic="shirts", value="M", source="inferred", at=NOON)


@pytest.fixture
def shop(database: str) -> Merchant:
    return make_shop()


@pytest.fixture
def client(running_shop: str, shop: Merchant) -> Iterator[httpx2.Client]:
    secret, _ = make_key(shop)
    with speak_for(running_shop, secret) as opened:
        yield opened


def speak_for(base: str, secret: str) -> httpx2.Client:
    headers = {"Authorization": f"Bearer {secret}"}
    return httpx2.Client(base_url=f"{base}/api/v1/shoppers/", headers=headers, trust_env=False)


def make_remembered(shop: Merchant, *, key: str = "ada/1?") -> str:
    """A shopper of whom two sizes are remembered; the address under which that is."""
    card = name_shopper(shop.pk, key=key, name="Ada Moss")

    async def keep() -> None:
        async with open_platform(quiet=True) as platform:
            await platform.conversations.profiles.change(
                Whose(merchant=MerchantId(str(shop.pk)), shopper=card.id),
                lambda profile: remember(profile, (BOOTS, SHIRTS), now=NOON),
                reader=Reader(actor="test", purpose="keeps"),
                fields=("size",),
                at=NOON,
            )

    async_to_sync(keep)()
    return quote(key, safe="")


def list_kept(answer: httpx2.Response) -> list[tuple[str, str, str]]:
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return [(kept["topic"], kept["value"], kept["source"]) for kept in body["kept"]]


def test_what_is_remembered_is_read_corrected_forgotten_and_refused(
    client: httpx2.Client, shop: Merchant
) -> None:
    ada = make_remembered(shop, key="ada-1")

    first = client.get(f"{ada}/memory/")
    ids = {kept["topic"]: kept["id"] for kept in first.json()["kept"]}
    corrected = client.post(f"{ada}/memory/correct/", json={"id": ids["shirts"], "value": "L"})
    forgotten = client.post(f"{ada}/memory/forget/", json={"ids": [ids["boots"]]})
    refused = client.post(f"{ada}/consent/", json={"given": False})

    assert list_kept(first) == [("boots", "42", "stated"), ("shirts", "M", "inferred")]
    assert list_kept(corrected) == [("boots", "42", "stated"), ("shirts", "L", "stated")]
    assert list_kept(forgotten) == [("shirts", "L", "stated")]
    assert (refused.json()["consent"], list_kept(refused)) == ("refused", [])
    actions = AccessRecord.objects.filter(merchant_id=shop.pk, actor__startswith="key:").order_by("seq")
    assert [(row.action, row.purpose) for row in actions] == [
        ("profile.read", "memory"),
        ("profile.written", "correct"),
        ("profile.written", "forget"),
        ("profile.written", "consent"),
    ]


def test_a_card_number_put_in_place_of_what_is_remembered_is_taken_out(
    client: httpx2.Client, shop: Merchant
) -> None:
    ada = make_remembered(shop, key="ada-5")
    ids = {kept["topic"]: kept["id"] for kept in client.get(f"{ada}/memory/").json()["kept"]}

    corrected = client.post(
        f"{ada}/memory/correct/", json={"id": ids["shirts"], "value": "L 4111 1111 1111 1111"}
    )

    taken_out = [("boots", "42", "stated"), ("shirts", "L [card number removed]", "stated")]
    assert list_kept(corrected) == list_kept(client.get(f"{ada}/memory/")) == taken_out


def test_a_shopper_is_exported_and_erased(client: httpx2.Client, shop: Merchant) -> None:
    ada = make_remembered(shop, key="ada-2")

    answered = client.get(f"{ada}/export/")
    assert answered.status_code == 200, answered.text
    exported = answered.json()
    erased = client.post(f"{ada}/erase/", json={"why": "asked by letter"})
    gone = client.get(f"{ada}/memory/")

    assert exported["export"]["name"] == "Ada Moss"
    assert "Ada Moss" in exported["page"]
    assert erased.json() == {"conversations": 0, "events": 0, "orders": 0}
    assert gone.status_code == 404


def test_a_key_at_fault_refuses_an_erasure_and_nothing_goes(client: httpx2.Client, shop: Merchant) -> None:
    ada = make_remembered(shop, key="ada-3")
    keys = DataKey.objects.filter(merchant_id=shop.pk, destroyed_at=None)
    before = keys.count()
    keys.update(kek_version=4_000)

    refused = client.post(f"{ada}/erase/", json={"why": "asked by letter"})

    assert (refused.status_code, refused.json()["type"]) == (503, "urn:commerce-agent:not-erased")
    assert "must be put right before this shopper can be erased" in refused.json()["detail"]
    assert keys.count() == before > 0


async def test_who_was_erased_between_two_requests_is_answered_like_none(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two requests found the shopper; the first has erased them."""
    nobody, reader = ShopperId(str(uuid4())), Reader(actor="key:1", purpose="asked by letter")
    merchant = MerchantId(str(uuid4()))
    async with open_platform(quiet=True) as platform:

        async def get_platform() -> Platform:
            return platform

        monkeypatch.setattr(api, "get_platform", get_platform)
        erased = await api.erase_shopper(merchant, nobody, reader)
        exported = await api.take_out_shopper(merchant, nobody, reader)

    assert erased == ErasedAnswer(conversations=0, events=0, orders=0)
    assert exported is None


def test_another_shops_shopper_answers_like_none_and_a_reading_key_writes_nothing(
    client: httpx2.Client, running_shop: str, shop: Merchant
) -> None:
    other = make_shop()
    theirs = make_remembered(other, key="eve-1")
    mine = make_remembered(shop, key="ada-3")
    secret, _ = make_key(shop, scope=ApiKey.Scope.READ)

    for path, body in (
        ("memory/", None),
        ("export/", None),
        ("erase/", {"why": "x"}),
        ("consent/", {"given": False}),
        ("memory/forget/", {"ids": ["m1"]}),
    ):
        answers = [
            client.get(f"{name}/{path}") if body is None else client.post(f"{name}/{path}", json=body)
            for name in (theirs, uuid4().hex)
        ]
        assert {answer.status_code for answer in answers} == {404}
        assert answers[0].content == answers[1].content
    with speak_for(running_shop, secret) as reader:
        refused = reader.post(f"{mine}/erase/", json={"why": "x"})
        kept = list_kept(reader.get(f"{mine}/memory/"))

    assert refused.status_code == 403
    assert not AccessRecord.objects.filter(merchant_id=other.pk, actor__startswith="key:").exists()
    assert len(kept) == 2
