"""Opening, feeding and reading conversations over HTTP."""

import hashlib
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import httpx2
import msgspec
import pytest
from asgiref.sync import async_to_sync
from django.db import IntegrityError, transaction

from catalog.models import Merchant
from commerce_agent.composition import open_platform, read_clock
from conversations.api.bodies import NewConversation
from conversations.events.carts import CartChanged, CartLine
from conversations.events.facts import Amount
from conversations.ids import ConversationId, EntityRef
from conversations.models import Conversation, JournalEntry, Message, Opening
from tests.api.conftest import Open, make_shop, say, start, wait_for_reply
from tests.naming import name_shopper


def count_events(address: str) -> int:
    return JournalEntry.objects.filter(conversation=address.split("/")[1]).count()


@async_to_sync
async def fill_cart(conversation: str, *lines: CartLine) -> None:
    async with open_platform(quiet=True) as platform:
        await platform.conversations.record_arrivals(
            conversation=ConversationId(conversation), events=(CartChanged(lines=lines),), at=read_clock()
        )


def test_a_conversation_is_opened_on_the_shops_terms(client: httpx2.Client, shop: Merchant) -> None:
    answer = client.post("conversations/", json={})

    opened = answer.json()
    row = Conversation.objects.get(merchant_id=shop.id)
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/api/v1/conversations/{row.id}/"
    assert opened == {
        "id": str(row.id),
        "opened_at": row.opened_at.isoformat().replace("+00:00", "Z"),
        "shopper": None,
        "locale": "en",
        "currency": "EUR",
    }
    assert client.get(f"conversations/{row.id}/").json() == {
        "id": str(row.id),
        "version": 1,
        "turns": 0,
        "locale": "en",
        "opened_at": opened["opened_at"],
        "active_at": opened["opened_at"],
        "waiting_since": None,
    }


def test_a_shopper_is_named_by_the_merchants_key(client: httpx2.Client, shop: Merchant) -> None:
    shopper = name_shopper(shop.id, key="c-7", name="Ada", tier="gold")
    name_shopper(make_shop().id, key="c-8", name="Eve")

    known = client.post("conversations/", json={"shopper": "c-7", "locale": "de"}).json()
    unknown = client.post("conversations/", json={"shopper": "c-8"})

    state = client.get(f"conversations/{known['id']}/state/").json()["state"]
    assert (known["shopper"], known["locale"]) == (str(shopper.id), "de")
    assert (state["transcript"]["shopper"], state["transcript"]["tier"]) == (str(shopper.id), "gold")
    assert (unknown.status_code, unknown.json()["type"]) == (404, "urn:commerce-agent:no-such-shopper")
    assert Conversation.objects.filter(merchant_id=shop.id).count() == 1


def test_the_same_idempotency_key_opens_one(client: httpx2.Client, open_client: Open, shop: Merchant) -> None:
    key = {"Idempotency-Key": uuid.uuid4().hex}
    together = threading.Barrier(8)

    def ask(_: int) -> httpx2.Response:
        together.wait(10)
        return client.post("conversations/", json={}, headers=key)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(8)))
    later = open_client(shop).post("conversations/", json={"locale": None}, headers=key)
    elsewhere = open_client(make_shop()).post("conversations/", json={}, headers=key)

    assert {(one.status_code, one.content) for one in (*answers, later)} == {(201, answers[0].content)}
    assert Conversation.objects.filter(merchant_id=shop.id).count() == 1
    assert JournalEntry.objects.filter(merchant_id=shop.id).count() == 1
    assert elsewhere.status_code == 201
    assert elsewhere.json()["id"] != later.json()["id"]


def test_the_same_idempotency_key_moves_no_cart_that_was_filled_since(
    client: httpx2.Client, shop: Merchant
) -> None:
    shopper = name_shopper(shop.id, key="c-7")
    key, body = {"Idempotency-Key": "order-17"}, {"shopper": "c-7"}
    first = client.post("conversations/", json=body, headers=key)
    second = client.post("conversations/", json=body).json()["id"]
    line = CartLine(
        ref=EntityRef(kind="variant", key="LAMP"),
        title="Lamp",
        quantity=1,
        unit_price=Amount(amount=Decimal(20), currency="EUR"),
    )
    fill_cart(second, line)

    again = client.post("conversations/", json=body, headers=key)

    assert (again.status_code, again.content) == (201, first.content)
    assert count_events(first.headers["location"].removeprefix("/api/v1/")) == 1
    held = client.get(f"conversations/{second}/state/").json()["state"]["cart"]["lines"]
    assert [held_line["ref"]["key"] for held_line in held] == ["LAMP"]
    # A new key opens another, and that is where it moves.
    third = client.post("conversations/", json=body, headers={"Idempotency-Key": "order-18"}).json()
    moved = client.get(f"conversations/{third['id']}/state/").json()["state"]["cart"]["lines"]
    assert (third["shopper"], [moved_line["ref"]["key"] for moved_line in moved]) == (
        str(shopper.id),
        ["LAMP"],
    )


def test_what_refuses_an_opening_refuses_it_again(client: httpx2.Client, shop: Merchant) -> None:
    key = {"Idempotency-Key": "order-17"}
    client.post("conversations/", json={}, headers=key)
    Merchant.objects.filter(pk=shop.pk).update(active=False)

    again = client.post("conversations/", json={}, headers=key)

    assert (again.status_code, again.json()["type"]) == (403, "urn:commerce-agent:switched-off")
    assert Conversation.objects.filter(merchant_id=shop.id).count() == 1


def test_an_idempotency_key_is_for_one_body(client: httpx2.Client, shop: Merchant) -> None:
    key = {"Idempotency-Key": "order-17"}
    client.post("conversations/", json={}, headers=key)

    other = client.post("conversations/", json={"locale": "de"}, headers=key)
    bad = client.post("conversations/", json={}, headers={"Idempotency-Key": "a b"})

    assert (other.status_code, other.json()["type"]) == (422, "urn:commerce-agent:key-reused")
    assert (bad.status_code, bad.json()["type"]) == (400, "urn:commerce-agent:bad-parameter")
    assert Conversation.objects.filter(merchant_id=shop.id).count() == 1


def test_what_an_idempotency_key_was_used_for_tells_nothing_of_the_shopper(
    client: httpx2.Client, shop: Merchant
) -> None:
    name_shopper(shop.id, key="ada@example.org", name="Ada")
    name_shopper(shop.id, key="eve@example.org", name="Eve")
    key, body = {"Idempotency-Key": "order-17"}, {"shopper": "ada@example.org"}

    first, again = [client.post("conversations/", json=body, headers=key) for _ in range(2)]
    other = client.post("conversations/", json={"shopper": "eve@example.org"}, headers=key)

    kept = Opening.objects.get(merchant_id=shop.id).digest
    guess = msgspec.json.encode(NewConversation(shopper="ada@example.org"))
    assert kept != hashlib.sha256(guess).hexdigest()
    assert first.content == again.content
    assert (other.status_code, other.json()["type"]) == (422, "urn:commerce-agent:key-reused")


def test_an_idempotency_key_that_names_somebody_is_not_kept(client: httpx2.Client, shop: Merchant) -> None:
    # No letter of the name but "e" is one of a digest's.
    key = {"Idempotency-Key": "zoe@example.org"}
    first = client.post("conversations/", json={}, headers=key)

    mark = Opening.objects.get(merchant_id=shop.id).key
    guess = hashlib.sha256(f"{shop.id}/zoe@example.org".encode()).hexdigest()
    assert (mark.startswith("mark:"), "zoe" in mark, guess in mark) == (True, False, False)
    # What was kept before there were marks opens nothing again either, and a process from then opens nothing more.
    Opening.objects.filter(merchant_id=shop.id).update(key=f"before:{guess}")
    assert client.post("conversations/", json={}, headers=key).content == first.content
    kept = Opening.objects.get(merchant_id=shop.id)
    with pytest.raises(IntegrityError), transaction.atomic():
        Opening.objects.create(
            merchant_id=shop.id,
            key="zoe@example.org",
            digest=kept.digest,
            conversation_id=kept.conversation_id,
        )
    assert Conversation.objects.filter(merchant_id=shop.id).count() == 1


def test_conversations_are_paged_while_others_are_opened(client: httpx2.Client) -> None:
    ids = [client.post("conversations/", json={}).json()["id"] for _ in range(5)]

    first = client.get("conversations/", params={"limit": 2}).json()
    client.post("conversations/", json={})
    second = client.get("conversations/", params={"limit": 2, "cursor": first["next"]}).json()
    third = client.get("conversations/", params={"limit": 2, "cursor": second["next"]}).json()

    listed = [one["id"] for page in (first, second, third) for one in page["results"]]
    assert listed == ids[::-1]
    assert third["next"] is None


def test_a_message_is_answered_once(lamps: httpx2.Client) -> None:
    address = start(lamps)
    message = {"cid": uuid.uuid4().hex, "text": "  Show me lamps\x00 "}
    together = threading.Barrier(4)

    def send(_: int) -> httpx2.Response:
        together.wait(10)
        return lamps.post(f"{address}messages/", json=message)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(send, range(4)))
    assert wait_for_reply(lamps, address, after=2)["turn"] == 1
    assert say(lamps, address, "Thanks")["turn"] == 2
    late = lamps.post(f"{address}messages/", json={**message, "text": "something else"})

    assert {one.status_code for one in answers} == {202}
    bodies = sorted((one.json() for one in answers), key=lambda one: one["duplicate"])
    assert bodies == [
        {"cid": message["cid"], "seq": 2, "frame": 1, "duplicate": again}
        for again in (False, True, True, True)
    ]
    assert late.json() == {"cid": message["cid"], "seq": 2, "frame": 1, "duplicate": True}
    events = lamps.get(f"{address}events/").json()["results"]
    spoken = [one["event"]["text"] for one in events if one["event"]["type"] == "shopper.spoke"]
    replies = [one["event"]["turn"] for one in events if one["event"]["type"] == "reply.given"]
    assert (spoken, replies) == (["Show me lamps", "Thanks"], [1, 2])
    assert Message.objects.filter(conversation=address.split("/")[1]).count() == 2


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        ({"cid": "12345678"}, 422, "Object missing required field `text`."),
        ({"cid": "1234567", "text": "x"}, 422, "Expected `str` of length >= 8 - at `$.cid`."),
        (
            {"cid": "12345678\n", "text": "x"},
            422,
            r"Expected `str` matching regex '^[0-9A-Za-z-]+$(?!\\n)' - at `$.cid`.",
        ),
        ({"cid": "12345678", "text": 5}, 422, "Expected `str`, got `int` - at `$.text`."),
        ({"cid": "12345678", "text": "x", "by": "me"}, 422, "Object contains unknown field `by`."),
        ({"cid": "12345678", "text": "x" * 2001}, 422, "Expected `str` of length <= 2000 - at `$.text`."),
        ([], 422, "Expected `object`, got `array`."),
    ],
)
def test_a_body_that_is_wrong_changes_nothing(
    client: httpx2.Client, body: object, status: int, detail: str
) -> None:
    address = start(client)

    answer = client.post(f"{address}messages/", json=body)

    assert (answer.status_code, answer.json()["detail"]) == (status, detail)
    assert answer.headers["content-type"] == "application/problem+json"
    assert count_events(address) == 1


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b'"\xff"', "application/json", 400),
        (b'{"cid":"12345678","text":"\\ud800"}', "application/json", 400),
        (b"[" * 60_000, "application/json", 400),
        (b" " * 65_537, "application/json", 413),
        (b"cid=12345678&text=x", "application/x-www-form-urlencoded", 415),
    ],
)
def test_a_body_that_cannot_be_read_changes_nothing(
    client: httpx2.Client, content: bytes, kind: str, status: int
) -> None:
    address = start(client)

    answer = client.post(f"{address}messages/", content=content, headers={"Content-Type": kind})

    assert (answer.status_code, answer.json()["status"]) == (status, status)
    assert answer.headers["content-type"] == "application/problem+json"
    assert count_events(address) == 1


def test_every_failure_under_api_is_a_problem(client: httpx2.Client) -> None:
    address = start(client)
    cases = [
        client.get("nothing/"),
        client.get("conversations"),
        client.get("conversations/not-a-uuid/"),
        client.get("conversations/%0a/state/"),
        client.put("conversations/", json={}),
        client.get(f"{address}messages/"),
        client.get(f"{address}events/", params={"after": "-1"}),
        client.get(f"{address}events/", params={"later": "1"}),
        client.get(f"{address}events/", params={"wait": "26"}),
        client.get(f"{address}state/", params={"at": "null"}),
        client.get(f"{address}state/?at=1&at=1"),
        client.get("conversations/", params={"cursor": f"1-{uuid.uuid4().hex}\n"}),
        client.get(f"{address}decisions/", params={"cursor": "1\n"}),
        client.post("nothing/", json={}),
        client.get(f"{address}state/", params={"at": "2"}),
        client.get("conversations/", headers={"Accept": "text/html"}),
        client.get("/api/"),
    ]

    assert [one.status_code for one in cases] == [*[404] * 4, 405, 405, *[400] * 7, 404, 404, 406, 404]
    assert [one.json()["status"] for one in cases] == [one.status_code for one in cases]
    assert {one.headers["content-type"] for one in cases} == {"application/problem+json"}
    assert cases[14].json()["detail"] == "The conversation is at version 1; there is no version 2."
