"""What one address can hold of those who tell: one worker at a time, ten messages, and once a rest where it hangs."""

import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Merchant
from commerce_agent.models import Listener, Operator, Sending
from commerce_agent.webhooks import outgoing
from commerce_agent.webhooks.noting import note_happenings
from commerce_agent.webhooks.outgoing import LEASE, MOST_AT_ONCE, MOST_OF_ONE, claim_due, deliver
from tests.strange_system import Answer, answering
from tests.webhooks.test_outgoing import ALL, happen, listen


@pytest.fixture(autouse=True)
def nearby(settings: object) -> None:
    settings.CONNECTOR_PRIVATE_NETWORKS = ["127.0.0.0/8"]  # type: ignore[attr-defined]


def test_one_for_whom_much_waits_keeps_no_other_waiting(shop: Merchant) -> None:
    now = datetime.now(UTC)
    listen(shop, url="http://127.0.0.1:9/much", kinds=["person.asked"])
    listen(shop, url="http://127.0.0.1:9/little", kinds=["order.placed"])
    much = [happen(shop, seq=number) for number in range(MOST_AT_ONCE + 10)]
    note_happenings(much, now=now - timedelta(seconds=30))
    note_happenings([happen(shop, kind="order.placed")], now=now)

    claimed = claim_due(now=now)

    urls = [each.url.rpartition("/")[2] for each in claimed]
    assert sorted(urls) == ["little", *["much"] * MOST_OF_ONE]
    # And while they are being told, no other worker turns to either.
    assert claim_due(now=now) == ()


def test_an_address_that_hangs_is_left_alone_and_then_tried_with_one_message(
    shop: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "SECONDS", 0.2)
    answers = threading.Event()

    def hang(_path: str, _headers: Mapping[str, str]) -> Answer:
        answers.wait(30)
        return Answer(status=204)

    with answering(hang) as url:
        listen(shop, url=url)
        note_happenings([happen(shop, seq=number) for number in range(30)], now=datetime.now(UTC))
        begun = datetime.now(UTC)

        def go_round(minutes: float) -> int:
            now = begun + timedelta(minutes=minutes)
            return deliver(claim_due(now=now), now=lambda: now)

        rounds = [go_round(minutes) for minutes in (0, 0.9, 1.1, 5.9, 6.2, 20.9, 21.3)]
        answers.set()
        monkeypatch.setattr(outgoing, "SECONDS", 20.0)
        back = [go_round(36.4) for _ in range(3)]

    # Ten at first; after a minute, five and fifteen one each; once it answers, all that is due.
    assert rounds == [MOST_OF_ONE, 0, 1, 0, 1, 0, 1]
    assert back == [1, MOST_OF_ONE, MOST_OF_ONE]
    assert Listener.objects.values_list("hangs", "held_until").get(merchant=shop) == (0, None)
    assert Sending.objects.filter(merchant=shop, state="delivered").count() == sum(back)


@pytest.fixture
def boss() -> Client:
    client = Client()
    client.force_login(Operator.objects.create_superuser(f"boss-{uuid4().hex[:8]}", password="x"))
    return client


def read_hold(listener: Listener) -> tuple[int, datetime | None]:
    hangs, held_until = Listener.objects.values_list("hangs", "held_until").get(pk=listener.pk)
    return hangs, held_until


def test_a_test_ends_no_other_workers_hold_but_the_rest_of_one_that_is_back(
    shop: Merchant, boss: Client
) -> None:
    now = datetime.now(UTC)
    with answering(lambda _path, _headers: Answer(status=204)) as url:
        listener, _ = listen(shop, url=url)
        note_happenings([happen(shop)], now=now)
        assert len(claim_due(now=now)) == 1

        boss.post(reverse("admin:commerce_agent_listener_try", args=[listener.pk]))
        held = read_hold(listener)
        Listener.objects.filter(pk=listener.pk).update(hangs=2, held_until=now + timedelta(minutes=15))
        boss.post(reverse("admin:commerce_agent_listener_try", args=[listener.pk]))

    assert held == (0, now + LEASE)
    assert read_hold(listener) == (0, None)


def test_whoever_outstayed_a_claim_ends_not_the_next_ones(shop: Merchant) -> None:
    begun = datetime.now(UTC)
    late = begun + LEASE + timedelta(seconds=1)
    with answering(lambda _path, _headers: Answer(status=204)) as url:
        listener, _ = listen(shop, url=url)
        note_happenings([happen(shop)], now=begun)
        first = claim_due(now=begun)
        assert len(claim_due(now=late)) == len(first) == 1

        deliver(first, now=lambda: late)

    assert read_hold(listener) == (0, late + LEASE)


def test_a_rest_ends_where_the_address_is_mended_or_somebody_asks_for_it_again(
    shop: Merchant, boss: Client
) -> None:
    now = datetime.now(UTC)
    until = now + timedelta(minutes=15)
    listener, _ = listen(shop, url="http://127.0.0.1:9/before")
    note_happenings([happen(shop)], now=now)
    change = reverse("admin:commerce_agent_listener_change", args=[listener.pk])
    form = {"name": "desk", "url": listener.url, "kinds": ALL, "active": "on"}

    def rest_and(address: str, said: dict[str, object]) -> tuple[int, datetime | None]:
        Listener.objects.filter(pk=listener.pk).update(hangs=2, held_until=until)
        assert boss.post(address, said).status_code == 302
        return read_hold(listener)

    renamed = rest_and(change, {**form, "name": "help desk"})
    moved = rest_and(change, {**form, "url": "http://127.0.0.1:9/after"})
    off = rest_and(change, {**form, "url": "http://127.0.0.1:9/after", "active": ""})
    on = rest_and(change, {**form, "url": "http://127.0.0.1:9/after"})
    rows = [str(pk) for pk in Sending.objects.filter(merchant=shop).values_list("pk", flat=True)]
    chosen: dict[str, object] = {"action": "again", "_selected_action": rows}
    again = rest_and(reverse("admin:commerce_agent_sending_changelist"), chosen)

    assert (renamed, off) == ((2, until), (2, until))
    assert (moved, on) == ((0, None), (0, None))
    # It is tried with one message, as after each rest.
    assert again == (2, None)
