"""Polled addresses in the console: entered with a login that is never shown, tried, and told when they fail."""

import uuid
from collections.abc import Mapping
from html import unescape

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from catalog.models import Merchant, PollSource, ShopEvent
from commerce_agent.webhooks.poll_logins import find_login
from tests.strange_system import Answer, answering, say

ADD = reverse("admin:catalog_pollsource_add")
LIST = reverse("admin:catalog_pollsource_changelist")
SECRET = "till-s3cret"
HERE = override_settings(CONNECTOR_PRIVATE_NETWORKS=["127.0.0.0/8"])


@pytest.fixture
def shop(database: str) -> Merchant:
    return Merchant.objects.create(key=f"t-{uuid.uuid4().hex[:12]}", name="Polled")


def fill(shop: Merchant, **changed: str) -> dict[str, str]:
    return {
        "merchant": str(shop.id),
        "name": "till",
        "url": "https://till.shop.example/events",
        "seconds": "60",
        "active": "on",
        "login": "bearer",
        "login_name": "",
        "secret": SECRET,
        **changed,
    }


def enter(owner: Client, shop: Merchant, **changed: str) -> PollSource:
    answer = owner.post(ADD, fill(shop, **changed))
    assert answer.status_code == 302, answer.content.decode()[:4000]
    return PollSource.objects.get(merchant=shop)


def page_of(source: PollSource) -> str:
    return reverse("admin:catalog_pollsource_change", args=[source.pk])


def try_it(client: Client, source: PollSource) -> str:
    answer = client.post(reverse("admin:catalog_pollsource_try", args=[source.pk]))
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def test_a_secret_is_sealed_kept_replaced_and_dropped_and_never_shown(owner: Client, shop: Merchant) -> None:
    source = enter(owner, shop)
    first = bytes(source.sealed_secret)
    shown = owner.get(page_of(source)).content.decode() + owner.get(LIST).content.decode()

    owner.post(page_of(source), fill(shop, secret="", name="till 2"))
    source.refresh_from_db()
    kept = (source.name, bytes(source.sealed_secret), find_login(source).make_headers())
    owner.post(page_of(source), fill(shop, secret="another"))
    source.refresh_from_db()
    replaced = find_login(source).make_headers()
    owner.post(page_of(source), fill(shop, login="none", secret=""))
    source.refresh_from_db()

    assert SECRET not in shown
    assert SECRET.encode() not in first
    assert kept == ("till 2", first, {"Authorization": f"Bearer {SECRET}"})
    assert replaced == {"Authorization": "Bearer another"}
    assert (bytes(source.sealed_secret), find_login(source).make_headers()) == (b"", {})


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"secret": ""}, "This login needs a secret."),
        ({"login": "header"}, "This login needs the header's name, or the user."),
        ({"login": "header", "login_name": "X Key"}, "A header's name is letters, digits and hyphens"),
        ({"login": "header", "login_name": "Host"}, "Host is set by the call itself"),
        ({"login": "basic", "login_name": "till:1"}, "A user holds no colon"),
        ({"secret": "schlüssel"}, "this secret holds others"),
        ({"secret": "a\nb"}, "this secret holds others"),
        ({"url": "https://till:pw@till.shop.example/"}, "belong to the login, not into the address"),
        ({"url": "https://till.shop.example:99999/"}, "This is no address: Port out of range 0-65535."),
        ({"url": "nonsense"}, "Enter a valid URL."),
        ({"seconds": "1"}, "greater than or equal to 5"),
    ],
)
def test_what_could_never_work_is_refused_with_a_reason(
    owner: Client, shop: Merchant, changed: dict[str, str], told: str
) -> None:
    answer = owner.post(ADD, fill(shop, **changed))

    assert answer.status_code == 200
    assert told in unescape(answer.content.decode())
    assert not PollSource.objects.filter(merchant=shop).exists()


def test_whoever_may_change_an_address_does_not_get_the_secret_by_it(owner: Client, shop: Merchant) -> None:
    source = enter(owner, shop)

    refused = owner.post(page_of(source), fill(shop, url="https://thief.example/", secret=""))
    bare = owner.post(page_of(source), fill(shop, url="http://till.shop.example/events", secret=""))
    source.refresh_from_db()
    moved = owner.post(page_of(source), fill(shop, url="https://till.shop.example/v2", secret=""))

    assert "Enter the secret again: https://thief.example has not had it" in unescape(
        refused.content.decode()
    )
    assert "again: http://till.shop.example has not had it" in unescape(bare.content.decode())
    assert (refused.status_code, bare.status_code, moved.status_code) == (200, 200, 302)
    assert source.url == "https://till.shop.example/events"


@HERE
def test_the_test_button_shows_what_would_be_taken_and_takes_nothing(owner: Client, shop: Merchant) -> None:
    events: list[object] = [
        {"id": "e-1", "kind": "stock", "sku": "LAMP", "quantity": 6},
        {"id": "e-2", "kind": "stock", "sku": "LAMP"},
    ]

    def guarded(path: str, headers: Mapping[str, str]) -> Answer:
        known = headers.get("authorization") == f"Bearer {SECRET}"
        return say({"events": events, "next": "7"}) if known else Answer(status=401)

    with answering(guarded) as url:
        source = enter(owner, shop, url=f"{url}/events")
        works = try_it(owner, source)
        owner.post(page_of(source), fill(shop, url=f"{url}/events", secret="old"))
        refused = try_it(owner, source)

    assert "It works, and not all of it can be taken" in works
    assert f"GET {url}/events" in works
    assert "Authorization: ••••••" in works
    assert (
        "1 event, 1 refused; the next question goes on after <code>7</code>. None of it was applied." in works
    )
    assert "e-1: LAMP" in works
    assert "2. e-2: " in works
    assert "give quantity or availability" in works
    assert "It does not work yet" in refused
    assert "It answered 401: it does not know us by this login." in refused
    assert not any(secret in page for page in (works, refused) for secret in (SECRET, "old</code>"))
    source.refresh_from_db()
    assert (source.cursor, source.asked_at, source.outcome) == ("", None, "")
    assert not ShopEvent.objects.filter(merchant=shop).exists()


def test_a_private_address_is_not_asked(owner: Client, shop: Merchant) -> None:
    asked: list[str] = []

    def note(path: str, _headers: Mapping[str, str]) -> Answer:
        asked.append(path)
        return say([])

    with answering(note) as url:
        source = enter(owner, shop, url=url)
        told = try_it(owner, source)

    assert "127.0.0.1 is a private address, which the operator did not allow" in told
    assert asked == []


def test_the_list_shows_a_refusal_and_another_shops_address_is_not_tried(
    owner: Client, shop: Merchant, client: Client
) -> None:
    source = enter(owner, shop)
    PollSource.objects.filter(pk=source.pk).update(
        outcome="It answered 401: it does not know us by this login."
    )

    assert "It answered 401: it does not know us by this login." in owner.get(LIST).content.decode()
    assert client.post(reverse("admin:catalog_pollsource_try", args=[source.pk])).status_code == 302
    assert owner.get(reverse("admin:catalog_pollsource_try", args=[source.pk])).status_code == 405


@pytest.mark.parametrize(
    ("changed", "cursor"),
    [({"url": "https://other.shop.example/events"}, ""), ({"seconds": "90"}, "41")],
    ids=["another address", "another pace"],
)
def test_another_address_is_asked_from_its_beginning(
    owner: Client, shop: Merchant, changed: dict[str, str], cursor: str
) -> None:
    source = enter(owner, shop)
    PollSource.objects.filter(pk=source.pk).update(cursor="41")

    assert owner.post(page_of(source), fill(shop, **changed)).status_code == 302

    source.refresh_from_db()
    assert source.cursor == cursor
