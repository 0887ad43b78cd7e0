"""Who is let in: keys, scopes, other merchants' conversations, and how often."""

import uuid
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from django.core.cache import caches
from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.views import APIView

from catalog.models import Merchant
from conversations.api.access import KeyRate
from conversations.api.keys import Caller, KeyRefused, get_caller, revoke_keys
from conversations.api.urls import PAGES
from conversations.ids import MerchantId
from conversations.models import AccessRecord, ApiKey, Conversation, JournalEntry
from tests.api.conftest import Open, make_key, make_shop, say, start

PROBLEM = "application/problem+json"
REFUSED = {
    "type": "urn:commerce-agent:key-refused",
    "title": "Unauthorized",
    "status": 401,
    "detail": "Send a good API key as: Authorization: Bearer ca_...",
}
UNKNOWN = {
    "type": "urn:commerce-agent:no-such-conversation",
    "title": "Not Found",
    "status": 404,
    "detail": "There is no such conversation.",
}
PARTS = (
    "",
    "state/",
    "entities/",
    "facts/",
    "decisions/",
    "graph/",
    "graph/mentions/?key=BRIM-Y",
    "graph/told/",
    f"graph/decisions/{uuid.uuid4()}/",
    "events/",
    "export/",
)


READS = (
    ("state/", "state"),
    ("state/?graph=true", "state"),
    ("entities/", "entities"),
    ("facts/", "facts"),
    ("decisions/", "decisions"),
    ("graph/", "graph"),
    ("graph/mentions/?key=BRIM-Y", "mentions"),
    ("graph/told/", "told"),
    ("graph/decisions/{decision}/", "grounds"),
    ("events/", "events"),
    ("export/", "export"),
)
"""What each read of a talk is put on record as."""
NO_READS = (("", ""), ("events/?after={last}", ""), ("decisions/?cursor={last}", ""))
"""They say nothing of what was said: how a conversation stands, and pages with nothing on them."""


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ca_1_2", "Basic Y2E6Y2E=", "Token x", "Bearer \xe9"]
)
def test_nobody_without_a_good_key(running_shop: str, shop: Merchant, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header.encode("latin-1")}
    with httpx2.Client(base_url=f"{running_shop}/api/v1/", headers=headers, trust_env=False) as stranger:
        read = stranger.get("conversations/")
        written = stranger.post("conversations/", json={})

    for answer in (read, written):
        assert (answer.status_code, answer.json()) == (401, REFUSED)
        assert answer.headers["content-type"] == PROBLEM
        assert answer.headers["www-authenticate"] == 'Bearer realm="api"'
    assert not Conversation.objects.filter(merchant_id=shop.id).exists()


def test_a_revoked_key_ends_at_once(open_client: Open, shop: Merchant) -> None:
    client = open_client(shop)
    key = ApiKey.objects.get(merchant_id=shop.id)
    assert client.get("conversations/").status_code == 200

    assert revoke_keys(ids=(key.id,), at=datetime.now(UTC)) == 1

    refused = client.post("conversations/", json={})
    assert (refused.status_code, refused.json()) == (401, REFUSED)
    assert not Conversation.objects.filter(merchant_id=shop.id).exists()
    assert revoke_keys(ids=(key.id,), at=datetime.now(UTC)) == 0


def test_a_key_is_stored_as_a_hash(shop: Merchant) -> None:
    secret, key = make_key(shop)

    stored = ApiKey.objects.filter(pk=key.pk).values().get()

    assert secret.startswith(f"{key.prefix}_")
    assert len(secret) == len(key.prefix) + 1 + 43
    assert not any(secret[len(key.prefix) + 1 :] in str(value) for value in stored.values())


def test_the_last_use_is_noted_to_the_minute(shop: Merchant) -> None:
    secret, key = make_key(shop)
    first = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

    def use(at: datetime) -> datetime | None:
        get_caller(secret=secret, at=at)
        return ApiKey.objects.get(pk=key.pk).last_used_at

    assert ApiKey.objects.get(pk=key.pk).last_used_at is None
    assert use(first) == first
    assert use(first + timedelta(seconds=59)) == first
    assert use(first + timedelta(seconds=60)) == first + timedelta(seconds=60)
    with pytest.raises(KeyRefused):
        get_caller(secret=f"{secret}x", at=first)


def test_a_reading_key_writes_nothing(open_client: Open, shop: Merchant) -> None:
    address = start(open_client(shop))
    reader = open_client(shop, scope=ApiKey.Scope.READ)

    opened = reader.post("conversations/", json={})
    said = reader.post(f"{address}messages/", json={"cid": "12345678", "text": "hello"})
    handed = reader.post(f"{address}handoff/", json={"to": "person"})

    expected = {
        "type": "urn:commerce-agent:scope",
        "title": "Forbidden",
        "status": 403,
        "detail": "This key may only read; use one with the scope write.",
    }
    assert [(one.status_code, one.json()) for one in (opened, said, handed)] == [(403, expected)] * 3
    assert reader.get(f"{address}state/").json()["version"] == 1
    assert JournalEntry.objects.filter(merchant_id=shop.id).count() == 1
    assert Conversation.objects.filter(merchant_id=shop.id).count() == 1


def test_who_reads_a_conversation_is_on_record_and_a_stranger_has_read_nothing(
    open_client: Open, shop: Merchant
) -> None:
    writer = open_client(shop)
    address = start(writer)
    say(writer, address, "Do you have lamps?")
    reader, stranger = open_client(shop, scope=ApiKey.Scope.READ), open_client(make_shop())
    (made,) = writer.get(f"{address}decisions/").json()["results"]
    last = writer.get(f"{address}state/").json()["version"]
    before = AccessRecord.objects.filter(subject=f"conversation:{address.split('/')[1]}").count()

    for part, _ in (*READS, *NO_READS):
        part = part.format(decision=made["decision"]["id"], last=last)
        assert stranger.get(address + part).status_code == 404
        assert reader.get(address + part).status_code == 200

    seen = AccessRecord.objects.filter(subject=f"conversation:{address.split('/')[1]}").order_by("seq")[
        before:
    ]
    assert [(row.merchant_id, row.action, row.purpose) for row in seen] == [
        (shop.pk, "conversation.read", of) for _, of in READS
    ]
    assert len({row.actor for row in seen}) == 1
    assert seen[0].actor.startswith("key:")


def test_every_address_of_a_talk_is_one_whose_reading_is_looked_at() -> None:
    """A new address under a conversation is put among the ones that leave a record, or among those that say nothing."""
    looked_at = {part.partition("?")[0].replace("{decision}", "") for part, _ in (*READS, *NO_READS)}
    answered = {
        where.removeprefix("<uuid:conversation>/").replace("<uuid:decision>/", "/").replace("//", "/")
        for where, view, _ in PAGES
        if where and hasattr(view, "get")
    }

    assert {part.replace("//", "/") for part in looked_at} == answered


def test_another_merchants_conversation_looks_like_none(open_client: Open, shop: Merchant) -> None:
    address = start(open_client(shop))
    stranger = open_client(make_shop())
    nowhere = f"conversations/{uuid.uuid4()}/"
    message = {"cid": "12345678", "text": "hello"}

    theirs = [stranger.get(address + part) for part in PARTS]
    theirs += [stranger.get(f"{address}state/", params={"at": 1})]
    theirs += [stranger.post(f"{address}messages/", json=message)]
    theirs += [stranger.post(f"{address}handoff/", json={"to": "person"})]
    none = [stranger.get(nowhere + part) for part in PARTS]
    none += [stranger.get(f"{nowhere}state/", params={"at": 1})]
    none += [stranger.post(f"{nowhere}messages/", json=message)]
    none += [stranger.post(f"{nowhere}handoff/", json={"to": "person"})]

    assert [(one.status_code, one.json()) for one in theirs] == [(404, UNKNOWN)] * len(theirs)
    assert [one.content for one in none] == [one.content for one in theirs]
    assert stranger.get("conversations/").json() == {"results": [], "next": None}
    assert list(JournalEntry.objects.filter(merchant_id=shop.id).values_list("seq", "kind")) == [
        (1, "conversation.opened")
    ]


def test_a_key_that_asks_too_often_is_told_when_to_come_back(open_client: Open, shop: Merchant) -> None:
    client = open_client(shop, per_minute=2)

    answers = [client.post("conversations/", json={}) for _ in range(5)]

    # A minute may end in between; then the count begins again.
    refused = next(one for one in answers if one.status_code == 429)
    seconds = refused.json()["retry_after"]
    assert 1 <= seconds <= 60
    assert refused.headers["retry-after"] == str(seconds)
    assert refused.headers["content-type"] == PROBLEM
    assert refused.json() == {
        "type": "urn:commerce-agent:throttled",
        "title": "Too Many Requests",
        "status": 429,
        "detail": f"This key has used up its requests; ask again in {seconds} s.",
        "retry_after": seconds,
    }
    opened = sum(one.status_code == 201 for one in answers)
    assert opened in (2, 4)
    assert Conversation.objects.filter(merchant_id=shop.id).count() == opened
    assert open_client(shop).get("conversations/").status_code == 200


def test_a_shop_that_is_switched_off_takes_no_words(client: httpx2.Client, shop: Merchant) -> None:
    address = start(client)
    shop.active = False
    shop.save()

    opened = client.post("conversations/", json={})
    said = client.post(f"{address}messages/", json={"cid": "12345678", "text": "hello"})

    expected = {
        "type": "urn:commerce-agent:switched-off",
        "title": "Forbidden",
        "status": 403,
        "detail": "The chat of this shop is switched off.",
    }
    assert [(one.status_code, one.json()) for one in (opened, said)] == [(403, expected)] * 2
    assert JournalEntry.objects.filter(merchant_id=shop.id).count() == 1
    assert client.get(f"{address}state/").json()["version"] == 1


def test_a_message_that_was_taken_keeps_its_place_when_the_shop_is_switched_off(
    client: httpx2.Client, shop: Merchant
) -> None:
    address = start(client)
    message = {"cid": uuid.uuid4().hex, "text": "hello"}
    taken = client.post(f"{address}messages/", json=message).json()
    shop.active = False
    shop.save()

    again = client.post(f"{address}messages/", json=message)

    assert (again.status_code, again.json()) == (202, {**taken, "duplicate": True})


def test_a_count_that_is_lost_between_two_steps_refuses_nobody(
    shop: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, key = make_key(shop)
    caller = Caller(key=key.id, merchant=MerchantId(str(shop.id)), may_write=True, per_minute=1)
    request = Request(HttpRequest())
    request.auth = caller
    monkeypatch.setattr(caches["limits"], "add", lambda *_, **__: True)

    assert KeyRate().allow_request(request, APIView())
