"""What one address can hold of those who tell: one worker at a time, ten messages, and once a rest where it hangs."""

import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from catalog.models import Merchant
from commerce_agent.models import Listener, Sending
from commerce_agent.webhooks import outgoing
from commerce_agent.webhooks.noting import note_happenings
from commerce_agent.webhooks.outgoing import MOST_AT_ONCE, MOST_OF_ONE, claim_due, deliver
from tests.strange_system import Answer, answering
from tests.webhooks.test_outgoing import happen, listen


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
